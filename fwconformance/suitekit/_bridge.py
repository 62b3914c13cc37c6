"""A model that a framework exported to ONNX, in another language: ONNX Runtime's outputs there, beside Python's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Mapping, Sequence

import attrs

from fwconformance.frameworks import Network, Project, _bridge
from fwconformance.runtimes import onnxruntime_library
from fwconformance.suitekit._bindings import reader
from fwconformance.suitekit._export import RECURRENT, export, turned
from fwconformance.suitekit._parity import own_running_variance
from fwconformance.suitekit._program import Program, built
from fwconformance.works._draws import spread, weights_for

if TYPE_CHECKING:
    from fwconformance.bindings import Answer
    from fwconformance.frameworks import Seam, SeamPiece
    from fwconformance.suitekit._cases import Case

Array = Any

_EXAMPLE = 3  # rows of the batch that the exporter is shown
#: What the wrong batch has in place of the images' seven columns.
_WRONG = 11


@attrs.frozen(kw_only=True)
class _Crossing(Program):
    """What the check of every case works with."""

    framework: Seam
    oracle: Seam
    exporter: SeamPiece

    def network(self) -> Network:
        """The convolutional network of the bindings' ladder."""
        return reader(own_running_variance(self.framework))

    def exported(self, network: Network, *, rows: Sequence[int]) -> _Exported:
        """`network` with weights of its own as an ONNX file in the case's folder, and batches that it did not see."""
        rng = self.case.rng
        weights = weights_for(network, rng)
        shape = [size for size in network.input_shape if size is not None]
        example, batches = spread(rng, _EXAMPLE, *shape), [spread(rng, size, *shape) for size in rows]
        model, reference = self.framework.build(network, weights), self.oracle.build(network, weights)
        # Before the export, which some frameworks do of a model that was called alone, and which might change it.
        own = [model.forward(batch) for batch in batches]
        artifact = export(self.case, self.exporter, model, example)
        return _Exported(
            files={"model": artifact.file},
            images=artifact.images,
            batches=tuple(
                _Batch(inputs=inputs, given=turned(inputs, artifact.images), own=mine, oracle=reference.forward(inputs))
                for inputs, mine in zip(batches, own)
            ),
        )

    def same(self, answer: Answer, name: str, batch: _Batch) -> None:
        """Assert that the program's `name` are the framework's own outputs for `batch`, and the oracle's."""
        what = f"outputs for a batch of {len(batch.inputs)}"
        self.close(answer, name, batch.own, f"{what}, against Python's,")
        self.close(answer, name, batch.oracle, f"{what}, against the oracle's,")


@attrs.frozen(kw_only=True, eq=False)
class _Batch:
    """Inputs in the neutral layout, the same in the layout of the file, and both sides' outputs for them."""

    inputs: Array
    given: Array
    own: Array
    oracle: Array


@attrs.frozen(kw_only=True, eq=False)
class _Exported:
    """The file that was made of a network, the layout of its images, and batches that the export did not see."""

    files: Mapping[str, str]
    images: str
    batches: Sequence[_Batch]


def check_bridge(case: Case, framework: Seam, oracle: Seam, language: str, step: str) -> None:
    """Assert that ONNX Runtime in `language` does with the framework's ONNX files what Python and the oracle do.

    `step`: a case of the capabilities ``bridge.*``. Raises Unsupported, by the probe of the exporter, where the
    framework writes no ONNX; `Unavailable` where a tool, or ONNX Runtime's library, is not installed here;
    `BuildFailed` with the compiler's own message.
    """
    # First of all: without a file there is nothing to cross with, in whichever language.
    exporter = framework.piece("export-onnx")
    program = built(_project(language))
    case.figure(f"build of {program.project.folder}", program.seconds, "s")
    crossing = _Crossing(case=case, built=program, framework=framework, oracle=oracle, exporter=exporter)
    _CHECKS[step](crossing)


def _project(language: str) -> Project:
    if language not in _bridge.BORROWING:
        return _bridge.project(language)
    library = onnxruntime_library()
    return _bridge.project(language, str(library.path), library.version)


def _install(crossing: _Crossing) -> None:
    said, project = crossing.says_its_version(), crossing.built.project
    crossing.case.detail(project.lineage, project.artifact, f"ONNX Runtime {said}")
    crossing.case.level("hardware")


def _inference(crossing: _Crossing) -> None:
    _run(crossing, crossing.network())


def _recurrent(crossing: _Crossing) -> None:
    _run(crossing, RECURRENT)


def _run(crossing: _Crossing, network: Network) -> None:
    exported = crossing.exported(network, rows=(_EXAMPLE,))
    (batch,) = exported.batches
    answer = crossing.answer("inference", {"inputs": batch.given}, files=exported.files)
    crossing.same(answer, "outputs", batch)


def _batch(crossing: _Crossing) -> None:
    exported = crossing.exported(crossing.network(), rows=(1, 5))
    batches = dict(zip(("small", "large"), exported.batches))
    answer = crossing.answer("batch", {name: batch.given for name, batch in batches.items()}, files=exported.files)
    for name, batch in batches.items():
        crossing.same(answer, name, batch)


def _errors(crossing: _Crossing) -> None:
    exported = crossing.exported(crossing.network(), rows=(_EXAMPLE,))
    (batch,) = exported.batches
    wrong = turned(spread(crossing.case.rng, *batch.inputs.shape[:-1], _WRONG), exported.images)
    files = {**exported.files, "missing": "no-such-model.onnx"}
    answer = crossing.answer("errors", {"inputs": batch.given, "wrong": wrong}, files=files)
    crossing.met(answer, "file", ("no-such-model",))
    crossing.met(answer, "shape", (str(_WRONG),))
    crossing.same(answer, "outputs", batch)


_CHECKS: Mapping[str, Callable[[_Crossing], None]] = {
    "install": _install,
    "inference": _inference,
    "batch": _batch,
    "recurrent": _recurrent,
    "errors": _errors,
}
