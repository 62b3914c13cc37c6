"""Text that every terminal, file and browser takes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fwconformance.shards import ShardError, observation_line, printable, read_shard
from fwconformance.shards._lines import header_line

ANYTHING = st.text(st.characters(exclude_categories=()))


@given(ANYTHING)
def test_printable_text_can_be_shown_and_written(text):
    """It is one line that can be encoded; text of an ordinary kind stays, and so does what was cleaned once."""
    said = printable(text)
    said.encode("utf-8")
    assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for character in said)
    assert printable(said) == said


@pytest.fixture
def journal(world, tmp_path):
    """Writes a journal of one observation, with `changes` in its record."""

    def write(**changes):
        shard = world.shard(only=("layers.dense",))
        record = {**json.loads(observation_line(shard.observations[0])), **changes}
        path = tmp_path / "hand-made.jsonl"
        path.write_text(header_line(shard.header) + json.dumps(record) + "\n", encoding="ascii")
        return path

    return write


def test_a_message_is_cleaned(journal):
    """A hand-made message with half a character and with ESC can be published all the same."""
    (observation,) = read_shard(journal(message="a\udcffb\x1b[0m\nc")).observations
    assert observation.message == "a\ufffdb\ufffd[0m c"


def test_half_a_character_elsewhere_is_refused(journal):
    """A device, or a figure's name, cannot be guessed: the error names file and line."""
    with pytest.raises(ShardError, match=r"hand-made\.jsonl:2: the observation holds half a character"):
        read_shard(journal(device_observed=["cpu\ud800"]))


def test_characters_of_two_escapes_are_whole(journal):
    """JSON escapes characters beyond the first plane as two surrogates."""
    figures = {"\U0001f600": {"value": 1.0, "unit": "1"}}
    (observation,) = read_shard(journal(figures=figures)).observations
    assert list(observation.figures) == ["\U0001f600"]
