"""`fwconformance campaign`: how often duels are wrong on this machine."""

from __future__ import annotations

import argparse
import pathlib
from typing import TYPE_CHECKING

from fwconformance.cli._errors import CommandError, Exit
from fwconformance.cli._output import err, out, table
from fwconformance.cli._players import add_plan, check_interpreters, not_held, plan_of, player
from fwconformance.cli._quiet import warn_if_busy
from fwconformance.cli._records import check_output, interrupted, unreadable

if TYPE_CHECKING:
    from fwconformance.duels import Duel, Rate

NAME = "campaign"
SUMMARY = "hold many duels of one environment with itself: false alarms, and slowdowns found"
DESCRIPTION = """\
Duels of one contestant with itself, each with a seed of its own: called different, they are false alarms. With
--slowdown one side does that much more work: called alike, they are misses. Rates come with one-sided 95 % bounds, and
beside them what a threshold on medians and an unpaired test would have said of the same rounds. Duels are appended to
FILE; a campaign of hours goes on where it was."""
EXAMPLES = """\
examples:
  fwconformance campaign torch-cpu --work lenet5-inference --count 200 -o false-alarms.jsonl
  fwconformance campaign torch-cpu --work lenet5-inference --count 100 --slowdown 0.05 -o slowdowns.jsonl
  fwconformance campaign torch-cpu --work lenet5-inference --count 0 -o slowdowns.jsonl       # only the rates so far
"""

#: A planted slowdown is whole calls: of 20 calls one more is 5 %.
_CALLS = 20


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("contestant", metavar="A", help="ENVIRONMENT or ENVIRONMENT:MODE")
    parser.add_argument("--work", required=True, metavar="WORK", help="`fwconformance list works` names them")
    parser.add_argument("--count", type=int, required=True, metavar="N", help="how many duels FILE shall hold")
    parser.add_argument(
        "--slowdown", type=float, default=0.0, metavar="R", help=f"of one side: a multiple of 1/{_CALLS} (default 0)"
    )
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True, metavar="FILE", help="append duels here")
    add_plan(parser)


def execute(options: argparse.Namespace) -> int:
    import attrs

    from fwconformance.duels import DuelError, RecordError, campaigns, held_in, hold_campaign
    from fwconformance.registry import load_registry
    from fwconformance.works import find_work

    steps = options.slowdown * _CALLS
    if options.count < 0 or options.slowdown < 0 or abs(steps - round(steps)) > 1e-9:
        raise CommandError(f"--count is 0 or more, --slowdown a multiple of 1/{_CALLS} from 0 on")
    try:
        work = find_work(options.work)
    except ValueError as error:
        raise CommandError(str(error)) from None
    check_interpreters(options, contestants=[options.contestant])
    contestant = player(options.contestant, options, load_registry())
    # Also where nothing is planted, so that false alarms and slowdowns found are of one instrument.
    plan = attrs.evolve(plan_of(options), calls_step=_CALLS)
    begun = plan.seed
    check_output(options.output, "-o")
    if options.count:
        warn_if_busy()

    def tell(seed: int, duel: Duel) -> None:
        err(f"{seed - begun + 1} of {options.count}: {duel.ratio:.4f} [{duel.low:.4f}, {duel.high:.4f}] {duel.stopped}")

    try:
        hold_campaign(contestant, work, plan, options.output, count=options.count, extra=options.slowdown, tell=tell)
        found = campaigns(held_in(options.output))
    except DuelError as error:
        raise not_held(error) from None
    except RecordError as error:
        raise unreadable(error, "name another file with -o") from None
    except KeyboardInterrupt as signal:
        raise interrupted(options.output, signal) from signal
    rows = [
        (
            each.contestant,
            str(each.threads),
            each.work,
            f"{each.extra:.0%}",
            str(each.different.duels),
            *map(_rate, (each.different, each.threshold, each.unpaired)),
        )
        for each in found
    ]
    out(
        table(
            rows,
            (
                "contestant",
                "threads",
                "work",
                "slowdown",
                "duels",
                "called different",
                "by medians and 5 %",
                "by Mann-Whitney, p < 0.002",
            ),
        )
    )
    return Exit.MEASURED


def _rate(rate: Rate) -> str:
    return f"{rate.value:.1%} (at least {rate.at_least:.1%}, at most {rate.at_most:.1%})"
