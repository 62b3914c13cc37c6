"""Files that registry packages ship for others to load: weights, definitions, pictures.

They are looked for where the runtimes are, so that no package and none of its dependencies stands beside a framework.
"""

from __future__ import annotations

import json
import pathlib
import shutil
import tempfile
from typing import Any, Mapping, Sequence

import attrs
import numpy as np

from fwconformance.frameworks import Unavailable
from fwconformance.processes import how_it_ended, run_program
from fwconformance.runtimes._catalog import Runtime
from fwconformance.runtimes._places import nowhere, places
from fwconformance.runtimes._run import RuntimeFailed

Array = Any  # numpy.ndarray

_LIMIT = 60.0


@attrs.frozen(kw_only=True)
class Packaged:
    """Files of an installed distribution.

    Attributes:
        version: of the distribution.
        paths: of the files, in the order in which they were asked for.
    """

    version: str
    paths: tuple[pathlib.Path, ...]


def packaged(distribution: str, version: str, files: Sequence[str]) -> Packaged:
    """Where `files` of `distribution` lie.

    Args:
        distribution: its name.
        version: to install where it is nowhere.
        files: as the distribution's metadata lists them.

    Raises Unavailable where no interpreter has them, saying what to install; `processes.Hung`; RuntimeFailed.
    """
    answer, _ = _ask(distribution, version, files, pictures=False)
    return Packaged(version=answer["version"], paths=tuple(map(pathlib.Path, answer["paths"])))


def pictures(distribution: str, version: str, files: Sequence[str]) -> list[Array]:
    """Pictures that `distribution` ships, (rows, columns, 3) each, uint8, the channels red, green, blue.

    Takes and raises what `packaged` does; OpenCV decodes them.
    """
    return _ask(distribution, version, files, pictures=True)[1]


def _ask(
    distribution: str, version: str, files: Sequence[str], *, pictures: bool
) -> tuple[Mapping[str, Any], list[Array]]:
    needs = Runtime(
        name=distribution,
        program="of_package.py",
        modules=("cv2",) if pictures else (),
        package=f"{distribution}=={version}",
        formats=(),
    )
    said = ""
    for place in places(needs):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="fwconformance-package-"))
        try:
            request = {"distribution": distribution, "files": list(files), "pictures": pictures}
            (folder / "request.json").write_text(json.dumps(request), encoding="utf-8")
            ended = run_program(
                (*place.command, str(folder)),
                folder=folder,
                limit=_LIMIT,
                environment=place.environment,
                name=distribution,
            )
            try:
                answer = json.loads((folder / "answer.json").read_text(encoding="utf-8"))
            except FileNotFoundError:
                raise RuntimeFailed(
                    f"looking for files of {distribution} ended ({how_it_ended(ended.status or 0)}) without an answer; "
                    f"it printed: {' | '.join(ended.output.splitlines()[-6:])[-900:] or 'nothing'}"
                ) from None
            if "missing" not in answer:
                shapes = answer.get("shapes", ())
                return answer, [
                    np.fromfile(str(folder / f"picture-{number}.bin"), "uint8").reshape(shape)
                    for number, shape in enumerate(shapes)
                ]
            said = f" ({answer['message']})"
        finally:
            shutil.rmtree(str(folder), ignore_errors=True)
    raise Unavailable(nowhere(needs) + said)
