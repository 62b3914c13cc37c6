"""What the tests of the libraries share: an index of small wheels, and entries of the list for them."""

from __future__ import annotations

import shutil
import sys
import zipfile

import pytest

from fwconformance.libraries import Held, Library

HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"


def _write_wheel(folder, name, version, *, requires=(), code="", tag="py3-none-any"):
    """A wheel of one module, as an index would give it."""
    stem = f"{name.replace('-', '_')}-{version}"
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", f"Summary: {name} in one line"]
    lines += [f"Requires-Dist: {each}" for each in requires]
    with zipfile.ZipFile(folder / f"{stem}-{tag}.whl", "w") as wheel:
        wheel.writestr(f"{name.replace('-', '_')}.py", code)
        wheel.writestr(f"{stem}.dist-info/METADATA", "\n".join(lines) + "\n")
        wheel.writestr(f"{stem}.dist-info/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n")
        wheel.writestr(f"{stem}.dist-info/RECORD", "")


@pytest.fixture
def index(tmp_path):
    """A folder of wheels, with a framework of version 2.0 and one of 1.0."""
    folder = tmp_path / "index"
    folder.mkdir()
    for version in ("1.0", "2.0"):
        _write_wheel(folder, "frame", version)
    return folder


@pytest.fixture
def uv():
    """Path of uv; the tests that install need it."""
    found = shutil.which("uv")
    if found is None:
        pytest.skip("uv is not installed here: tox -e tests has it")
    return found


def _entry(requirement, **changes):
    """An entry of the list for a library of the framework `frame`."""
    given = {
        "area": "training",
        "framework": "pytorch",
        "slot": "first",
        "requirement": requirement,
        "rank": 0,
        "released": "2026-01",
        "beside": (),
        "afterwards": (),
        "job": "Counts.",
        "held": Held(distribution="frame", requirements=("frame==2.0",), pythons=(HERE,)),
        "checked": "2026-11-29",
    }
    return Library(**{**given, **changes})


@pytest.fixture
def entry():
    """Makes an entry of the list: its requirement, and what else differs from the default."""
    return _entry


@pytest.fixture
def write_wheel():
    """Writes a wheel into a folder."""
    return _write_wheel
