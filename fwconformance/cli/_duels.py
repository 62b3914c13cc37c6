"""`fwconformance duels`: a session of duels, those that claims rest on first."""

from __future__ import annotations

import argparse
import pathlib
from typing import TYPE_CHECKING, Iterable

from fwconformance.cli._errors import CommandError
from fwconformance.cli._output import err
from fwconformance.cli._players import NotBuilt, add_plan, check_interpreters, player
from fwconformance.cli._sessions import hold_session, named_works

if TYPE_CHECKING:
    from fwconformance.duels import Bout, Player
    from fwconformance.registry import Registry

NAME = "duels"
SUMMARY = "hold every duel that a claim rests on, and append each to a file"
DESCRIPTION = """\
Every pair of environments that a claim compares, in the modes and on the works that it names, and an A/A pair as
control on each of these works. With --all also every core environment beside PyTorch's, in both modes, on every work:
most of a day. Environments that are not built are left out, and said. The machine's own limits are measured first. Each
duel is appended to FILE as it ends; what FILE holds already is not held again, so a session that was interrupted goes
on."""
EXAMPLES = """\
examples:
  fwconformance duels -o duels.jsonl
  fwconformance duels -o duels.jsonl --all --work transformer-train --budget 20
  fwconformance duels -o duels.jsonl --work lenet5-train --work mlp-train --pair torch-cpu mxnet-cpu
  fwconformance merge .tox/shards --duels duels.jsonl -o reports/2026-01-31-laptop

exit code 1: a duel could not be held.
"""

_BESIDE = "torch-cpu"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True, metavar="FILE", help="append duels here")
    parser.add_argument("--work", action="append", default=[], metavar="WORK", help="only on that; repeatable")
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--pair",
        action="append",
        nargs=2,
        default=[],
        metavar=("A", "B"),
        help="that pair, on every work, instead of those that claims compare; repeatable",
    )
    which.add_argument("--all", action="store_true", help="also pairs and works that no claim rests on")
    add_plan(parser)


def execute(options: argparse.Namespace) -> int:
    from fwconformance.duels import bouts
    from fwconformance.registry import load_registry

    registry = load_registry()
    works = named_works(options)
    check_interpreters(options, declared=registry)
    if options.pair:
        pairs = [(player(a, options, registry), player(b, options, registry)) for a, b in options.pair]
        return hold_session(list(bouts(pairs, works)), options, named=True)
    built = _Built(options, registry)
    claimed = _claimed(registry)
    session = [bout for bout in bouts(built.pairs(claimed), works) if bout.work.id in _works(claimed, bout)]
    if options.all:
        session += [bout for bout in bouts(built.pairs(_beside(registry)), works) if bout not in session]
    for message in built.left_out:
        err(f"left out: {message}")
    if not session and built.left_out:
        raise CommandError("no two environments to compare are built; build what was left out, or name a --pair")
    if not session:
        raise CommandError(f"no claim rests on a duel on {', '.join(works)}; add --all, or name a --pair")
    return hold_session(session, options, named=False)


class _Built:
    """Contestants whose environments are built; what is said of the others is kept."""

    def __init__(self, options: argparse.Namespace, registry: Registry) -> None:
        self._options, self._registry = options, registry
        self._missing: dict[str, None] = {}

    @property
    def left_out(self) -> tuple[str, ...]:
        """Why, once for each environment."""
        return tuple(self._missing)

    def pairs(self, names: Iterable[tuple[str, str]]) -> list[tuple[Player, Player]]:
        found = []
        for a, b in names:
            sides = [self._player(a), self._player(b)]
            if sides[0] and sides[1]:
                found.append((sides[0], sides[1]))
        return found

    def _player(self, name: str) -> Player | None:
        try:
            return player(name, self._options, self._registry)
        except NotBuilt as error:
            self._missing[str(error)] = None
            return None


def _claimed(registry: Registry) -> dict[tuple[str, str], set[str]]:
    """Contestants that claims compare, and on which works."""
    from fwconformance.duels import asked

    found: dict[tuple[str, str], set[str]] = {}
    for pair in asked(registry):
        a, b = (name if pair.mode == "default" else f"{name}:{pair.mode}" for name in (pair.of, pair.over))
        found.setdefault((a, b), set()).update(pair.rule.works)
    return found


def _works(claimed: dict[tuple[str, str], set[str]], bout: Bout) -> set[str]:
    """On which works `bout` is wanted: for a control, on every work that a claim names."""
    control = bout.a == bout.b
    return set().union(*claimed.values()) if control else claimed[bout.a.name, bout.b.name]


def _beside(registry: Registry) -> list[tuple[str, str]]:
    """Every core environment of a framework beside PyTorch's, in both modes."""
    core = [each.name for each in registry.environments.values() if each.core and each.framework != "reference"]
    return [(f"{name}{mode}", f"{_BESIDE}{mode}") for mode in ("", ":best") for name in core if name != _BESIDE]
