"""Records as lines: the hand-written serialisation says what `json.dumps` would."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fwconformance.evidence import Figure, Key, Level, Observation, Outcome
from fwconformance.shards import observation_line, start_line

numbers = st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(max_size=20)
keys = st.builds(
    Key,
    environment=st.just("e"),
    label=st.just("l"),
    framework=st.just("f"),
    backend=st.just(""),
    device=st.just("cpu"),
    capability=texts,
    case=texts,
)
figures = st.builds(Figure, value=numbers, unit=texts, low=st.none() | numbers, high=st.none() | numbers)
observations = st.builds(
    Observation,
    key=keys,
    attempt=st.integers(1, 9),
    outcome=st.sampled_from(Outcome),
    level=st.none() | st.sampled_from(Level),
    message=texts,
    figures=st.dictionaries(texts, figures, max_size=3),
    device_observed=st.lists(texts, max_size=2).map(tuple),
    duration=st.none() | numbers,
    finding=st.none() | texts,
    details=st.dictionaries(texts, st.dictionaries(texts, texts, min_size=1, max_size=2), max_size=2),
)


@given(observations)
def test_observation_line_is_its_json(observation):
    """One line, sorted keys, ASCII, the same content as the observation's own JSON."""
    line = observation_line(observation)
    assert line.isascii()
    assert line.count("\n") == 1
    payload = {"record": "observation", **observation.to_json()}
    assert json.loads(line) == payload
    assert line == json.dumps(payload, sort_keys=True, separators=(",", ":")) + "\n"


@given(texts, texts, st.integers(1, 9))
def test_start_line_is_its_json(capability, case, attempt):
    payload = {"attempt": attempt, "capability": capability, "case": case, "record": "start"}
    assert start_line(capability, case, attempt) == json.dumps(payload, sort_keys=True, separators=(",", ":")) + "\n"


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_no_number_that_json_lacks(value):
    """NaN and infinities are refused, in figures and durations."""
    key = Key(environment="", label="", framework="", backend="", device="", capability="a", case="b")
    with pytest.raises(ValueError, match="finite"):
        observation_line(Observation(key=key, outcome=Outcome.PASSED, duration=value))
    with pytest.raises(ValueError, match="finite"):
        observation_line(Observation(key=key, outcome=Outcome.PASSED, figures={"x": Figure(value=value, unit="1")}))
