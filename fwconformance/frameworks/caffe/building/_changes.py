"""What has to be changed in Caffe's source to build and run it today. Each change fits exactly as often as it says."""

from __future__ import annotations

from pathlib import Path

import attrs

from fwconformance.frameworks.caffe.building._errors import BuildError


@attrs.frozen(kw_only=True)
class Change:
    """In `file`, `old` becomes `new`, at each of the `times` places where it stands; `because` is for the record."""

    file: str
    old: str
    new: str
    because: str
    times: int = 1


CHANGES = (
    Change(
        file="src/caffe/util/io.cpp",
        old="SetTotalBytesLimit(kProtoReadBytesLimit, 536870912)",
        new="SetTotalBytesLimit(kProtoReadBytesLimit)",
        because="protobuf 3.6 deprecated the warning threshold, and later ones have no such argument",
    ),
    Change(file="python/caffe/io.py", old=".tostring()", new=".tobytes()", because="NumPy removed it"),
    Change(file="python/caffe/io.py", old="np.fromstring(", new="np.frombuffer(", because="NumPy removed it"),
    Change(file="python/caffe/io.py", old="as_grey=", new="as_gray=", because="scikit-image 0.16 renamed it"),
)


def apply(tree: Path, changes: tuple[Change, ...] = CHANGES) -> None:
    """Make the changes in the source below `tree`. Raises BuildError where one does not fit, changing no file then."""
    texts: dict[str, str] = {}
    for change in changes:
        path = tree / change.file
        if change.file not in texts:
            try:
                texts[change.file] = path.read_text(encoding="utf-8")
            except OSError as error:
                raise BuildError(f"the source has no {change.file} to change: {error.strerror}") from error
        found = texts[change.file].count(change.old)
        if found != change.times:
            raise BuildError(
                f"{change.file}: {change.old!r} stands there {found} times instead of {change.times}: "
                "this is not the source that our changes are for"
            )
        texts[change.file] = texts[change.file].replace(change.old, change.new)
    for name, text in texts.items():
        (tree / name).write_text(text, encoding="utf-8")
