"""Where the source of a build lies, for those who look into it afterwards."""

from __future__ import annotations

import pytest

from fwconformance.frameworks.caffe.building import _wheel, source_archive


@pytest.mark.parametrize("named", ["", "https://mirror/caffe.tar.gz"])
def test_it_is_where_a_build_keeps_it(named):
    """Also where the user named an address, from which the build took it."""
    found = source_archive({"FWCONFORMANCE_CAFFE_SOURCE": named})
    assert found.parent == _wheel.store() / "source"


def test_it_is_the_user_s_copy_where_there_is_one(tmp_path):
    copy = tmp_path / "mine.tar.gz"
    assert source_archive({"FWCONFORMANCE_CAFFE_SOURCE": str(copy)}) == copy
