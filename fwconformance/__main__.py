"""`python -m fwconformance`: the command line, also from a checkout that was never installed."""

from __future__ import annotations

import sys

if __name__ == "__main__":
    # `-m` puts the current folder first on the path, and a folder called torch there is no framework. Our own modules
    # are found through
    # the package, which is imported already.
    if not getattr(sys.flags, "safe_path", False):
        del sys.path[0]

    from fwconformance.cli import main

    sys.exit(main())
