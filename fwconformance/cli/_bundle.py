"""Writing a report folder so that it is there whole or not at all."""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import tempfile
from typing import Iterable, Mapping, Sequence

from fwconformance.cli._errors import CommandError
from fwconformance.matrix import Matrix
from fwconformance.shards import Shard

MATRIX = "matrix.json"
PAGE = "README.md"
SHARDS = "shards"
CLAIMS = "claims"
DUELS = "duels.jsonl"
FOREST = "duels.svg"
THROUGHPUT = "throughput.svg"
ROUNDS = "rounds.svg"
CAMPAIGNS = "campaigns.jsonl"
CAMPAIGN_PICTURE = "campaigns.svg"


def shard_names(shards: Iterable[Shard]) -> dict[str, str]:
    """Path of each shard to its name in a report: by environment, with the run's id where an environment has
    several.
    """
    by_environment: dict[str, list[Shard]] = {}
    for shard in shards:
        by_environment.setdefault(re.sub(r"[^A-Za-z0-9._-]", "_", shard.header.environment), []).append(shard)
    names = {}
    for environment, found in by_environment.items():
        runs = {shard.header.run for shard in found}
        taken: set[str] = set()
        for shard in sorted(found, key=lambda one: (one.header.run, one.path)):
            stem = environment if len(runs) == 1 else f"{environment}-{shard.header.run[:8]}"
            name = f"{stem}.jsonl"
            number = 2
            while name in taken:  # one run in several files
                name = f"{stem}-{number}.jsonl"
                number += 1
            taken.add(name)
            names[shard.path] = name
    return names


def duels(paths: Sequence[pathlib.Path], matrix: Matrix) -> dict[str, bytes]:
    """Every duel raw, and pictures of their intervals, of examples a second and of all rounds; campaigns apart; nothing
    where there are none.
    """
    if not paths:
        return {}
    from fwconformance.duels import (
        dumps,
        read,
        render_campaigns,
        render_rounds,
        render_throughput,
        single_duels,
    )
    from fwconformance.report import render_forest

    held, limits = read(paths)
    single = single_duels(held)
    known = {id(duel) for duel in single}
    apart = [duel for duel in held if id(duel) not in known]
    files = {}
    try:
        if single or limits:
            files = {
                DUELS: "".join([*map(dumps, limits), *map(dumps, single)]).encode(),
                FOREST: render_forest(matrix),
                THROUGHPUT: render_throughput(single, limits),
                ROUNDS: render_rounds(single),
            }
        if apart:
            files[CAMPAIGNS] = "".join(map(dumps, apart)).encode()
            files[CAMPAIGN_PICTURE] = render_campaigns(apart)
        return files
    except ImportError as error:
        raise CommandError(
            f"the picture of the duels needs {error.name}, which is not installed: pip install 'fwconformance[duels]'"
        ) from None


def write_report(folder: pathlib.Path, files: Mapping[str, bytes]) -> None:
    """Make `folder` hold exactly `files` (relative path to content). An older report there is replaced at the end, in
    one rename.

    Raises CommandError where the folder holds anything but a report, OSError where it cannot be written; then it is
    as before.
    """
    folder = folder.absolute()
    _refuse_foreign(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Beside it, so that the rename stays within one file system.
    scratch = pathlib.Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=str(folder.parent)))
    try:
        fresh = scratch / "new"
        for name, content in files.items():
            path = fresh / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        if folder.exists():
            folder.replace(scratch / "old")
        try:
            fresh.replace(folder)
        except OSError:
            if (scratch / "old").exists():
                (scratch / "old").replace(folder)
            raise
    finally:
        shutil.rmtree(str(scratch), ignore_errors=True)


def write_file(path: pathlib.Path, content: bytes) -> None:
    """Write one file whole or not at all. Raises OSError."""
    path = path.absolute()
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=str(path.parent))
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        pathlib.Path(name).chmod(0o644)  # mkstemp makes it private
        pathlib.Path(name).replace(path)
    except BaseException:
        pathlib.Path(name).unlink()
        raise


def _refuse_foreign(folder: pathlib.Path) -> None:
    above = next(parent for parent in folder.parents if parent.exists())
    if not above.is_dir():
        raise CommandError(f"{folder}: {above} is a file, not a folder; name another folder with -o")
    if not folder.exists() and not folder.is_symlink():
        return
    if not folder.is_dir():
        raise CommandError(f"{folder}: is a file, not a folder; name another with -o")
    ours = {MATRIX, PAGE, SHARDS, CLAIMS, DUELS, FOREST, THROUGHPUT, ROUNDS, CAMPAIGNS, CAMPAIGN_PICTURE}
    foreign = sorted(entry.name for entry in folder.iterdir() if entry.name not in ours)
    for inside, suffix in ((SHARDS, ".jsonl"), (CLAIMS, ".toml")):
        if (folder / inside).is_dir():
            foreign += sorted(
                f"{inside}/{entry.name}" for entry in (folder / inside).iterdir() if entry.suffix != suffix
            )
    if foreign:
        raise CommandError(
            f"{folder}: holds {foreign[0]}, which is no part of a report and would be lost; name another folder with -o"
        )
