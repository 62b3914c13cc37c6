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
        ("/srvice/x", "<path>/x"),
        ("File '/opt/py/lib/python3.11/site-packages/torch/nn.py'", "File 'site-packages/torch/nn.py'"),
        ("/usr/lib/python3/dist-packages/numpy/x.py", "site-packages/numpy/x.py"),
        ("/opt/py/lib/python3.11/json/decoder.py", "python/json/decoder.py"),
        ("/home/ada/x and /home/grace/y", "~/x and /home/<user>/y"),
        ("/Users/grace/y", "/Users/<user>/y"),
        ("/tmp/pytest-of-ada/pytest-3/x", "<tmp>/pytest-of-<user>/pytest-3/x"),
        ("/data/ada", "<path>/<user>"),
        ("runs/ada/weights", "runs/<user>/weights"),
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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/opt/people/alice/lib/libx.so: cannot open", "<path>/libx.so: cannot open"),
        ("No such file: '/work/secret/x'", "No such file: '<path>/x'"),
        ("'/opt/my people/alice/x y' is gone", "'<path>/x y' is gone"),
        ("PATH=/opt/a/b:/opt/c/d", "PATH=<path>/b:<path>/d"),
        ("cc -I/opt/a/include/x.h", "cc -I<path>/x.h"),
        ("file:///opt/alice/b.txt", "<path>/b.txt"),
        (r"C:\Program Files\alice\x.dll is bad", "<path>/x.dll is bad"),
        (r"'D:\\work\\alice\\x.py'", "'<path>/x.py'"),
        ("D:/work/alice/x", "<path>/x"),
        (r"\\server\people\alice\x", "<path>/x"),
    ],
)
def test_any_absolute_path(text, expected):
    """Of a path that nobody knows, its last component is left."""
    assert SCRUB(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "see https://github.com/keras-team/keras/issues/1",
        "and/or 1/2, N/A, (a + b)/c/d, x[0]/y/z, 100%/a/b",
        "/ or // or /x",
        "/job:localhost/replica:0/task:0/device:CPU:0",
        "suites/layers/test_dense.py, ./a/b, ../c/d, ~/e/f",
        r"bytes '\\x1b\\x00', pattern '\d+\w'",
        "nn.BatchNorm follows 'unbiased': measured 2 / (n - 1) with n = 3, and 1.5 at axis -1",
        "sequential/dense/kernel:0 has shape (2, 3) / (3,)",
    ],
)
def test_no_path(text):
    """What is no absolute path stays as it is."""
    assert SCRUB(text) == text


@pytest.mark.parametrize(
    ("host", "text", "expected"),
    [
        (
            "box-17",
            "at box-17:80, BOX-17; not box-170 or sandbox-17",
            "at <host>:80, <host>; not box-170 or sandbox-17",
        ),
        ("vm", "the vm is old", "the vm is old"),
        ("torch", "torch is missing", "torch is missing"),
        ("123", "123 elements", "123 elements"),
    ],
)
def test_host_name(host, text, expected):
    """The machine's name is told from a word of the message: it is no number, no term, and not too short."""
    assert Scrubber([], hosts=[host])(text) == expected


def test_this_host_is_scrubbed(monkeypatch):
    """Both forms of this machine's name."""
    monkeypatch.setattr("socket.gethostname", lambda: "ox9.example.org")
    scrub = scrubber(suites="/x/suites", package="/x/fwconformance", working="/x")
    assert scrub("ox9.example.org, ox9") == "<host>, <host>"


def test_unprintable_characters():
    """What os.fsdecode() makes of a name that is no UTF-8, NUL and ESC are not passed on."""
    assert SCRUB("a\udcffb\0c\x1b[31md\u202ee") == "a\ufffdb\ufffdc\ufffd[31md\ufffde"


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
