"""`fwconformance proofs`."""

from __future__ import annotations

import argparse

NAME = "proofs"
SUMMARY = ""
DESCRIPTION = ""
EXAMPLES = ""


def configure(parser: argparse.ArgumentParser) -> None:
    """Later."""


def execute(options: argparse.Namespace) -> int:
    raise NotImplementedError
