"""The command line: `fwconformance run`, `merge`, `render`, `check`, `list`, `show`, `findings`, `proofs`,
`suite-revision`.

Nothing heavy is imported here: each command's module is small, and imports what it works with when it runs.
"""

from __future__ import annotations

from fwconformance.cli._errors import CommandError as CommandError
from fwconformance.cli._errors import Exit as Exit
from fwconformance.cli._main import main as main
