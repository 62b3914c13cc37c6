"""How alike two programs are, names mapped."""

from __future__ import annotations

import pytest

from fwconformance.suitekit._likeness import likeness, words

KERAS = "import keras\nfrom keras import layers\nmodel = keras.Sequential([layers.Dense(3)])\n"
TORCH = "from torch import nn\nnet = nn.Sequential([nn.Linear(7)])\n"


def test_names_become_what_they_stand_for():
    """Chains as a whole, methods by themselves, the program's own names and numbers not at all."""
    expected = ["name", "=", "Sequential", "(", "[", "Dense", "(", "number", ")", "]", ")"]
    assert words(KERAS, "keras") == expected
    assert words(TORCH, "pytorch") == expected
    assert words("import torch\nloss.backward('a')\n", "pytorch") == ["name", ".", "gradients", "(", "text", ")"]


def test_a_name_without_a_meaning_is_taken_by_its_last_part():
    assert words("import torch\nx = torch.special.erf(y)\n", "pytorch") == ["name", "=", "erf", "(", "name", ")"]


def test_the_same_program_in_other_names_is_alike_altogether():
    assert likeness((KERAS, "keras"), (TORCH, "pytorch")) == 1.0


def test_it_is_the_same_both_ways_and_less_for_a_program_of_another_form():
    other = "import caffe\nn = caffe.NetSpec()\nn.data = 1\nwith open('a') as f:\n    f.write(n)\n"
    assert likeness((KERAS, "keras"), (other, "caffe")) == likeness((other, "caffe"), (KERAS, "keras"))
    assert 0 < likeness((KERAS, "keras"), (other, "caffe")) < 0.7


@pytest.mark.parametrize("changed", ["import keras\nmodel = keras.Sequential([])\n", "import keras\n"])
def test_what_is_missing_makes_it_less_alike(changed):
    assert likeness((KERAS, "keras"), (changed, "keras")) < 1.0
