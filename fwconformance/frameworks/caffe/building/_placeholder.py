"""What stands for Caffe where it could not be built: a distribution that says why, so that the column can."""

from __future__ import annotations

from pathlib import Path

from fwconformance.frameworks.caffe.building._pack import zipped
from fwconformance.frameworks.caffe.building._source import VERSION

#: A local version: the column is that of the release, and says itself that nothing was built.
NOT_BUILT = f"{VERSION}+not.built"


def placeholder(reason: str, folder: Path) -> Path:
    """A wheel in `folder` with a module ``caffe`` that holds nothing but `reason`, as ``not_built``."""
    stage = folder / "placeholder"
    package, info = stage / "caffe", stage / f"caffe-{NOT_BUILT}.dist-info"
    package.mkdir(parents=True)
    info.mkdir()
    (package / "__init__.py").write_text(f"not_built = {reason!r}\n", encoding="utf-8")
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: caffe\nVersion: {NOT_BUILT}\n", encoding="utf-8")
    (info / "WHEEL").write_text(
        "Wheel-Version: 1.0\nGenerator: fwconformance\nRoot-Is-Purelib: true\nTag: py3-none-any\n", encoding="utf-8"
    )
    return zipped(stage, info.name, folder / f"caffe-{NOT_BUILT}-py3-none-any.whl")
