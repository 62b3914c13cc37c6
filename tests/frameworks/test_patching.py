"""A replaced attribute is there inside only, and afterwards everything is as before."""

from __future__ import annotations

import json

import pytest

from fwconformance.frameworks._patching import planted, replaced


class Parent:
    name = "parent's"

    @classmethod
    def own(cls):
        return cls.name


class Child(Parent):
    pass


def test_it_is_replaced_by_what_is_made_of_the_original():
    with replaced(Child, "name", lambda original: f"not {original}"):
        assert Child.name == "not parent's"
        assert Parent.name == "parent's"


def test_an_inherited_attribute_is_inherited_again_after_an_error():
    with pytest.raises(RuntimeError), replaced(Child, "name", lambda original: f"not {original}"):
        raise RuntimeError
    assert Child.name == "parent's"
    assert "name" not in vars(Child)


def test_a_class_method_of_its_own_is_one_again():
    before = vars(Parent)["own"]
    with replaced(Parent, "own", lambda _original: "replaced"):
        assert Parent.own == "replaced"
    assert vars(Parent)["own"] is before
    assert Child.own() == "parent's"


def test_a_fault_is_planted_by_module_and_path():
    """Nothing is imported or changed before it is applied."""
    apply = planted("json", "JSONDecoder.decode", lambda original: lambda *given: [original(*given)])
    assert json.loads("1") == 1
    with apply():
        assert json.loads("1") == [1]
    assert json.loads("1") == 1
