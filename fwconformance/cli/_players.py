"""Contestants from the command line: ENVIRONMENT or ENVIRONMENT:MODE, and where its interpreter is."""

from __future__ import annotations

import argparse
import os
import pathlib
from typing import TYPE_CHECKING, Sequence

from fwconformance.cli._arguments import above_zero, seconds, two_or_more
from fwconformance.cli._errors import CommandError, Exit

if TYPE_CHECKING:
    from fwconformance.duels import DuelError, Plan, Player
    from fwconformance.registry import Registry


def add_plan(parser: argparse.ArgumentParser) -> None:
    """The options that say how duels are held."""
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of all draws (default 0)")
    parser.add_argument(
        "--budget",
        type=seconds,
        default=60.0,
        metavar="S",
        help="seconds of turns, building and starting in a duel (default 60)",
    )
    parser.add_argument(
        "--pairs",
        type=two_or_more,
        default=8,
        metavar="N",
        help="pairs of processes that are timed at least, however long that takes (default 8)",
    )
    parser.add_argument(
        "--width",
        type=above_zero,
        default=0.02,
        metavar="R",
        help="end a duel where the interval's upper end is at most 1 + R times its lower one (default 0.02)",
    )
    parser.add_argument("--threads", type=int, metavar="N", help="processors of each contestant (default: all)")
    parser.add_argument(
        "--python",
        type=_interpreter,
        action="append",
        default=[],
        metavar="ENVIRONMENT=EXE",
        help="interpreter of an environment (default: .tox/ENVIRONMENT/bin/python); repeatable",
    )


def plan_of(options: argparse.Namespace) -> Plan:
    """Raises CommandError for more threads than there are processors."""
    from fwconformance.duels import Plan, usable_processors

    threads = usable_processors() if options.threads is None else options.threads
    if not 1 <= threads <= usable_processors():
        raise CommandError(f"--threads {threads}: this process may use 1 to {usable_processors()} processors")
    return Plan(seed=options.seed, budget=options.budget, width=options.width, threads=threads, fewest=options.pairs)


class NotBuilt(CommandError):
    """An environment has no interpreter where it is looked for."""


def player(name: str, options: argparse.Namespace, registry: Registry) -> Player:
    """The contestant that `name` says. Raises CommandError where there is no such environment, NotBuilt where it has no
    interpreter.
    """
    from fwconformance.duels import Player

    environment, _, mode = name.partition(":")
    declared = registry.environments.get(environment)
    if declared is None:
        known = ", ".join(registry.environments)
        raise CommandError(f"{environment} is no environment; there are {known}")
    folder = "Scripts" if os.name == "nt" else "bin"
    built = pathlib.Path(".tox", environment, folder, "python").absolute()
    python = dict(options.python).get(environment, built)
    if not os.access(python, os.X_OK):
        raise NotBuilt(
            f"{environment} has no interpreter at {python}; build it with `tox run -e {environment} --notest`, "
            f"or say where it is: --python {environment}=EXE"
        )
    return Player(
        environment=environment,
        python=python,
        framework=declared.framework,
        backend=declared.backend,
        device=declared.device,
        mode=mode or "default",
    )


def check_interpreters(
    options: argparse.Namespace, *, contestants: Sequence[str] = (), declared: Registry | None = None
) -> None:
    """Raise CommandError where --python speaks of an environment that is none of the `contestants`; for a session, in
    which some may take no part, of one that is not `declared`.
    """
    known = [name.partition(":")[0] for name in contestants] if declared is None else list(declared.environments)
    for name, path in options.python:
        if name not in known:
            what = "no contestant" if declared is None else "no environment"
            raise CommandError(f"--python {name}={path}: {name} is {what}; there are {', '.join(dict.fromkeys(known))}")


def not_held(error: DuelError) -> CommandError:
    """How a command ends whose one duel could not be held: a mode that is not there is a mistake of the user's."""
    from fwconformance.duels import UnknownMode

    return CommandError(str(error), Exit.USAGE if isinstance(error, UnknownMode) else Exit.FAULTS)


def _interpreter(text: str) -> tuple[str, pathlib.Path]:
    """ENVIRONMENT=EXE, as argparse wants it said."""
    name, equals, path = text.partition("=")
    if not equals or not path:
        raise argparse.ArgumentTypeError(f"{text!r}: say ENVIRONMENT=EXE")
    return name, pathlib.Path(path).absolute()
