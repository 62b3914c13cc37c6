"""The shared library that programs in other languages load: found in a package, or named as missing."""

from __future__ import annotations

import pytest

from fwconformance.frameworks import Unavailable
from fwconformance.runtimes import Packaged, _library, onnxruntime_library


@pytest.fixture
def package(tmp_path, monkeypatch):
    """The folder `capi` of a package onnxruntime 9.8.7 in which the tests put files."""
    folder = tmp_path / "onnxruntime" / "capi"
    folder.mkdir(parents=True)
    found = Packaged(version="9.8.7", paths=(tmp_path / "onnxruntime" / "__init__.py",))
    monkeypatch.setattr(_library, "packaged", lambda *_: found)
    return folder


@pytest.mark.parametrize("name", ["libonnxruntime.so.9.8.7", "libonnxruntime.9.8.7.dylib", "onnxruntime.dll"])
def test_it_is_found_under_each_systems_name(package, name):
    """Beside the libraries of providers, which are not it."""
    for each in (name, "libonnxruntime_providers_shared.so", "onnxruntime_providers_shared.dll"):
        (package / each).touch()
    found = onnxruntime_library()
    assert (found.path, found.version) == (package / name, "9.8.7")


def test_a_package_without_one_is_named(package):
    (package / "libonnxruntime_providers_shared.so").touch()
    with pytest.raises(Unavailable, match=r"onnxruntime 9\.8\.7 holds no shared library.*install onnxruntime=="):
        onnxruntime_library()
