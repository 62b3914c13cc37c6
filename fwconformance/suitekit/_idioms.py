"""Idiomatic programs: found, run in a process of their own, and counted once they reached their bound."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Mapping, Sequence

from fwconformance._archive import cache_folder
from fwconformance.frameworks import NotAdapted, Unavailable
from fwconformance.frameworks._idiomatic import ROOTS, Idiom
from fwconformance.frameworks._probes import Seen, refuse
from fwconformance.processes import Hung, how_it_ended, run_program
from fwconformance.registry import fixtures_dir
from fwconformance.suitekit._likeness import likeness
from fwconformance.suitekit._program_counts import Counts, count_program

if TYPE_CHECKING:
    from fwconformance.frameworks import Seam
    from fwconformance.suitekit._cases import Case

#: Task to the least share of what was held out that a program must get right.
BOUNDS: Mapping[str, float] = {
    "mlp-classifier": 0.85,
    "image-classifier": 0.9,
    "text-classifier": 0.9,
    "custom-training-loop": 0.9,
    "graph-mode-mlp": 0.85,
    "graph-mode-image-classifier": 0.9,
}
#: A graph-mode task to the task whose program does it where a framework has one way only.
_SAME = {"graph-mode-mlp": "mlp-classifier", "graph-mode-image-classifier": "image-classifier"}
#: The tasks by which programs are compared with one another.
COMPARED = ("mlp-classifier", "image-classifier", "text-classifier", "custom-training-loop")
FEW = 10
_LIMIT = 100.0  # seconds, below that of a case
_KEPT = 3600.0  # seconds for which a run speaks for the counts of its program


def check_program(case: Case, framework: Seam, task: str) -> None:
    """Run the program of `task` and assert that it reached its bound on what was held out."""
    path = program(framework, task)
    if path.stem != task:  # the program of another task, which has a case of its own, does this one
        counts(case, framework, task)
        return
    started = time.monotonic()
    reached = _run(path, framework)
    taken = time.monotonic() - started
    _assert_reached(path, reached)
    case.figure("held-out accuracy", reached, "1")
    case.figure("run", taken, "s")
    _keep(path, framework, reached)
    case.level("hardware")


def counts(case: Case, framework: Seam, task: str) -> Counts:
    """What is counted of the program of `task`, which has reached its bound in this environment: it is run where it
    was not, within the hour.
    """
    path = program(framework, task)
    reached = _kept(path, framework)
    if reached is None:
        reached = _run(path, framework)
        _keep(path, framework, reached)
    _assert_reached(path, reached)
    case.figure("held-out accuracy", reached, "1")
    case.level("hardware")
    return counts_of(path, framework.name)


def check_few_statements(case: Case, framework: Seam) -> None:
    """Assert that the image classifier is defined and trained in `FEW` statements; Unsupported where it takes more."""
    found = counts(case, framework, "image-classifier")
    case.figure("statements", found.model_statements, "1")
    if found.model_statements > FEW:
        said = f"the image classifier takes {found.model_statements} statements to define and train, more than {FEW}"
        refuse(Seen(absent=True, evidence=said))


def check_alike(case: Case, framework: Seam, other: str) -> None:
    """Assert that the framework's programs are more alike to those of `other` than the median pair of frameworks.

    Raises Unsupported, with both numbers, where they are not.
    """
    for task in COMPARED:
        counts(case, framework, task)
    found = likenesses()
    alike, median = found[frozenset((framework.name, other))], statistics.median(found.values())
    case.figure("likeness", alike, "1")
    case.figure("likeness of the median pair", median, "1")
    if alike <= median:
        said = f"its programs are {alike:.3f} alike to those of {other}, the median pair of frameworks {median:.3f}"
        refuse(Seen(absent=True, evidence=said))


@functools.lru_cache(maxsize=None)
def likenesses() -> Mapping[frozenset[str], float]:
    """How alike the programs of each two frameworks are, the mean over `COMPARED`."""
    names = sorted(ROOTS)
    pairs = [(one, other) for place, one in enumerate(names) for other in names[place + 1 :]]
    return {
        frozenset(pair): statistics.mean(
            likeness(*((_find(Idiom(framework=name), task).read_text("utf-8"), name) for name in pair))
            for task in COMPARED
        )
        for pair in pairs
    }


def program(framework: Seam, task: str) -> Path:
    """Where the program of `task` lies. Raises NotAdapted where there is none, or not for this device."""
    if framework.device.split(":")[0] != "cpu":
        raise NotAdapted(f"idiomatic programs run on the CPU here, not on {framework.device} yet")
    return _find(Idiom(framework=framework.name, backend=framework.backend), task)


def counts_of(path: Path, name: str) -> Counts:
    """Of the program at `path` of the framework `name`, with the prototxt files beside it that it reads."""
    beside = sorted(path.parent.glob(f"{path.stem}*.prototxt"))
    text = path.read_text(encoding="utf-8")
    return count_program(text, Idiom(framework=name).roots, prototxt=[one.read_text("utf-8") for one in beside])


def _find(idiom: Idiom, task: str) -> Path:
    root = fixtures_dir() / "usability"
    for name in filter(None, (task, _SAME.get(task))):
        for folder in idiom.folders:
            path: Path = root / folder / f"{name}.py"
            if path.is_file():
                return path
    raise NotAdapted(f"there is no idiomatic program of {idiom.framework} for {task} yet")


def _run(path: Path, framework: Seam) -> float:
    """The accuracy that it reports. Raises AssertionError where it ends badly or reports none."""
    told = [str(fixtures_dir() / "usability" / "shared"), os.environ.get("PYTHONPATH", "")]
    environment = {"PYTHONPATH": os.pathsep.join(filter(None, told)), "PYTHONHASHSEED": "0"}
    if framework.backend:
        environment["KERAS_BACKEND"] = framework.backend
    command = [sys.executable, str(path)]
    prelude = Idiom.prelude
    if prelude:
        command = [sys.executable, "-c", f"{prelude}import runpy\nrunpy.run_path({str(path)!r}, run_name='__main__')"]
    what = f"{path.parent.name}/{path.name}"
    with tempfile.TemporaryDirectory(prefix="fwconformance-usability-") as folder:
        try:
            ended = run_program(command, folder=folder, limit=_LIMIT, environment=environment, name=what)
        except Hung as hung:
            raise Unavailable(f"{hung}; it has {_LIMIT:g} s") from hung
    lines = [line for line in ended.output.splitlines() if line.strip()]
    assert ended.status == 0, f"{what}: {how_it_ended(ended.status or 0)}; it printed: {' | '.join(lines[-4:])[-700:]}"
    for line in reversed(lines):
        if line.startswith('{"accuracy"'):
            return float(json.loads(line)["accuracy"])
    raise AssertionError(f"{what}: it reported no accuracy; it printed: {' | '.join(lines[-4:])[-700:]}")


def _assert_reached(path: Path, reached: float) -> None:
    bound = BOUNDS.get(path.stem, 1.0)
    assert reached >= bound, f"{path.parent.name}/{path.name} reached {reached:.3f} on what was held out, not {bound:g}"


def _place(path: Path, framework: Seam) -> Path:
    tasks = fixtures_dir() / "usability" / "shared" / "tasks.py"
    parts: Sequence[bytes] = (
        path.read_bytes(),
        tasks.read_bytes(),
        json.dumps(
            [Idiom.prelude, sys.executable, framework.backend, dict(framework.versions())], sort_keys=True
        ).encode(),
    )
    key = hashlib.sha256(b"".join(len(part).to_bytes(8, "big") + part for part in parts)).hexdigest()[:32]
    root = cache_folder() or Path(tempfile.gettempdir()) / "fwconformance"
    return root / "usability" / f"{key}.json"


def _keep(path: Path, framework: Seam, reached: float) -> None:
    place = _place(path, framework)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        part = place.with_name(f"{place.name}.{os.getpid()}")
        part.write_text(json.dumps({"accuracy": reached}), encoding="utf-8")
        part.replace(place)
    except OSError:  # a cache that cannot be written costs another run, nothing else
        return


def _kept(path: Path, framework: Seam) -> float | None:
    place = _place(path, framework)
    try:
        if time.time() - place.stat().st_mtime > _KEPT:
            return None
        return float(json.loads(place.read_text(encoding="utf-8"))["accuracy"])
    except (OSError, ValueError, KeyError):
        return None
