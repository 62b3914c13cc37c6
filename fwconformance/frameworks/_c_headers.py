"""A probe: whether a framework's headers are an interface that a program in C can be written against."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import attrs

from fwconformance.frameworks._protocol import Unavailable

_COMPILERS = ("cc", "gcc", "clang")
#: What a header may take for granted, as many do.
_BEFORE = "#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n"


@attrs.frozen(kw_only=True)
class CHeaders:
    """Gives a C compiler, one after another, the headers that speak of C's linkage. A function that a C program could
    call is declared in such a one: where none is taken, there is no interface in C.

    Attributes:
        root: folder that they are included from.
        patterns: of paths below it, the likeliest first.
        label: what they are, in the evidence ("headers of ...").
    """

    root: Path
    patterns: tuple[str, ...]
    label: str

    def run(self) -> tuple[bool, str]:
        """See `Probe.run`. Raises Unavailable without a C compiler."""
        headers = list(dict.fromkeys(path for each in self.patterns for path in sorted(self.root.glob(each))))
        if not headers:
            return True, f"there are no {self.label}"
        linked = [path for path in headers if 'extern "C"' in path.read_text(encoding="utf-8", errors="replace")]
        if not linked:
            return True, f'of {len(headers)} {self.label}, none has an extern "C"'
        first = ""
        for path in linked:
            name = path.relative_to(self.root).as_posix()
            refused = self._refused(name)
            if not refused:
                return False, f"a C compiler takes {name}"
            first = first or f"{name}: {refused}"
        return True, (
            f'of {len(headers)} {self.label}, {len(linked)} with an extern "C" and none that a C compiler takes: '
            f"{first}"
        )

    def _refused(self, name: str) -> str:
        """The first error of a program in C11 that includes the header `name`; "" where there is none."""
        compiler = next((found for found in map(shutil.which, _COMPILERS) if found), None)
        if compiler is None:
            raise Unavailable("no cc, gcc or clang on the path: install a C compiler, which is asked about headers")
        done = subprocess.run(
            [compiler, "-std=c11", "-x", "c", "-fsyntax-only", "-I", str(self.root), "-"],
            input=f"{_BEFORE}#include <{name}>\n",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            env={**os.environ, "LC_ALL": "C"},
        )
        if done.returncode == 0:
            return ""
        said = next((line for line in done.stdout.splitlines() if re.search(r"\berror:", line)), done.stdout.strip())
        return said.replace(f"{self.root}{os.sep}", "")[:200]
