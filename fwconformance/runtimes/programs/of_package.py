# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Files that an installed distribution ships: where they are, and pictures decoded.

`request.json` names the distribution, the files (as its metadata lists them) and whether they are pictures;
`answer.json` gives the version and the paths, or shapes of the pictures, whose bytes lie beside it: red, green, blue
last, as uint8.
"""

from __future__ import annotations

import json
import pathlib
import sys
from typing import Any, Mapping


def answer(folder: pathlib.Path, request: Mapping[str, Any]) -> dict[str, Any]:
    """What stands in `answer.json`."""
    from importlib import metadata

    name = request["distribution"]
    try:
        distribution = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return {"missing": name, "message": f"no distribution {name}"}
    paths = [pathlib.Path(str(distribution.locate_file(file))) for file in request["files"]]
    absent = [path.name for path in paths if not path.is_file()]
    if absent:
        return {"missing": name, "message": f"{name} {distribution.version} ships no {', '.join(absent)}"}
    found = {"version": distribution.version, "paths": [str(path) for path in paths]}
    return {**found, "shapes": _decoded(folder, paths)} if request["pictures"] else found


def _decoded(folder: pathlib.Path, paths: list[pathlib.Path]) -> list[list[int]]:
    import cv2

    shapes = []
    for number, path in enumerate(paths):
        pixels = cv2.cvtColor(cv2.imread(str(path), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
        pixels.tofile(str(folder / f"picture-{number}.bin"))
        shapes.append(list(pixels.shape))
    return shapes


if __name__ == "__main__":
    where = pathlib.Path(sys.argv[1])
    text = json.dumps(answer(where, json.loads((where / "request.json").read_text(encoding="utf-8"))))
    (where / "answer.part").write_text(text, encoding="utf-8")
    (where / "answer.part").replace(where / "answer.json")
