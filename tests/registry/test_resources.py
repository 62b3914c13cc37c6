"""Where suites and fixtures lie, and the hash of their content."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Callable

import pytest

from fwconformance.registry import content_hash, fixtures_dir, suite_content, suites_dir


def hashed(folder: Path) -> str:
    return content_hash((("suites", folder),))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two files, one in a folder."""
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "a.py").write_text("a")
    (tmp_path / "b.toml").write_text("b")
    return tmp_path


def test_the_hash_is_of_names_and_bytes(folder: Path) -> None:
    """A change of either changes it."""
    seen = {hashed(folder)}
    (folder / "b.toml").write_text("c")
    seen.add(hashed(folder))
    (folder / "b.toml").rename(folder / "c.toml")
    seen.add(hashed(folder))
    (folder / "c.toml").rename(folder / "inner" / "c.toml")
    seen.add(hashed(folder))
    assert len(seen) == 4


def test_the_end_of_a_name_is_not_the_begin_of_the_bytes(tmp_path: Path) -> None:
    """Moving a letter from one to the other shows."""
    first, second = tmp_path / "1", tmp_path / "2"
    first.mkdir()
    second.mkdir()
    (first / "ab").write_text("c")
    (second / "a").write_text("bc")
    assert hashed(first) != hashed(second)


@pytest.mark.parametrize("name", [".hidden", ".cache/x", "__pycache__/a.pyc", "inner/a.pyc"])
def test_compiled_and_hidden_files_do_not_count(folder: Path, name: str) -> None:
    """They come and go by themselves."""
    before = hashed(folder)
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("x")
    assert hashed(folder) == before


def test_the_hash_does_not_depend_on_where_the_folder_lies(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Logical names alone count."""
    copy = tmp_path_factory.mktemp("other") / "copy"
    shutil.copytree(folder, copy)
    assert hashed(folder) == hashed(copy)


def test_the_checkout_has_its_suites_and_fixtures() -> None:
    """Both are folders with something in them."""
    assert (fixtures_dir() / "registry" / "claims.toml").is_file()
    assert suites_dir().is_dir()
    assert suite_content().startswith("sha256:")


def test_an_installed_package_has_the_content_of_the_checkout(tmp_path: Path, install: Callable[[Path], None]) -> None:
    """In the wheel suites, fixtures and adapters lie in an archive; no git is there."""
    install(tmp_path / "fwconformance")
    program = (
        "from fwconformance.registry import fixtures_dir, suite_content; "
        "print(suite_content(), fixtures_dir().parents[1])"
    )
    cache = tmp_path / "cache"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "FWCONFORMANCE_CACHE": str(cache)}
    done = subprocess.run(
        [sys.executable, "-B", "-c", program], env=environment, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [suite_content(), str(cache)]


def test_missing_fixtures_say_what_to_do(tmp_path: Path, install: Callable[[Path], None]) -> None:
    """A package without them is damaged."""
    install(tmp_path / "fwconformance")
    (tmp_path / "fwconformance" / "_content.zip").unlink()
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", "from fwconformance.registry import fixtures_dir; fixtures_dir()"],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "reinstall fwconformance" in done.stderr
