"""`python -m fwconformance`: the command line, also from a checkout that was never installed."""

from __future__ import annotations

import sys


def main() -> int:
    """`fwconformance.cli.main`, with Ctrl-C minded while that is imported too."""
    try:
        from fwconformance.cli import main as command

        return command()
    except KeyboardInterrupt:
        if sys.stderr is not None:
            sys.stderr.write("fwconformance: error: interrupted\n")
        return 130


if __name__ == "__main__":
    # `-m` puts the current folder first on the path, and a folder called torch there is no framework. Our own modules
    # are found through the package, which is imported already.
    if not getattr(sys.flags, "safe_path", False):
        del sys.path[0]

    sys.exit(main())
