"""`fwconformance tax`: what the suite's own way of timing costs."""

from __future__ import annotations

import argparse
import pathlib

import attrs

from fwconformance.cli._duels import SessionWatch
from fwconformance.cli._errors import CommandError, Exit
from fwconformance.cli._output import out
from fwconformance.cli._players import add_plan, plan_of, player

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


#: What the programs of fixtures/performance are written for.
_BY_HAND = ("mlp-", "lenet5-", "caffenet-", "lstm-lm-")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("contestant", metavar="A", nargs="+", help="ENVIRONMENT or ENVIRONMENT:MODE")
    parser.add_argument("--work", action="append", default=[], metavar="WORK", help="only on that; repeatable")
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True, metavar="FILE", help="append duels here")
    add_plan(parser)


def execute(options: argparse.Namespace) -> int:
    from fwconformance.duels import RecordError, bouts, hold
    from fwconformance.registry import fixtures_dir, load_registry
    from fwconformance.works import WORKS, find_work

    registry = load_registry()
    try:
        works = [find_work(name).id for name in options.work or WORKS if options.work or name.startswith(_BY_HAND)]
    except ValueError as error:
        raise CommandError(str(error)) from None
    pairs = []
    for name in options.contestant:
        ours = player(name, options, registry)
        script = fixtures_dir() / "performance" / f"{ours.framework}.py"
        if not script.is_file():
            raise CommandError(f"{ours.environment}: there is no program by hand for {ours.framework}, at {script}")
        pairs.append((ours, attrs.evolve(ours, script=script)))
    session = list(bouts(pairs, works))
    try:
        held, failed = hold(session, plan_of(options), options.output, SessionWatch(options.budget))
    except RecordError as error:
        raise CommandError(f"{error}; name another file with -o, or mend that line") from None
    out(f"{held} duels held, {failed} could not be; written: {options.output}")
    return Exit.FAULTS if failed else Exit.MEASURED
