"""`fwconformance duel`: two environments take turns at one work."""

from __future__ import annotations

import argparse
import pathlib
import sys
from typing import TYPE_CHECKING

from fwconformance.cli._errors import CommandError, Exit
from fwconformance.cli._output import out
from fwconformance.cli._players import add_plan, check_interpreters, not_held, plan_of, player
from fwconformance.cli._quiet import warn_if_busy
from fwconformance.cli._records import check_output

if TYPE_CHECKING:
    from fwconformance.duels import Duel, Interval, Watcher
    from fwconformance.supervisor import Line

NAME = "duel"
SUMMARY = "let two environments take turns at the same work, and give the ratio of their times"
DESCRIPTION = """\
Two warm processes, each in its own environment, do the same work from the same weights in turns (A B B A); whoever is
not at work is halted. Results are compared with the oracle's before and after. Both are built anew every few rounds and
started anew every few builds, since where things lie in memory moves times. The ratio is A's time over B's, the middle
of what pairs of processes gave, with a 99 % interval over these pairs; it ends once the interval is narrow enough, or
the budget is spent. Ctrl-C keeps what was measured."""
EXAMPLES = """\
examples:
  fwconformance duel torch-cpu tensorflow-cpu --work lenet5-train
  fwconformance duel torch-cpu torch-cpu:compile --work mlp-inference --save duels.jsonl
  fwconformance duel keras-cpu mxnet-cpu:best --work lstm-lm-train --budget 120

`fwconformance list works` names the works; a mode is one of the environment's, or `best`, which its documentation
recommends for speed.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("a", metavar="A", help="ENVIRONMENT or ENVIRONMENT:MODE")
    parser.add_argument("b", metavar="B", help="the same; A again is a control")
    parser.add_argument("--work", required=True, metavar="WORK", help="`fwconformance list works` names them")
    add_plan(parser)
    parser.add_argument("--save", type=pathlib.Path, metavar="FILE", help="append every round to this file")


def execute(options: argparse.Namespace) -> int:
    from fwconformance.duels import DuelError, append, fight
    from fwconformance.registry import load_registry
    from fwconformance.supervisor import Line
    from fwconformance.works import find_work

    registry = load_registry()
    try:
        work = find_work(options.work)
    except ValueError as error:
        raise CommandError(str(error)) from None
    check_interpreters(options, contestants=[options.a, options.b])
    a, b = (player(name, options, registry) for name in (options.a, options.b))
    plan = plan_of(options)
    if options.save:
        check_output(options.save, "--save")
    warn_if_busy()
    line = Line(sys.stderr)
    try:
        duel = fight(a, b, work, plan, watcher(f"{a.name} against {b.name}, {work.id}", plan.budget, line))
    except DuelError as error:
        raise not_held(error) from None
    finally:
        line.clear()
    out(sentence(duel))
    if options.save:
        append(options.save, duel)
    return Exit.INTERRUPTED if duel.stopped == "interrupted" else Exit.MEASURED


#: Processors busy with something else from which on a duel says so.
_DISTURBED = 0.1


def sentence(duel: Duel) -> str:
    """What a duel says, in one line."""
    from fwconformance.duels import MARGIN, differs, interval_of

    found = interval_of(duel)
    if not differs(found):
        says = f"no difference above {MARGIN:.0%} is shown"
    elif found.ratio > 1:
        says = f"{duel.a.name} takes longer"
    else:
        says = f"{duel.a.name} takes less time"
    beside = f", while others kept {duel.others:.1f} processors busy" if (duel.others or 0) >= _DISTURBED else ""
    return (
        f"{duel.work}: {duel.a.name} takes {duel.ratio:.3f} times [{duel.low:.3f}, {duel.high:.3f}] as long as "
        f"{duel.b.name}; {says} ({len(duel.blocks)} rounds of {duel.calls[0]} and {duel.calls[1]} calls, "
        f"{duel.builds} builds in {duel.processes} pairs of processes, ended by {duel.stopped}{beside})"
    )


def watcher(what: str, budget: float, line: Line) -> Watcher:
    """Shows on `line` the interval as it narrows."""

    def watch(pairs: int, so_far: Interval | None, spent: float) -> None:
        bar = "#" * min(20, int(20 * spent / budget))
        found = f"{so_far.ratio:.3f} [{so_far.low:.3f}, {so_far.high:.3f}]" if so_far else "the first starts"
        line.show(what, f"  [{bar:<20}] {pairs} pairs of processes  {found}")

    return watch
