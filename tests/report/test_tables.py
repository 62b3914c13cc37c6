"""Tables, and texts in their cells."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fwconformance.report._tables import escape, link, table


@given(st.text())
@example("\\|")
def test_no_text_breaks_out_of_a_table_cell(text):
    """One line; every bar escaped by an odd number of backslashes; no tag."""
    cell = escape(text)
    assert "\n" not in cell
    assert "<" not in cell
    for bar in re.finditer(r"(\\*)\|", cell):
        assert len(bar.group(1)) % 2 == 1


@given(st.text(min_size=1), st.integers(2, 60))
def test_a_cut_reason_is_no_longer_than_asked(text, length):
    """Before escaping, the cut text is at most that long, and says that it was cut."""
    words = escape(text, length)
    plain = words.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")
    assert len(re.sub(r"\\(.)", r"\1", plain)) <= length


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://example.org/a b", "https://e.org/)|x", ""])
def test_what_is_no_plain_address_is_no_link(url):
    """It is shown, not linked."""
    assert "](" not in link("title", url)


def test_a_table_aligns_what_it_is_told_to():
    """Numbers to the right."""
    assert table(["a", "b"], [["x", "1"]], right=[1]) == "| a | b |\n| --- | ---: |\n| x | 1 |"
