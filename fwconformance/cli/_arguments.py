"""What options take, each in the words that argparse is to say where it is something else."""

from __future__ import annotations

import argparse
import os
from typing import Callable

from fwconformance.cli._errors import CommandError


def above_zero(text: str) -> float:
    """A number above 0."""
    return _above_zero(text, "a number above 0")


def seconds(text: str) -> float:
    """A number of seconds above 0."""
    return _above_zero(text, "a number of seconds above 0")


def two_or_more(text: str) -> int:
    """A whole number of 2 or more."""
    if not text.isdecimal() or int(text) < 2:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 2 or more")
    return int(text)


def seconds_from_environment(name: str) -> float | None:
    """What the environment variable `name` says, None where it says nothing. Raises CommandError."""
    text = os.environ.get(name)
    if not text:
        return None
    try:
        return seconds(text)
    except argparse.ArgumentTypeError as error:
        raise CommandError(f"the environment variable {name}: {error}") from None


def plain_name(text: str) -> str:
    """The name of an environment."""
    from fwconformance.evidence import environment_name

    return _checked(environment_name, text)


def free_text(text: str) -> str:
    """Text that can be kept in a journal, and shown."""
    from fwconformance.shards import free_text as checked

    return _checked(checked, text)


def _checked(check: Callable[[str], str], text: str) -> str:
    try:
        return check(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _above_zero(text: str, what: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not {what}")
    return number
