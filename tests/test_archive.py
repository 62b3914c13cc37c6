"""The archive of the wheel: what it is made of, and where and how it is unpacked."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import pytest

from fwconformance import _archive

CHECKOUT = Path(__file__).resolve().parents[1]
FILES = {"suites/test_a.py": "a = 1\n", "suites/inner/test_b.py": "b = 2\n", "fixtures/c.toml": "c = 3\n"}


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An archive of `FILES`, and a cache folder that does not exist yet."""
    source = tmp_path / "source"
    for name, text in FILES.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(text)
    archive = tmp_path / "content.zip"
    _archive.write_archive(archive, [(name, source / name) for name in ("suites", "fixtures")])
    monkeypatch.setattr(_archive, "ARCHIVE", archive)
    monkeypatch.setenv("FWCONFORMANCE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    return tmp_path / "cache"


def unpack():
    """As a fresh process does."""
    _archive.unpacked.cache_clear()
    try:
        return _archive.unpacked()
    finally:
        _archive.unpacked.cache_clear()


def content(folder):
    return {path.relative_to(folder).as_posix(): path.read_text() for path in _archive.files_below(folder)}


def test_cold(cache):
    """The first use unpacks it below the cache, under a name made of its content, and leaves nothing else."""
    folder = unpack()
    assert content(folder) == FILES
    assert list(cache.iterdir()) == [folder]


def test_warm_writes_nothing(cache):
    """The second use finds it whole."""
    folder = unpack()
    before = {path: path.stat().st_mtime_ns for path in [folder, *folder.rglob("*")]}
    assert unpack() == folder
    assert {path: path.stat().st_mtime_ns for path in [folder, *folder.rglob("*")]} == before


def test_another_content_has_another_folder(cache, tmp_path):
    """Two releases side by side do not disturb one another."""
    first = unpack()
    (tmp_path / "source" / "suites" / "test_a.py").write_text("a = 2\n")
    _archive.write_archive(_archive.ARCHIVE, [("suites", tmp_path / "source" / "suites")])
    second = unpack()
    assert first != second
    assert content(first) == FILES


def spoil_changed(folder):
    (folder / "suites" / "test_a.py").write_text("a = 9\n")


def spoil_truncated(folder):
    (folder / "suites" / "test_a.py").write_text("")


def spoil_missing(folder):
    shutil.rmtree(folder / "suites" / "inner")


def spoil_added(folder):
    (folder / "suites" / "test_foreign.py").write_text("raise SystemExit\n")


def spoil_folder_for_file(folder):
    (folder / "fixtures" / "c.toml").unlink()
    (folder / "fixtures" / "c.toml").mkdir()


def spoil_file_for_folder(folder):
    shutil.rmtree(folder / "suites" / "inner")
    (folder / "suites" / "inner").write_text("")


@pytest.mark.parametrize(
    "spoil",
    [spoil_changed, spoil_truncated, spoil_missing, spoil_added, spoil_folder_for_file, spoil_file_for_folder],
)
def test_damage_is_repaired(cache, spoil):
    """Whatever was changed, taken away or put in, the next use has exactly what was shipped."""
    folder = unpack()
    spoil(folder)
    assert content(folder) != FILES
    assert unpack() == folder
    assert content(folder) == FILES


def test_bytecode_may_lie_there(cache):
    """Python's own cache is no damage."""
    folder = unpack()
    compiled = folder / "suites" / "__pycache__" / "test_a.cpython-311.pyc"
    compiled.parent.mkdir()
    compiled.write_bytes(b"x")
    unpack()
    assert compiled.is_file()


def test_a_killed_unpacking_does_not_count(cache):
    """Half an unpacking lies under another name, and is swept once it is old."""
    old, young = cache / ".unpacking-x-1", cache / ".unpacking-x-2"
    for path in (old, young):
        (path / "suites").mkdir(parents=True)
    os.utime(old, (time.time() - 7200,) * 2)
    folder = unpack()
    assert content(folder) == FILES
    assert sorted(cache.iterdir()) == sorted([young, folder])


def test_an_unusable_cache_gives_way_to_a_private_folder(cache, tmp_path, monkeypatch):
    """A file stands where the cache should be: as with a read-only one, a temporary folder takes its place, which
    child processes find.
    """
    cache.write_text("")
    folder = unpack()
    assert content(folder) == FILES
    assert tmp_path / "tmp" in folder.parents
    assert unpack() == folder  # by the variable
    monkeypatch.setenv("FWCONFORMANCE_CACHE", str(cache))


def test_a_read_only_cache_that_is_whole_is_used(cache):
    """As baked into an image: nothing needs to be written."""
    folder = unpack()
    paths = [cache, folder, *folder.rglob("*")]
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        assert unpack() == folder
    finally:
        for path in paths:
            path.chmod(0o755)


def test_nowhere_to_unpack_says_what_to_do(cache, monkeypatch):
    """Neither cache nor temporary folder: an error that names the variable."""
    cache.write_text("")
    monkeypatch.setattr(tempfile, "tempdir", str(cache))
    with pytest.raises(_archive.ArchiveError, match="point FWCONFORMANCE_CACHE to a writable folder"):
        unpack()


def test_a_damaged_archive_says_what_to_do(cache):
    """Truncated by a full disk, say."""
    _archive.ARCHIVE.write_bytes(_archive.ARCHIVE.read_bytes()[:100])
    with pytest.raises(_archive.ArchiveError, match="reinstall fwconformance"):
        unpack()


def test_many_processes_at_once_get_the_same_whole_folder(cache):
    """Each looks at what it got before it says so."""
    program = (
        "import pathlib, sys; from fwconformance import _archive; _archive.ARCHIVE = pathlib.Path(sys.argv[1]); "
        "folder = _archive.unpacked(); print(folder, len(list(_archive.files_below(folder))))"
    )
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    running = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(_archive.ARCHIVE)], env=environment, stdout=subprocess.PIPE, text=True
        )
        for _ in range(6)
    ]
    said = {process.communicate(timeout=60)[0].strip() for process in running}
    assert said == {f"{unpack()} {len(FILES)}"}
    assert len(list(cache.iterdir())) == 1


def test_the_private_folder_is_removed_at_the_end(cache, tmp_path):
    """By the process that made it."""
    cache.write_text("")
    program = (
        "import pathlib, sys; from fwconformance import _archive; _archive.ARCHIVE = pathlib.Path(sys.argv[1]); "
        "print(_archive.unpacked())"
    )
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), "TMPDIR": str(tmp_path / "tmp")}
    done = subprocess.run(
        [sys.executable, "-c", program, str(_archive.ARCHIVE)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert str(tmp_path / "tmp") in done.stdout
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="the XDG folders are those of other systems")
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"XDG_CACHE_HOME": "/x"}, "/x/fwconformance"),
        ({"XDG_CACHE_HOME": "relative", "HOME": "/h"}, "/h/.cache/fwconformance"),
        ({"HOME": "/h"}, "/h/.cache/fwconformance"),
        ({"FWCONFORMANCE_CACHE": "/f", "XDG_CACHE_HOME": "/x"}, "/f"),
    ],
)
def test_place_of_the_cache(monkeypatch, given, expected):
    """Our variable, then XDG's, then ~/.cache."""
    for name in ("FWCONFORMANCE_CACHE", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert str(_archive.cache_folder()) == expected


def test_a_checkout_has_no_archive(monkeypatch, tmp_path):
    """There the folders are used where they lie."""
    monkeypatch.setattr(_archive, "ARCHIVE", tmp_path / "none.zip")
    assert unpack() is None


def test_the_bytes_do_not_depend_on_times_or_modes(tmp_path):
    """The same files, the same archive, and so the same folder in the cache."""
    made = []
    for number in (1, 2):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "a").write_text("x")
        os.utime(folder / "a", (number * 10**8,) * 2)
        (folder / "a").chmod(0o600 + 0o44 * (number - 1))
        _archive.write_archive(tmp_path / f"{number}.zip", [("suites", folder)])
        made.append((tmp_path / f"{number}.zip").read_bytes())
    assert made[0] == made[1]
    assert zipfile.ZipFile(tmp_path / "1.zip").namelist() == ["suites/a"]
