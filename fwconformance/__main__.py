"""`python -m fwconformance`: the command line, also from a checkout that was never installed."""

from __future__ import annotations

import sys

from fwconformance.cli import main

if __name__ == "__main__":
    sys.exit(main())
