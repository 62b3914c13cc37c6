"""Messages without machine paths, user names and addresses."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fwconformance.plugin._scrub import LIMIT, Scrubber, scrubber

SCRUB = Scrubber([("/srv/suites", "suites"), ("/srv", "."), ("/home/ada", "~"), ("/tmp", "<tmp>")], user="ada")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("in /srv/suites/test_a.py, line 3", "in suites/test_a.py, line 3"),
        ("/srv/other.txt", "./other.txt"),
        ("/srvice/x", "/srvice/x"),
        ("File '/opt/py/lib/python3.11/site-packages/torch/nn.py'", "File 'site-packages/torch/nn.py'"),
        ("/usr/lib/python3/dist-packages/numpy/x.py", "site-packages/numpy/x.py"),
        ("/opt/py/lib/python3.11/json/decoder.py", "python/json/decoder.py"),
        ("/home/ada/x and /home/grace/y", "~/x and /home/<user>/y"),
        ("/Users/grace/y", "/Users/<user>/y"),
        ("/tmp/pytest-of-ada/pytest-3/x", "<tmp>/pytest-of-<user>/pytest-3/x"),
        ("/data/ada/weights", "/data/<user>/weights"),
        ("ada gradient", "ada gradient"),
        ("<object at 0x7f12ab34cd56>", "<object at 0x...>"),
        ("a\n  b\tc", "a b c"),
        ("1/2 of 3/4", "1/2 of 3/4"),
        ("shape (2, 3) / (3,)", "shape (2, 3) / (3,)"),
    ],
)
def test_scrubbed(text, expected):
    """Each kind of path has its stand-in; what only looks like one stays."""
    assert SCRUB(text) == expected


def test_own_machine_is_scrubbed(tmp_path):
    """This machine's working, temporary and home folders do not get through."""
    scrub = scrubber(suites="/x/suites", package="/x/fwconformance", working=str(tmp_path), temporary="")
    said = scrub(f"{tmp_path}/a {tempfile.gettempdir()}/b {Path('~').expanduser()}/c")
    assert said == "./a <tmp>/b ~/c"


@given(st.text())
def test_one_line_of_bounded_length(text):
    """Whatever an exception says, the message is one line and not endless; scrubbing it again changes nothing."""
    said = SCRUB(text * 20)
    assert "\n" not in said
    assert len(said) <= LIMIT
    assert SCRUB(said) == said
