"""Files that distributions ship: found where they are installed, and what is said where they are not."""

from __future__ import annotations

import sys

import pytest

from fwconformance.frameworks import Unavailable
from fwconformance.runtimes import VARIABLE, packaged, pictures


@pytest.fixture(autouse=True)
def here(monkeypatch):
    monkeypatch.setenv(VARIABLE, sys.executable)


def test_files_are_found():
    """With the version of the distribution."""
    found = packaged("pytest", "8.3", ["pytest/__init__.py"])
    assert found.version == pytest.__version__
    assert found.paths[0].samefile(pytest.__file__)


def test_a_distribution_that_is_nowhere():
    """The message names what to install, and how."""
    with pytest.raises(Unavailable, match=r"no-such-thing-zoo==1.0.*tox -e runtimes.*no distribution"):
        packaged("no-such-thing-zoo", "1.0", ["weights"])


def test_a_file_that_is_not_shipped():
    with pytest.raises(Unavailable, match=r"pytest \S+ ships no weights.caffemodel"):
        packaged("pytest", "8.3", ["pytest/weights.caffemodel"])


def test_pictures_that_are_nowhere():
    """The message names the package."""
    with pytest.raises(Unavailable, match=r"no-such-gallery==1\.0"):
        pictures("no-such-gallery", "1.0", ["a.png"])
