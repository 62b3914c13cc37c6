"""Names of environments are plain."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fwconformance.evidence import environment_name

FIRST = string.ascii_letters + string.digits + "_"


@pytest.mark.parametrize("name", ["torch-cpu", "keras_3.15", "_own", "3"])
def test_plain_names_are_taken_as_they_are(name):
    assert environment_name(name) == name


@pytest.mark.parametrize("name", ["", ".", "..", "../..", "-x", ".hidden", "a b", "a/b", "a\\b", "a:b", "a\n", "é"])
def test_others_are_refused_saying_what_to_use(name):
    with pytest.raises(ValueError, match="use letters, digits"):
        environment_name(name)


@given(st.text())
def test_a_name_taken_is_a_single_part_of_a_path(name):
    try:
        environment_name(name)
    except ValueError:
        return
    assert name[0] in FIRST
    assert set(name) <= set(FIRST + ".-")
