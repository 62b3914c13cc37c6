"""What a worker runs, as a script: one call of one piece, behind the seam, in a process of its own.

    python _worker.py FOLDER ROLE

`FOLDER` holds the call (see `_remote`). `ROLE` is the number of this worker, "env:NAME" where a launcher of the
framework says it in that variable, or a word ("server") for a process that serves the others and returns nothing. The
result, or what went wrong, is written to ``result-ROLE``.
"""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import sys
import traceback


def main() -> int:
    folder, role = pathlib.Path(sys.argv[1]), sys.argv[2]
    if role.startswith("env:"):
        role = os.environ[role[len("env:") :]]
    place = json.loads((folder / "place.json").read_text(encoding="utf-8"))
    # The path of the process that started us, which in a supervised run was made safe; not the folder of this script.
    sys.path[:] = place["path"]
    sys.dont_write_bytecode = True
    die_with_parent()

    from fwconformance.frameworks import _codec, _remote

    try:
        answer = _remote.perform(_codec.read(folder, "call"), role)
    except BaseException as error:
        # The starter may not see what is printed here if a launcher is in between, so it is kept in the result too.
        traceback.print_exc()
        _codec.write(folder, f"result-{role}", _remote.describe_error(error))
        return 1
    _codec.write(folder, f"result-{role}", answer)
    return 0


def die_with_parent() -> None:
    """Where the system can (Linux): be killed when whoever started us dies."""
    if sys.platform.startswith("linux"):
        with contextlib.suppress(Exception):  # no libc to ask: the starter ends its whole group anyway
            import ctypes
            import signal

            ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # A framework's own threads and atexit handlers can hang or crash after the result is safe; they say nothing of it.
    os._exit(status)
