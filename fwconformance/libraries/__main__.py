"""``python -m fwconformance.libraries [--framework NAME] [LIBRARY ...]``: install the libraries of both lists, each in
an environment of its own. Needs the package index. What is there already stays, unless ``--again``.
"""

from __future__ import annotations

import argparse
import sys
from typing import Sequence

from fwconformance.libraries import (
    Library,
    State,
    Unreachable,
    folder_of,
    install,
    installed,
    listed,
    packaged,
    root,
)
from fwconformance.libraries._installing import installer


def main(arguments: Sequence[str] = ()) -> int:
    """0 where every one that was asked for has a result; 1 where the index could not be reached; 2 for a wrong name."""
    parser = argparse.ArgumentParser(prog="python -m fwconformance.libraries", description=__doc__)
    parser.add_argument("--framework", action="append", choices=sorted(listed().held), help="only its libraries")
    parser.add_argument("--again", action="store_true", help="also those that have a result")
    parser.add_argument("library", nargs="*", help="only these, by the names of their distributions")
    asked = parser.parse_args(arguments)
    every = (*listed().libraries, *packaged().libraries)
    known = {each.name for each in every}
    unknown = sorted(set(asked.library) - known)
    if unknown:
        print(
            f"no such library in the lists: {', '.join(unknown)}; they have {', '.join(sorted(known))}", file=sys.stderr
        )
        return 2
    try:
        uv = installer()
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 2
    frameworks, names = asked.framework or listed().held, asked.library or known
    chosen = [each for each in every if each.framework in frameworks and each.name in names]
    print(f"{len(chosen)} libraries, into {root()}", flush=True)
    missed = 0
    for library in chosen:
        try:
            print(_line(library, uv, again=asked.again), flush=True)
        except Unreachable as error:
            missed += 1
            print(f"{library.framework:10} {library.requirement}: the index cannot be reached: {error}", flush=True)
    return 1 if missed else 0


def _line(library: Library, uv: str, *, again: bool) -> str:
    folder = folder_of(library)
    found = None if again else installed(library, folder)
    if found is None:
        found = install(library, folder, uv=uv)
    what = f"{library.framework:10} {library.requirement}: {found.state.value}"
    if found.against:
        what += ", against its own requirements"
    return what if found.state is State.INSTALLED else f"{what}: {found.said}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
