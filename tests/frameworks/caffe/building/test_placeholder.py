"""Where Caffe was not built, its column says why."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile

import pytest

from fwconformance.frameworks import Unavailable
from fwconformance.frameworks.caffe import create
from fwconformance.frameworks.caffe.building import placeholder
from fwconformance.registry._versions import same_release

REASON = "build packages missing: cmake. Install them with `apt-get install 'cmake'`"


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """The placeholder, unpacked on the path."""
    with zipfile.ZipFile(str(placeholder(REASON, tmp_path))) as wheel:
        wheel.extractall(str(tmp_path / "site"))
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    for name in [name for name in sys.modules if name.split(".")[0] == "caffe"]:
        monkeypatch.delitem(sys.modules, name)
    yield tmp_path / "site"
    sys.modules.pop("caffe", None)


@pytest.mark.usefixtures("installed")
def test_the_adapter_is_unavailable_for_the_reason_given():
    with pytest.raises(Unavailable) as caught:
        create()
    assert str(caught.value) == REASON


def test_its_version_is_a_local_one_of_the_release(installed):
    ask = "from importlib.metadata import version; print(version('caffe'))"
    done = subprocess.run(
        [sys.executable, "-c", ask],
        # Python 3.8 finds no metadata in the current folder.
        env={**os.environ, "PYTHONPATH": str(installed)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "1.0.0+not.built"
    assert same_release(done.stdout.strip(), "1.0.0")
