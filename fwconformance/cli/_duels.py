"""`fwconformance duels`: a session of duels, those that claims rest on first."""

from __future__ import annotations

import argparse
import pathlib
from typing import TYPE_CHECKING

from fwconformance.cli._players import add_plan, player
from fwconformance.cli._sessions import hold_session, named_works

if TYPE_CHECKING:
    from fwconformance.duels import Player
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
    from fwconformance.duels import bouts
    from fwconformance.registry import load_registry

    registry = load_registry()
    works = named_works(options)
    named = [tuple(pair) for pair in options.pair] or _pairs(registry)
    pairs = [(player(a, options, registry), player(b, options, registry)) for a, b in named]
    return hold_session(list(bouts(_each_once(pairs), works)), options)


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
