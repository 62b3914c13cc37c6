"""`fwconformance duels`: a session of duels, those that claims rest on first."""

from __future__ import annotations

import argparse
import pathlib
import sys
import time
from typing import TYPE_CHECKING

from fwconformance.cli._duel import sentence, watcher
from fwconformance.cli._errors import CommandError, Exit
from fwconformance.cli._output import err, out
from fwconformance.cli._players import add_plan, plan_of, player

if TYPE_CHECKING:
    from fwconformance.duels import Bout, Duel, DuelError, Player, Watcher
    from fwconformance.registry import Registry

NAME = "duels"
SUMMARY = "hold every duel that a claim rests on, and append each to a file"
DESCRIPTION = """\
Every pair of environments that a claim compares, in the modes that it names, on the works that it names; every core
environment beside PyTorch's; and an A/A pair as control. The machine's own limits are measured first. Each duel is
appended to FILE as it ends; what FILE holds already is not held again, so a session that was interrupted goes on."""
EXAMPLES = """\
examples:
  fwconformance duels -o duels.jsonl
  fwconformance duels -o duels.jsonl --work lenet5-train --work mlp-train --pair torch-cpu mxnet-cpu
  fwconformance merge .tox/shards --duels duels.jsonl -o reports/2026-01-31-laptop

exit code 1: a duel could not be held.
"""

_BESIDE = "torch-cpu"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True, metavar="FILE", help="append duels here")
    parser.add_argument("--work", action="append", default=[], metavar="WORK", help="only on that; repeatable")
    parser.add_argument(
        "--pair", action="append", nargs=2, default=[], metavar=("A", "B"), help="only that pair; repeatable"
    )
    add_plan(parser)


def execute(options: argparse.Namespace) -> int:
    from fwconformance.duels import RecordError, bouts, hold
    from fwconformance.registry import load_registry
    from fwconformance.works import WORKS, find_work

    registry = load_registry()
    try:
        works = [find_work(name).id for name in options.work or WORKS]
    except ValueError as error:
        raise CommandError(str(error)) from None
    named = [tuple(pair) for pair in options.pair] or _pairs(registry)
    pairs = [(player(a, options, registry), player(b, options, registry)) for a, b in named]
    session = list(bouts(_each_once(pairs), works))
    try:
        held, failed = hold(session, plan_of(options), options.output, SessionWatch(options.budget))
    except RecordError as error:
        raise CommandError(f"{error}; name another file with -o, or mend that line") from None
    out(f"{held} duels held, {failed} could not be; written: {options.output}")
    return Exit.FAULTS if failed else Exit.MEASURED


def _pairs(registry: Registry) -> list[tuple[str, str]]:
    """Those that claims ask for, then every core environment of a framework beside PyTorch's, in both modes."""
    from fwconformance.duels import asked

    named = [
        tuple(name if pair.mode == "default" else f"{name}:{pair.mode}" for name in (pair.of, pair.over))
        for pair in asked(registry)
    ]
    core = [each.name for each in registry.environments.values() if each.core and each.framework != "reference"]
    for mode in ("", ":best"):
        named += [(f"{name}{mode}", f"{_BESIDE}{mode}") for name in core if name != _BESIDE]
    return [(a, b) for a, b in named]


def _each_once(pairs: list[tuple[Player, Player]]) -> list[tuple[Player, Player]]:
    return list({(a.name, b.name): (a, b) for a, b in pairs}.values())


class SessionWatch:
    """Says on the terminal how a session goes."""

    def __init__(self, budget: float) -> None:
        self._budget = budget
        self._begun = time.monotonic()

    def begins(self, bout: Bout, number: int, of: int) -> Watcher:
        if not sys.stderr.isatty():
            err(f"{number} of {of}: {bout.name} (elapsed {time.monotonic() - self._begun:.0f} s)")
        return watcher(f"{number} of {of}: {bout.name}", self._budget)

    def ends(self, bout: Bout, duel: Duel) -> None:
        if sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K")
        out(sentence(duel))

    def fails(self, bout: Bout, error: DuelError) -> None:
        err(f"{bout.name}: not held: {error}")
