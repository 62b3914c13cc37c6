"""docs.docstring-coverage: measured in a process of its own, and refused where nothing was walked."""

from __future__ import annotations

import pytest

from fwconformance.evidence import Level
from fwconformance.frameworks._idiomatic import ROOTS, Idiom
from fwconformance.suitekit import check_documented

SOURCE = "def documented_{0}():\n    '''It does a thing.'''\ndef bare_{0}(): ...\n"


class OneOfOurs:
    name, backend, device = "sample", "", "cpu"


@pytest.fixture
def case(make_case):
    return make_case("docs.docstring-coverage", "public-api")


@pytest.fixture
def module(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setitem(ROOTS, "sample", ("sample_of_ours",))
    return tmp_path / "sample_of_ours.py"


def test_the_share_is_a_figure(case, module):
    """Half of sixty."""
    module.write_text("".join(SOURCE.format(number) for number in range(30)))
    check_documented(case, OneOfOurs())
    assert (case.figures["coverage"].value, case.figures["public names"].value) == (0.5, 60.0)
    assert case.stated is Level.HARDWARE


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def one():\n    '''It does a thing.'''\n", "1 public names, fewer than 30"),
        ("".join(f"def f{number}(): ...\n" for number in range(40)), "none of the 40 public names"),
        ("raise RuntimeError('no such library')\n", "no such library"),
    ],
)
def test_what_was_not_walked_has_no_share(case, module, text, said):
    """Too few names, no docstring at all, a package that cannot be imported."""
    module.write_text(text)
    with pytest.raises(AssertionError, match=said):
        check_documented(case, OneOfOurs())
    assert "coverage" not in case.figures


def test_a_fault_is_planted_before_the_import_is_walked(case, module, monkeypatch):
    module.write_text("".join(SOURCE.format(number) for number in range(30)))
    monkeypatch.setattr(Idiom, "prelude", "import sample_of_ours\nsample_of_ours.__all__ = []\n")
    with pytest.raises(AssertionError, match="0 public names"):
        check_documented(case, OneOfOurs())
