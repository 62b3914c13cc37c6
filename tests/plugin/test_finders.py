"""Finders of the old way, which know `find_module` alone."""

from __future__ import annotations

import importlib.machinery
import sys

import pytest

from fwconformance.plugin._finders import give_specs


class Old:
    """As six 1.15 has one: it finds, and is the loader of what it finds."""

    def find_module(self, name, path=None):
        return self if name == "found_the_old_way" else None


@pytest.fixture
def old(monkeypatch):
    finder = Old()
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, finder])
    return finder


def test_old_finders_answer_with_a_spec_what_they_find(old):
    give_specs()
    spec = old.find_spec("found_the_old_way", None)
    assert isinstance(spec, importlib.machinery.ModuleSpec)
    assert spec.loader is old
    assert old.find_spec("another", ["a folder"]) is None


def test_others_are_left_as_they_are(old):
    before = [finder.find_spec for finder in sys.meta_path if finder is not old]
    give_specs()
    give_specs()
    assert [finder.find_spec for finder in sys.meta_path if finder is not old] == before
