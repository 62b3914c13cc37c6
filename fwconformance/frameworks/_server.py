"""What a server runs, as a script: LitServe with the model that `_serving.Server` describes in a folder.

    python _server.py FOLDER

LitServe starts further processes: one that loads the framework and predicts, one that speaks HTTP. They import this
script anew, so nothing happens here but in `main`.
"""

from __future__ import annotations

import json
import os
import pathlib
import sys


def main() -> int:
    folder = pathlib.Path(sys.argv[1])
    place = json.loads((folder / "place.json").read_text(encoding="utf-8"))
    # The path of the process that started us, which in a supervised run was made safe; not the folder of this script.
    sys.path[:] = place["path"]
    sys.dont_write_bytecode = True

    from fwconformance.frameworks import _litserve
    from fwconformance.frameworks._worker import die_with_parent

    die_with_parent()
    if hasattr(os, "register_at_fork"):
        # Those that LitServe forks, where it can; the one that it spawns says so itself.
        os.register_at_fork(after_in_child=die_with_parent)
    _litserve.serve(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
