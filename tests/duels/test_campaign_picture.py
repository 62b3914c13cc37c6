"""The picture of campaigns."""

from __future__ import annotations

import re

import pytest

from fwconformance.duels import render_campaigns
from fwconformance.report import MARK, OTHER

pytest.importorskip("matplotlib", reason="the extra `duels` brings it")
pytest.importorskip("scipy", reason="the extra `duels` brings it")


@pytest.fixture
def slowed(duel, contestant):
    def make(low, high, *, on_b=False):
        sides = [contestant(extra=0.05), contestant()]
        a, b = sides[::-1] if on_b else sides
        return duel(a=a, b=b, low=low, high=high, ratio=(low * high) ** 0.5)

    return make


def lines(picture, colour):
    return re.findall(rf'd="M ([\d.]+) [\d.]+ \nL ([\d.]+) [\d.]+ \n?" [^>]*stroke: {colour}', picture.decode())


def test_what_is_called_different_stands_out(slowed):
    picture = render_campaigns([slowed(1.03, 1.06), slowed(0.99, 1.06), slowed(0.98, 1.07)])
    assert (len(lines(picture, MARK)), len(lines(picture, OTHER))) == (2, 1)
    assert "one side slowed by 5%: 1 of 3 called different" in picture.decode()


def test_the_slowed_side_is_over_the_other_whichever_it_was(slowed):
    """So that all intervals of a campaign lie about one line."""
    ours, turned = (
        lines(render_campaigns([each]), OTHER) for each in (slowed(1.03, 1.06), slowed(1 / 1.06, 1 / 1.03, on_b=True))
    )
    assert ours == turned


def test_controls_are_left_out(duel):
    assert "called different" not in render_campaigns([duel()]).decode()


def test_intervals_beyond_the_picture_end_in_an_arrow_and_are_counted(slowed):
    """Cut off without a word, one that reaches to 2 would look like one that reaches to 1.35."""
    inside, above, both = slowed(1.03, 1.06), slowed(1.1, 2.0), slowed(0.5, 1.5)
    assert "beyond" not in render_campaigns([inside]).decode()
    picture = render_campaigns([inside, above, both]).decode()
    assert "2 of 3 called different; 2 beyond 0.75 or 1.35" in picture
    # A panel with ticks alone has markers of one kind less for each arrow.
    arrows = [render_campaigns([each]).decode().count("<use") for each in (inside, above, both)]
    assert [count - arrows[0] for count in arrows] == [0, 1, 2]
    ends = [float(end) for line in lines(picture.encode(), OTHER) + lines(picture.encode(), MARK) for end in line]
    assert len({end for end in ends if end == max(ends)}) == 1
