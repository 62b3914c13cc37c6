"""What --only takes beside capabilities and cases: groups."""

from __future__ import annotations

import pytest

from fwconformance.cli._errors import CommandError
from fwconformance.cli._only import expanded
from fwconformance.registry import load_registry


@pytest.fixture(scope="module")
def registry():
    return load_registry()


def test_a_group_is_its_active_capabilities(registry):
    found = expanded(["binding.java.*"], registry)
    assert "binding.java.install" in found
    assert len(found) == 8
    assert all(name.startswith("binding.java.") for name in found)


def test_a_case_goes_with_each_of_a_group(registry):
    assert "binding.java.install:community" in expanded(["binding.java.*:community"], registry)


def test_what_is_no_group_is_left_as_it_is_and_named_once(registry):
    given = ["rnn.lstm", "train.adam:three-steps", "rnn.lstm", "nonsense"]
    assert expanded(given, registry) == ["rnn.lstm", "train.adam:three-steps", "nonsense"]


def test_a_group_without_a_test_is_an_error_that_says_where_they_are_listed(registry):
    with pytest.raises(
        CommandError, match=r"--only binding\.fortran\.\*: no capability .* `fwconformance list capabilities`"
    ):
        expanded(["binding.fortran.*"], registry)
