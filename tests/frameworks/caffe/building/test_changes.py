"""Changes fit the source, or nothing is changed."""

from __future__ import annotations

import pytest

from fwconformance.frameworks.caffe.building import BuildError
from fwconformance.frameworks.caffe.building._changes import Change, apply


def change(old, times=1):
    return Change(file="a.py", old=old, new="new", because="a test", times=times)


def test_a_change_is_made_at_each_of_its_places(tmp_path):
    (tmp_path / "a.py").write_text("old and old\n")
    apply(tmp_path, (change("old", times=2),))
    assert (tmp_path / "a.py").read_text() == "new and new\n"


@pytest.mark.parametrize("old", ["gone", "twice"])
def test_a_change_that_does_not_fit_leaves_every_file_as_it_was(tmp_path, old):
    (tmp_path / "a.py").write_text("old twice twice\n")
    with pytest.raises(BuildError, match=f"a.py: '{old}' stands there"):
        apply(tmp_path, (change("old"), change(old)))
    assert (tmp_path / "a.py").read_text() == "old twice twice\n"


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(BuildError, match=r"no a\.py"):
        apply(tmp_path, (change("old"),))
