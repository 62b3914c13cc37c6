"""`fwconformance model`: a model of Caffe's Model Zoo that the user fetched, checked and run."""

from __future__ import annotations

import argparse
import pathlib
from typing import TYPE_CHECKING, Any

from fwconformance.cli._arguments import seconds
from fwconformance.cli._errors import CommandError, Exit
from fwconformance.cli._output import out, table

if TYPE_CHECKING:
    from fwconformance.frameworks._zoo import Listing

NAME = "model"
SUMMARY = "check a model of the Caffe Model Zoo by its digest, load it, and run it"
DESCRIPTION = """\
Take a definition (deploy.prototxt) and weights (.caffemodel) that you fetched, refuse weights of another digest than
the zoo's listing states, read them, and run the network in a process of its own: by Caffe, by the reference in NumPy,
and by OpenCV's importer where the environment `runtimes` is. All of them must give the same."""
EXAMPLES = """\
examples:
  fwconformance model deploy.prototxt bvlc_googlenet.caffemodel --listing readme.md
  fwconformance model deploy.prototxt my.caffemodel --sha256 74b7c0...15ad2 --framework reference
  fwconformance model deploy.prototxt my.caffemodel --sha1 59c13a...e37ea --inputs prepared.npy

exit code 1: the importers do not agree, or the framework failed; 2: a missing, torn or other file.
"""
#: Of outputs, as for the capability.
_RTOL, _ATOL = 1e-3, 2e-5
#: Pixels less a mean are about as large.
_RANGE = 120.0


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("definition", type=pathlib.Path, metavar="PROTOTXT", help="the network, for deployment")
    parser.add_argument("weights", type=pathlib.Path, metavar="CAFFEMODEL", help="its weights")
    parser.add_argument(
        "--listing", type=pathlib.Path, metavar="README", help="the zoo's readme.md: it states the sha1"
    )
    parser.add_argument("--sha1", metavar="HEX", help="what the weights must have")
    parser.add_argument("--sha256", metavar="HEX", help="what the weights must have")
    parser.add_argument("--framework", default="caffe", metavar="NAME", help="caffe (default) or reference")
    parser.add_argument(
        "--inputs", type=pathlib.Path, metavar="NPY", help="prepared images (default: drawn, one of the stated shape)"
    )
    parser.add_argument("--timeout", type=seconds, default=300.0, metavar="S", help="for each importer (default 300)")


def execute(options: argparse.Namespace) -> int:
    from fwconformance.frameworks._caffemodel import CaffemodelError, read_blobs
    from fwconformance.frameworks._prototxt import PrototxtError, input_shape, layers, parse
    from fwconformance.frameworks._zoo import ZooError

    for path in (options.definition, options.weights, options.listing, options.inputs):
        if path is not None and not path.is_file():
            raise CommandError(f"{path}: no such file")
    try:
        listing = _verified(options)
        network = parse(options.definition.read_text(encoding="utf-8", errors="replace"))
        names, shape = {layer.get("name") for layer in layers(network)}, input_shape(network)
        blobs = read_blobs(options.weights)
    except PrototxtError as error:
        raise CommandError(f"{options.definition}: {error}") from None
    except (ZooError, CaffemodelError) as error:
        raise CommandError(str(error)) from None
    used = [blob for blob in blobs if blob.layer in names]
    if not used:
        raise CommandError(f"{options.weights}: has weights for none of the layers of {options.definition}")
    if listing.name:
        out(f"{listing.name}; licence: {listing.license or 'none stated'}")
    count = sum(blob.values.size for blob in used)
    out(f"{len(names)} layers, {count:,} weights in {len(used)} blobs; the digest is the stated one")
    return _agreement(options, _inputs(options.inputs, shape))


def _verified(options: argparse.Namespace) -> Listing:
    from fwconformance.frameworks._zoo import Listing, checked, read_listing, verify

    listing = read_listing(options.listing) if options.listing else Listing()
    stated = [("sha1", listing.sha1), ("sha1", options.sha1), ("sha256", options.sha256)]
    digests = [(kind, checked(kind, digest)) for kind, digest in stated if digest]
    if not digests:
        raise CommandError(
            f"nothing says which file {options.weights} should be: "
            "give --listing (the zoo's readme.md), --sha1 or --sha256"
        )
    for kind, digest in digests:
        verify(options.weights, kind, digest, listing.url)
    return listing


def _inputs(path: pathlib.Path | None, shape: tuple[int, ...]) -> Any:
    import numpy as np

    if path is None:
        return np.random.default_rng(0).uniform(-_RANGE, _RANGE, (1, *shape[1:])).astype("float32")
    try:
        given = np.load(str(path), allow_pickle=False)
    except ValueError as error:
        raise CommandError(f"{path}: not an array that numpy.save wrote: {error}") from None
    if given.shape[1:] != shape[1:] or given.dtype.kind not in "fiu":
        asked = ", ".join(map(str, shape[1:]))
        raise CommandError(f"{path}: numbers (examples, {asked}) are asked for, it has {given.dtype} {given.shape}")
    return given.astype("float32")


def _agreement(options: argparse.Namespace, inputs: Any) -> int:
    """Run all importers, print how far each is from the reference, and say whether they agree."""
    import numpy as np

    names = list(dict.fromkeys([options.framework, "reference"]))
    found = {name: _by_framework(name, options, inputs) for name in names}
    independent = _by_opencv(options, inputs)
    if isinstance(independent, str):
        out(f"OpenCV did not take part: {independent}")
    else:
        found["OpenCV"] = independent
    sound = found["reference"]
    rows, agree = [], True
    for name, outputs in found.items():
        same = outputs.size == sound.size and np.allclose(outputs.reshape(sound.shape), sound, _RTOL, _ATOL)
        apart = f"{np.abs(outputs.reshape(sound.shape) - sound).max():.2g}" if outputs.size == sound.size else "-"
        flat = outputs.reshape(len(inputs), -1)[0]
        best = np.argsort(-flat, kind="stable")[:3]
        rows.append((name, apart, "yes" if same else "NO", ", ".join(f"{index}: {flat[index]:.4g}" for index in best)))
        agree = agree and bool(same)
    out(table(rows, ("importer", "largest difference", "agrees", "highest outputs of the first example")))
    return Exit.MEASURED if agree else Exit.FAULTS


def _by_framework(name: str, options: argparse.Namespace, inputs: Any) -> Any:
    from fwconformance.frameworks import CatalogError, NotAdapted, Unavailable, create
    from fwconformance.frameworks._seam import Seam

    try:
        seam = Seam(create(name))
        paths = [str(path.resolve()) for path in (options.definition, options.weights)]
        (outputs,) = seam.elsewhere("caffe-model", "forward", *paths, inputs, limit=options.timeout)
    except (CatalogError, Unavailable) as error:
        raise CommandError(f"{error}") from None
    except NotAdapted as error:
        raise CommandError(f"{name} cannot be asked: {error}") from None
    except Exception as error:  # whatever ended its process is the framework's answer
        raise CommandError(f"{name} failed: {type(error).__name__}: {error}", Exit.FAULTS) from None
    return outputs


def _by_opencv(options: argparse.Namespace, inputs: Any) -> Any:
    """Its outputs, or why there are none."""
    from fwconformance.frameworks import Artifact, Unavailable
    from fwconformance.runtimes import BatchRefused, RuntimeFailed, run

    artifact = Artifact(file=options.definition.name, entry=str(options.weights.resolve()))
    try:
        ran = run("caffe-model", artifact, options.definition.resolve().parent, [inputs], limit=options.timeout)
    except (Unavailable, RuntimeFailed, BatchRefused) as error:
        return str(error)
    return ran.outputs[0]
