"""The entry point: parse, dispatch, and end with the documented exit code whatever happens."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import textwrap
import traceback
from typing import Sequence

from fwconformance._version import __version__
from fwconformance.cli import (
    _campaign,
    _check,
    _duel,
    _duels,
    _findings,
    _list,
    _merge,
    _model,
    _proofs,
    _render,
    _revision,
    _run,
    _show,
    _tax,
)
from fwconformance.cli._errors import CommandError, Exit
from fwconformance.cli._output import err
from fwconformance.cli._streams import lasting_streams
from fwconformance.processes import interruptible

_COMMANDS = (
    _run,
    _merge,
    _render,
    _show,
    _list,
    _check,
    _findings,
    _proofs,
    _duel,
    _duels,
    _campaign,
    _tax,
    _model,
    _revision,
)

_EPILOG = """\
exit codes:
  0    measured, nothing new wrong
  1    something new failed, broke, crashed or timed out
  2    usage or bad input
  3    a requirement is not met
  4    internal error
  130  interrupted; `run --resume` goes on

Each command has examples: fwconformance run --help
"""


class _Parser(argparse.ArgumentParser):
    """One line on an error, and where help is; argparse prints the whole usage."""

    def error(self, message: str) -> None:  # type: ignore[override]  # it never returns, and neither does this
        raise CommandError(f"{message} (`{self.prog} --help` shows the options)")


def build_parser() -> argparse.ArgumentParser:
    """The whole command line."""
    parser = _Parser(
        prog="fwconformance",
        description="Decide, by running the frameworks, which claims about deep-learning frameworks are true.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"fwconformance {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    for module in _COMMANDS:
        sub = commands.add_parser(
            module.NAME,
            help=module.SUMMARY,
            description=_filled(module.DESCRIPTION),
            epilog=module.EXAMPLES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.configure(sub)
        sub.add_argument(
            "-v", "--verbose", action="store_true", help="say more; show the traceback of an internal error"
        )
        sub.set_defaults(execute=module.execute)
    return parser


def _filled(paragraph: str) -> str:
    """`paragraph` in lines as wide as those of the options below it."""
    return textwrap.fill(" ".join(paragraph.split()), max(shutil.get_terminal_size().columns - 2, 20))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    with lasting_streams(), interruptible():
        return _main(given)


def _main(given: Sequence[str]) -> int:
    try:
        options = build_parser().parse_args(given)
        if options.command is None:
            build_parser().print_help()
            return Exit.USAGE
        return int(options.execute(options))
    except CommandError as error:
        _say(str(error))
        return int(error.code)
    except KeyboardInterrupt as signal:
        _say(f"interrupted by {signal}" if str(signal) else "interrupted")
        return Exit.INTERRUPTED
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _say(f"{where}{error.strerror or error}; check that the path is right and writable, and that the disk has room")
        return Exit.USAGE
    except Exception as error:
        return _internal(error, verbose="-v" in given or "--verbose" in given)


def _say(message: str) -> None:
    err(f"fwconformance: error: {message}")


def _internal(error: Exception, *, verbose: bool) -> int:
    if verbose:
        traceback.print_exc()
        _say(f"internal error: {type(error).__name__}: {error}")
        return Exit.INTERNAL
    where = "run it again with -v for the traceback"
    try:
        with tempfile.NamedTemporaryFile("w", prefix="fwconformance-error-", suffix=".log", delete=False) as log:
            traceback.print_exc(file=log)
        where = f"the traceback is in {log.name}"
    except OSError:
        pass
    _say(f"internal error: {type(error).__name__}: {error}; {where}; please report it")
    return Exit.INTERNAL
