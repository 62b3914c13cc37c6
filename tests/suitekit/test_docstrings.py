"""Which names are public, and which of them say what they are."""

from __future__ import annotations

import json
import subprocess
import sys
import types

import pytest

from fwconformance.suitekit import _docstrings
from fwconformance.suitekit._docstrings import TooLong, has_sentence, walk

SOURCE = '''
import json
import os as system
from json import dumps
from sample import inner

def told():
    """It does a thing."""

def untold(): ...

def _hidden():
    """It does a thing."""

class Kind:
    """One of its kind."""
    def method(self):
        """It does a thing."""
    def silent(self): ...
    def _own(self): ...
    @property
    def size(self):
        """How large it is."""

class Sub(Kind):
    """One of its kind."""

again = told
number = 3
'''


@pytest.fixture
def sample(tmp_path, monkeypatch):
    folder = tmp_path / "sample"
    folder.mkdir()
    (folder / "__init__.py").write_text(SOURCE)
    (folder / "inner.py").write_text('import sample\n\ndef deep():\n    """It goes deep down."""\n')
    (folder / "unloaded.py").write_text("def never(): ...\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield __import__("sample")
    for name in [name for name in sys.modules if name.split(".")[0] == "sample"]:
        del sys.modules[name]


def test_each_public_thing_counts_once(sample):
    """Not what is another package's, hidden, inherited, a number, or not loaded by the import."""
    assert walk(sample) == {
        "sample.Kind": True,
        "sample.Kind.method": True,
        "sample.Kind.silent": False,
        "sample.Kind.size": True,
        "sample.Sub": True,
        "sample.again": True,
        "sample.untold": False,
        "sample.inner.deep": True,
    }


def test_what_a_package_lists_is_what_is_public(sample):
    """Hidden names too, if it lists them."""
    sample.__all__ = ["untold", "_hidden", "gone"]
    assert walk(sample) == {"sample.untold": False, "sample._hidden": True}


def test_a_lazy_module_that_cannot_be_loaded_is_passed_over(sample):
    """As TensorFlow's for an older Keras, which does not even tell its name."""

    class Lazy(types.ModuleType):
        def __getattribute__(self, name):
            raise AttributeError(name)

    before = walk(sample)
    sample.lazy = Lazy("sample.lazy")
    assert walk(sample) == before


def test_a_walk_without_end_is_given_up(sample):
    with pytest.raises(TooLong, match="public names"):
        walk(sample, limit=-1.0)


@pytest.mark.parametrize(
    ("docstring", "has"),
    [
        (None, False),
        ("", False),
        ("TODO", False),
        ("It does a thing.", True),
        ("forward( (Net)arg1) -> None :\n\n    C++ signature :\n        void forward(Net {lvalue})", False),
        ("add(self: Tensor, other: Tensor) -> Tensor", False),
        ("add(self, other) -> Tensor\n\nAdds one to another.", True),
        (3, False),
    ],
)
def test_a_sentence_is_three_words_that_are_no_signature(docstring, has):
    thing = types.SimpleNamespace(__doc__=docstring)
    assert has_sentence(thing) is has


def test_it_runs_as_a_script_where_nothing_else_is_imported():
    """On the standard library's json, which says what each function does."""
    done = subprocess.run([sys.executable, _docstrings.__file__, "json"], stdout=subprocess.PIPE, check=True)
    found = json.loads(done.stdout)
    assert found["names"] >= found["documented"] > 5
