"""`fwconformance run`: the suites, supervised and isolated."""

from __future__ import annotations

import argparse
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING

from fwconformance.cli import _only
from fwconformance.cli._arguments import free_text, plain_name, seconds, seconds_from_environment
from fwconformance.cli._errors import CommandError, Exit
from fwconformance.cli._output import err, out

if TYPE_CHECKING:
    from fwconformance.registry import Registry
    from fwconformance.shards import Shard
    from fwconformance.supervisor import RunRequest, RunResult, Target

NAME = "run"
SUMMARY = "run the suites against one framework, supervised and isolated"
DESCRIPTION = """\
Run the bundled suites against one framework in a child process with its own configuration: nothing of the project you
are in (ini,
conftest.py, PYTEST_ADDOPTS, a folder called torch) reaches it, and nothing is written beside the suites. A case that
kills the
interpreter or takes too long is written down, the run goes on with what remains, and the case is run once more
alone."""
EXAMPLES = """\
examples:
  fwconformance run --framework reference
  fwconformance run --framework keras --backend jax --shard keras-jax.jsonl
  fwconformance run --framework torch --only rnn.lstm --only train.adam:three-steps
  fwconformance run --framework torch --device cuda --require hardware
  fwconformance run --framework mxnet --python /opt/mxnet/bin/python --shard mxnet.jsonl --resume
"""

_DEFAULT_LIMITS = {"smoke": 120.0, "standard": 120.0, "full": 600.0}


def configure(parser: argparse.ArgumentParser) -> None:
    add_target(parser)
    parser.add_argument("--device", default="cpu", metavar="KIND", help="cpu (default), cuda, mps, xpu, tpu, xla, auto")
    parser.add_argument(
        "--profile", choices=("smoke", "standard", "full"), default="standard", help="how much (default: standard)"
    )
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar=_only.METAVAR,
        help="only that; repeatable" + _only.HELP,
    )
    parser.add_argument(
        "--shard",
        type=pathlib.Path,
        metavar="PATH",
        help="keep the journal of observations there; folders on the way are made",
    )
    # One destination: a script gives --fresh, and who runs it adds --resume.
    parser.add_argument(
        "--resume",
        dest="begin",
        action="store_const",
        const="resume",
        help="go on with the interrupted run at --shard; of --resume and --fresh the last one counts",
    )
    parser.add_argument(
        "--fresh",
        dest="begin",
        action="store_const",
        const="fresh",
        help="start anew where --shard holds a run, which is kept as PATH.previous, the next as PATH.previous-2",
    )
    parser.add_argument(
        "--environment",
        type=plain_name,
        default=None,
        metavar="NAME",
        help="name of the column (default: the declared environment's)",
    )
    parser.add_argument(
        "--label",
        type=free_text,
        default="",
        metavar="TEXT",
        help="which machine, in your words (default: model, system and architecture)",
    )
    parser.add_argument("--seed", type=int, metavar="N", help="of all draws (default 20200101)")
    parser.add_argument(
        "--online", action="store_true", help="let cases fetch published weights; also FWCONFORMANCE_ONLINE=1"
    )
    parser.add_argument("--random", action="store_true", help="draw Hypothesis examples at random, not derandomised")
    parser.add_argument(
        "--require",
        action="append",
        default=[],
        metavar="SPEC",
        help="`hardware`, CAPABILITY or CAPABILITY:LEVEL; unmet is exit 3; repeatable; also FWCONFORMANCE_REQUIRE",
    )
    parser.add_argument(
        "--timeout-per-case",
        type=seconds,
        metavar="S",
        help="seconds a case may take (default 120, in profile full 600); also FWCONFORMANCE_TIMEOUT_PER_CASE",
    )
    parser.add_argument(
        "--timeout-start",
        type=seconds,
        metavar="S",
        default=300.0,
        help="seconds to import the framework, or to end (default 300)",
    )


def add_target(parser: argparse.ArgumentParser) -> None:
    """The options that say which framework in which interpreter."""
    parser.add_argument("--framework", required=True, metavar="NAME", help="`fwconformance list frameworks` names them")
    parser.add_argument("--backend", default="", metavar="NAME", help="for Keras: tensorflow (default), torch, jax")
    parser.add_argument(
        "--python",
        default=sys.executable,
        metavar="EXE",
        help="the interpreter that has the framework (default: this one)",
    )


def execute(options: argparse.Namespace) -> int:
    from fwconformance.frameworks._online import ONLINE
    from fwconformance.registry import RegistryError, load_registry
    from fwconformance.shards import JournalError, ShardError
    from fwconformance.supervisor import ChildError, Refused, SelectionError

    try:
        registry = load_registry()
    except RegistryError as error:
        raise CommandError(str(error)) from error
    requirements = read_requirements(options.require, registry)
    options.only = _only.expanded(options.only, registry)
    if options.online:
        os.environ[ONLINE] = "1"
    if options.begin == "resume" and options.shard is None:
        raise CommandError("--resume goes on with a journal: name it with --shard")
    if options.begin == "fresh" and options.shard is None:
        raise CommandError("--fresh starts a journal anew: name it with --shard")
    if options.timeout_per_case is None:
        options.timeout_per_case = seconds_from_environment("FWCONFORMANCE_TIMEOUT_PER_CASE")
    target = target_of(options, options.device)
    given: pathlib.Path | None = options.shard
    shard = given
    kept = given is not None
    before = _run_at(given)
    try:
        if shard is None:
            shard = _temporary_shard()
        request = _request(options, target, shard)
        result = _run(request, registry, verbose=options.verbose)
    except (SelectionError, Refused, ShardError, JournalError) as error:
        raise CommandError(_in_our_words(str(error))) from error
    except ChildError as error:
        err(error.log)
        raise CommandError(
            f"internal error: {error}; what pytest printed stands above; please report it", Exit.INTERNAL
        ) from error
    except KeyboardInterrupt as signal:
        kept = kept or _has_observations(shard)
        _say_what_is_kept(options, shard, signal, before=before)
        return Exit.INTERRUPTED
    finally:
        if not kept and shard is not None:
            shard.unlink()
    if given is not None:
        out(f"journal: {given}")
    return _judge(result, request, registry, requirements)


def _temporary_shard() -> pathlib.Path:
    handle, name = tempfile.mkstemp(prefix="fwconformance-", suffix=".jsonl")
    os.close(handle)
    return pathlib.Path(name)


def _journal_at(path: pathlib.Path | None) -> Shard | None:
    """What is there; None where it is no journal, or one that was not even begun."""
    from fwconformance.shards import ShardError, read_shard

    try:
        return read_shard(path) if path is not None and path.is_file() else None
    except ShardError:
        return None


def _run_at(path: pathlib.Path | None) -> str | None:
    """Which run is there."""
    found = _journal_at(path)
    return found.header.run if found else None


def _has_observations(path: pathlib.Path | None) -> bool:
    """Whether it would be a loss to remove the journal at `path`."""
    found = _journal_at(path)
    return bool(found and found.observations)


def _say_what_is_kept(
    options: argparse.Namespace, shard: pathlib.Path | None, signal: KeyboardInterrupt, *, before: str | None
) -> None:
    """Say what an interrupted run leaves behind, and how to go on. `before`: which run was there when it began."""
    found = _journal_at(shard)
    # An older run that was put aside is there again where the new one was not even begun.
    ours = found is not None and (options.begin == "resume" or found.header.run != before)
    if shard is None or found is None or not ours or not (found.observations or options.shard):
        err(f"fwconformance: error: interrupted by {signal}; nothing was observed yet")
        return
    kept = f"what was observed is kept in {shard}" if found.observations else "nothing was observed yet"
    err(f"interrupted by {signal}; {kept}")
    err(f"go on with: {_again(options, shard)}")


def target_of(options: argparse.Namespace, device: str) -> Target:
    """The target that `options` name, with the framework's own name in place of an alias, and its default backend."""
    from fwconformance.frameworks import CatalogError, UnknownFramework, find_entry
    from fwconformance.supervisor import Target

    python = shutil.which(options.python)
    if python is None:
        raise CommandError(f"--python {options.python}: there is no such program; name a Python interpreter")
    if python != sys.executable:
        _refuse_other_programs(python)
    name, backend = options.framework, options.backend
    try:
        entry = find_entry(name)
        entry.backend(backend)
        name, backend = entry.name, backend or entry.default_backend
        if python == sys.executable:
            entry.require(backend, device)
    except UnknownFramework as error:
        if python == sys.executable:
            raise CommandError(str(error)) from error
        # Another interpreter may have a third party's framework that this one has not; the child knows.
    except CatalogError as error:
        raise CommandError(str(error)) from error
    # Not resolved: the link in a virtual environment is what makes it one.
    return Target(framework=name, backend=backend, device=device, python=str(pathlib.Path(python).absolute()))


def _refuse_other_programs(python: str) -> None:
    """Raise CommandError where `python` is no Python interpreter, or one too old for the suites."""
    ask = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        asked = subprocess.run(
            [python, "-S", "-E", "-c", ask], stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False
        )
        answer = asked.stdout.decode("ascii", "replace").strip() if asked.returncode == 0 else ""
    except (OSError, subprocess.TimeoutExpired):
        answer = ""
    version = re.fullmatch(r"(\d+)\.(\d+)", answer)
    if version is None:
        raise CommandError(f"--python {python}: not a Python interpreter; name one that has the framework")
    if (int(version.group(1)), int(version.group(2))) < (3, 8):
        raise CommandError(f"--python {python}: is Python {answer}; the suites need 3.8 or newer")


def _request(options: argparse.Namespace, target: Target, shard: pathlib.Path) -> RunRequest:
    from fwconformance.evidence import Profile
    from fwconformance.supervisor import Limits, RunRequest

    return RunRequest(
        target=target,
        profile=Profile(options.profile),
        only=tuple(options.only),
        shard=shard,
        resume=options.begin == "resume",
        fresh=options.begin == "fresh",
        environment=options.environment or "",
        label=options.label,
        seed=options.seed,
        random=options.random,
        limits=Limits(case=options.timeout_per_case or _DEFAULT_LIMITS[options.profile], start=options.timeout_start),
    )


def _run(request: RunRequest, registry: Registry, *, verbose: bool) -> RunResult:
    from fwconformance.supervisor import Progress, run_suites

    target = request.target
    what = f"{target.framework} on {target.backend}" if target.backend else target.framework
    return run_suites(
        request,
        registry,
        progress=lambda total: Progress(sys.stderr, total, what),
        verbose=err if verbose else _unheard,
    )


def _unheard(text: str) -> None:
    """What the children print is for -v."""


def read_requirements(given: list[str], registry: Registry) -> list[tuple[str, object]]:
    """`--require`, then FWCONFORMANCE_REQUIRE (separated by commas or spaces)."""
    from fwconformance.plugin import parse_requirement

    words = [*given, *os.environ.get("FWCONFORMANCE_REQUIRE", "").replace(",", " ").split()]
    try:
        return [parse_requirement(word, registry) for word in words]
    except ValueError as error:
        raise CommandError(str(error)) from error


def _judge(result: RunResult, request: RunRequest, registry: Registry, requirements: list[tuple[str, object]]) -> int:
    """Print what came of it; the exit code."""
    from fwconformance.cli import _summary
    from fwconformance.plugin import unmet

    summary = _summary.summarise(result, request, registry)
    for line in summary.lines:
        out(line)
    for warning in (*result.shard.warnings, *(f"{note}" for note in result.notes)):
        err(f"note: {warning}")
    missed = unmet(requirements, summary.cells) if requirements else []  # type: ignore[arg-type]
    for line in missed:
        err(f"requirement not met: {line}")
    if summary.nothing is not None:
        out(f"NOTHING VERIFIED: {summary.nothing}")
    if summary.faults:
        return Exit.FAULTS
    return Exit.UNMET if missed else Exit.MEASURED


def _in_our_words(message: str) -> str:
    """The plugin's messages name its options; here they have no prefix."""
    return message.replace("--fw-", "--")


def _again(options: argparse.Namespace, shard: pathlib.Path) -> str:
    """The command that goes on with this run."""
    words = ["fwconformance", "run", "--framework", options.framework]
    for name in ("backend", "environment", "label"):
        if getattr(options, name):
            words += [f"--{name}", getattr(options, name)]
    words += ["--device", options.device, "--profile", options.profile]
    for name in ("only", "require"):
        for value in getattr(options, name):
            words += [f"--{name}", value]
    if options.seed is not None:
        words += ["--seed", str(options.seed)]
    for name in ("online", "random"):
        if getattr(options, name):
            words.append(f"--{name}")
    if options.timeout_per_case:
        words += ["--timeout-per-case", f"{options.timeout_per_case:g}"]
    if options.python != sys.executable:
        words += ["--python", options.python]
    return " ".join(map(shlex.quote, [*words, "--shard", str(shard), "--resume"]))
