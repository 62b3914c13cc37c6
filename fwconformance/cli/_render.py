"""`fwconformance render`: a matrix as a Markdown page."""

from __future__ import annotations

import argparse
import pathlib
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fwconformance.matrix import Matrix

from fwconformance.cli._errors import CommandError, Exit
from fwconformance.cli._output import out, terminal_width

NAME = "render"
SUMMARY = "render a matrix as a Markdown page"
DESCRIPTION = "Render a matrix.json as the page that `merge` writes beside it."
EXAMPLES = """\
examples:
  fwconformance render reports/2026-01-31-laptop/matrix.json
  fwconformance render matrix.json -o page.md
  fwconformance render matrix.json --format summary      # the table that `merge` prints
"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "matrix", type=pathlib.Path, metavar="MATRIX", help="a matrix.json, or the report folder that holds it"
    )
    parser.add_argument("-o", "--output", type=pathlib.Path, metavar="FILE", help="write there, not to standard output")
    parser.add_argument("--format", choices=("page", "summary"), default="page")


def execute(options: argparse.Namespace) -> int:
    from fwconformance.cli import _bundle
    from fwconformance.report import render_markdown, summary

    matrix = read_matrix(options.matrix)
    if options.format == "summary":
        text = summary(matrix, width=terminal_width(), colour=options.output is None and sys.stdout.isatty())
    else:
        text = render_markdown(matrix)
    if options.output is None:
        out(text.rstrip("\n"))
        return Exit.MEASURED
    try:
        _bundle.write_file(options.output, text.encode())
    except OSError as error:
        raise CommandError(
            f"{options.output}: cannot be written: {error.strerror or error}; name another file with -o, or make room"
        ) from error
    return Exit.MEASURED


def read_matrix(path: pathlib.Path) -> Matrix:
    """The matrix at `path`, a file or a report folder. Raises CommandError."""
    from fwconformance.cli import _bundle
    from fwconformance.matrix import MatrixError, load_matrix

    file = path / _bundle.MATRIX if path.is_dir() else path
    if not file.is_file():
        raise CommandError(f"{file}: there is no such matrix; `fwconformance merge` writes one")
    try:
        return load_matrix(file)
    except MatrixError as error:
        raise CommandError(str(error)) from error
