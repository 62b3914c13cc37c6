"""`fwconformance tax`: what the suite's own way of timing costs."""

from __future__ import annotations

import argparse
import ast
import pathlib

import attrs

from fwconformance.cli._errors import CommandError
from fwconformance.cli._players import add_plan, check_interpreters, player
from fwconformance.cli._sessions import hold_session, named_works

NAME = "tax"
SUMMARY = "time works through the suite against programs written by hand, in the same environment"
DESCRIPTION = """\
In each environment, the suite's own way of doing a work takes turns with a minimal program in the same framework,
written by hand (fixtures/performance). The ratio is what the suite costs: 1 where it costs nothing. Duels are appended
to FILE; what FILE holds already is not held again."""
EXAMPLES = """\
examples:
  fwconformance tax torch-cpu --work mlp-train -o tax.jsonl
  fwconformance tax torch-cpu tensorflow-cpu keras-cpu mxnet-cpu caffe-cpu -o tax.jsonl
  fwconformance tax torch-cpu:compile --work lenet5-inference -o tax.jsonl

exit code 1: a duel could not be held.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("contestant", metavar="A", nargs="+", help="ENVIRONMENT or ENVIRONMENT:MODE")
    parser.add_argument("--work", action="append", default=[], metavar="WORK", help="only on that; repeatable")
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True, metavar="FILE", help="append duels here")
    add_plan(parser)


def execute(options: argparse.Namespace) -> int:
    from fwconformance.duels import bouts
    from fwconformance.registry import fixtures_dir, load_registry

    registry = load_registry()
    check_interpreters(options, declared=registry)
    pairs, written = [], {}
    for name in options.contestant:
        ours = player(name, options, registry)
        script = fixtures_dir() / "performance" / f"{ours.framework}.py"
        if not script.is_file():
            raise CommandError(f"{ours.environment}: there is no program by hand for {ours.framework}, at {script}")
        pairs.append((ours, attrs.evolve(ours, script=script)))
        written[ours.framework] = tuple(f"{family}-" for family in written_works(script))
    session = bouts(pairs, named_works(options))
    # What is asked for by name and not written is said so when its turn comes.
    asked = [bout for bout in session if options.work or bout.work.id.startswith(written[bout.a.framework])]
    return hold_session(asked, options, named=True)


def written_works(script: pathlib.Path) -> tuple[str, ...]:
    """The families of works that a program by hand says it does, in its `WORKS`; it is not run.

    Raises CommandError where it says none.
    """
    for statement in ast.parse(script.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.Assign) and [getattr(each, "id", "") for each in statement.targets] == ["WORKS"]:
            return tuple(ast.literal_eval(statement.value))
    raise CommandError(f"{script} does not say which works it does: it needs WORKS, a tuple of their names")
