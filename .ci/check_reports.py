"""Check that every published report is what its shards say, and that a few of its cells can be seen again.

1. Each `reports/<name>/matrix.json` is merged again from its raw shards by the code that made it (the newest commit
   with the suite revision that judged them, at or before the one that last wrote it, in a work tree of its own) and
   must come out byte for byte.
2. A few cells of the newest report, chosen by the hash of the commit under test, are run again in the environments that
   tox built; each must have the outcome that the report says.

Exit 1 where either does not hold. A hand-made report cannot stand.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CELLS_PER_ENVIRONMENT = 2
MOST_SECONDS = 30  # of a cell that is run again, by the report
COMMITS_BACK = 50  # work goes on while a report is made
NOT_UNDERSTOOD = {"failed", "broken", "timeout", "crashed"}  # without a finding
DUELS = ("duels.jsonl", "campaigns.jsonl")


def git(*args: str) -> str:
    return subprocess.run(["git", *args], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def merge_again(report: Path, scratch: Path) -> str:
    """Problem with `report`, or "" if its matrix comes out byte for byte."""
    matrix = report / "matrix.json"
    written = git("log", "-1", "--format=%H", "--", str(matrix.relative_to(ROOT)))
    if not written:
        return f"{report.name}: matrix.json is not committed"
    tree = scratch / f"tree-{report.name}"
    git("worktree", "add", "--detach", str(tree), written)
    try:
        judge = judge_of(report)
        commit = go_back(tree, written, judge)
        if not commit:
            return f"{report.name}: no commit of the {COMMITS_BACK} before it has the suite revision that judged it"
        again = scratch / report.name
        measured = [option for name in DUELS if (report / name).is_file() for option in ("--duels", report / name)]
        done = subprocess.run(
            [
                *(sys.executable, "-m", "fwconformance", "merge", report / "shards", "--expect", "core"),
                *measured,
                *(["--allow-mixed"] if revisions_of(report) != {judge} else []),
                *("--output", again),
            ],
            cwd=tree,  # whose fwconformance stands before the installed one
            capture_output=True,
            text=True,
            check=False,
        )
        if not (again / "matrix.json").is_file():
            return f"{report.name}: cannot be merged again by {commit[:12]}:\n{done.stdout}{done.stderr}"
        for name in ("matrix.json", "README.md"):
            if (again / name).read_bytes() != (report / name).read_bytes():
                return f"{report.name}: {name} is not what {commit[:12]} makes of the shards beside it"
    finally:
        git("worktree", "remove", "--force", str(tree))
    return ""


def revisions_of(report: Path) -> set[str]:
    """The suite revisions that the shards of `report` were run with."""
    found = set()
    for shard in (report / "shards").glob("*.jsonl"):
        with shard.open(encoding="utf-8") as lines:
            found.add(json.loads(next(lines))["suite_content"])
    return found


def judge_of(report: Path) -> str:
    """The suite revision whose registry and rules judged `report`."""
    return json.loads((report / "matrix.json").read_text(encoding="utf-8"))["judged_by"]["content"]


def go_back(tree: Path, commit: str, revision: str) -> str:
    """Check the newest commit with that suite revision out in `tree`, from `commit` on back; "" if there is none."""
    for candidate in git("rev-list", f"--max-count={COMMITS_BACK}", commit).split():
        git("-C", str(tree), "checkout", "--quiet", "--detach", candidate)
        told = subprocess.run(
            [sys.executable, "-m", "fwconformance", "suite-revision"],
            cwd=tree,
            capture_output=True,
            text=True,
            check=False,
        )
        if revision in told.stdout:
            return candidate
    return ""


def chosen(cells: list[dict], commit: str) -> list[dict]:
    """Cells to run again: the first few of each environment in the order of a hash that nobody chooses."""

    def order(cell: dict) -> str:
        return hashlib.sha256(f"{commit} {cell['environment']} {cell['capability']}".encode()).hexdigest()

    by_environment: dict[str, list[dict]] = {}
    for cell in sorted(cells, key=order):
        by_environment.setdefault(cell["environment"], []).append(cell)
    return [cell for _, found in sorted(by_environment.items()) for cell in found[:CELLS_PER_ENVIRONMENT]]


def run_of(cell: dict, column: dict) -> dict:
    """The run that `cell` was last seen in: a column may have several, each of other capabilities."""
    seen = {attempt["run"] for case in cell["cases"] for attempt in case["attempts"]}
    return next(run for run in reversed(column["runs"]) if run["run"] in seen)


def can_be_chosen(cell: dict) -> bool:
    """Whether `cell` was tried and is soon tried again, where suites were run here too, and nothing in it failed that
    nobody understands yet: that may come and go.
    """
    attempts = [attempt for case in cell["cases"] for attempt in case["attempts"]]
    ran_here = (ROOT / ".tox" / "shards" / f"{cell['environment']}.jsonl").is_file()
    understood = all(attempt["finding"] or attempt["outcome"] not in NOT_UNDERSTOOD for attempt in attempts)
    soon = sum(attempt["duration"] or 0.0 for attempt in attempts) <= MOST_SECONDS
    return bool(attempts) and ran_here and understood and soon


def run_again(cell: dict, column: dict, scratch: Path) -> str:
    """Problem with one cell, or "" if its outcomes are seen again."""
    environment = cell["environment"]
    shard = scratch / f"{environment}-{cell['capability']}.jsonl"
    command = [ROOT / ".tox" / environment / "bin" / "fwconformance", "run", "--framework", column["framework"]]
    if column["backend"]:
        command += ["--backend", column["backend"]]
    command += ["--device", column["device"], "--environment", environment, "--label", column["label"]]
    run = run_of(cell, column)
    command += ["--profile", run["profile"], "--seed", str(run["seed"])]
    command += ["--only", cell["capability"], "--shard", shard]
    done = subprocess.run([str(part) for part in command], cwd=scratch, capture_output=True, text=True, check=False)
    if not shard.is_file():
        return f"{environment} {cell['capability']}: did not run:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
    seen = {}
    for line in shard.read_text().splitlines():
        record = json.loads(line)
        if record["record"] == "observation":
            seen[record["case"]] = record["outcome"]
    said = {case["case"]: case["attempts"][-1]["outcome"] for case in cell["cases"] if case["attempts"]}
    # Since the report, the suite may have gained cases and lost others: those that both have must agree. What one of
    # the two machines lacked something for says nothing.
    both = sorted(set(seen) & set(said))
    told = [case for case in both if "unavailable" not in {seen[case], said[case]}]
    if both and not told:
        print(f"  {environment} {cell['capability']}: cannot be seen again here: {seen}")
        return ""
    if not told or any(seen[case] != said[case] for case in told):
        return f"{environment} {cell['capability']}: the report says {said}, running it again gives {seen}"
    print(f"  {environment} {cell['capability']}: seen again: {said}")
    return ""


def main() -> int:
    reports = sorted(path.parent for path in (ROOT / "reports").glob("*/matrix.json"))
    problems = []
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        for report in reports:
            problem = merge_again(report, scratch)
            print(f"  {report.name}: {'DIFFERS' if problem else 'merged again'}")
            problems.append(problem)
        if reports:
            matrix = json.loads((reports[-1] / "matrix.json").read_text())
            columns = {column["environment"]: column for column in matrix["columns"]}
            again = chosen([cell for cell in matrix["cells"] if can_be_chosen(cell)], git("rev-parse", "HEAD"))
            problems += [run_again(cell, columns[cell["environment"]], scratch) for cell in again]
    problems = [problem for problem in problems if problem]
    print("\n".join(problems) or f"{len(reports)} report(s) hold")
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
