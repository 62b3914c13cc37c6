"""One rung of one binding: a program in another language, beside the framework's Python and the oracle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Mapping

import attrs
import numpy as np

from fwconformance.frameworks import (
    SGD,
    Activation,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Loss,
    Network,
    NotAdapted,
    Pool2D,
    Project,
    Unavailable,
)
from fwconformance.suitekit._parity import own_running_variance, scalar
from fwconformance.suitekit._program import Program, built
from fwconformance.works._draws import initial_weights, spread, weights_for

if TYPE_CHECKING:
    from fwconformance.bindings import Built
    from fwconformance.frameworks import Seam, SeamPiece
    from fwconformance.suitekit._cases import Case

Array = Any

#: tanh(x w1 + b1) w2: what every language writes by itself.
TWO_LAYERS = Network(
    layers=(Dense(units=6), Activation(kind="tanh"), Dense(units=3, bias=False)),
    input_shape=(4,),
)
_NAMES = {"w1": "0.kernel", "b1": "0.bias", "w2": "2.kernel"}
_MSE = Loss(kind="mse")
_STEPS, _BATCH, _RATE, _MOMENTUM = 12, 8, 0.1, 0.9


@attrs.frozen(kw_only=True)
class _Rung(Program):
    """What the check of every rung works with."""

    framework: Seam
    oracle: Seam
    piece: SeamPiece

    @property
    def project(self) -> Mapping[str, Any]:
        return self.built.project.to_json()


def check_rung(
    case: Case, framework: Seam, oracle: Seam, language: str, rung: str, *, lineage: str = "official"
) -> None:
    """Assert that a program in `language` does at `rung` what Python and the oracle do.

    `lineage`: or the name of a case of its own that a project is for. Raises NotAdapted where there is no such program
    yet, or it does not offer the rung; `Unavailable` where it cannot be built here; Unsupported in the words of the
    build tool or of the binding where that lacks what the rung asks for; `BuildFailed` with the compiler's own message.
    """
    on_the_cpu(framework)
    piece = framework.piece("bindings")
    projects = [Project.from_json(one) for one in piece.projects(language)]
    chosen = next((one for one in projects if (one.case or one.lineage) == lineage), None)
    if chosen is None:
        raise NotAdapted(f"there is no program for the {lineage} {language} binding of {framework.name} yet")
    if chosen.unavailable:
        raise Unavailable(f"{chosen.artifact}: {chosen.unavailable}")
    # A build that its binding may refuse says more of every rung than that our program does not come to it.
    program = built(chosen) if chosen.refusal else None
    if rung != "install" and rung not in chosen.rungs:
        raise NotAdapted(f"the program for {chosen.artifact} does not come to the rung {rung!r} yet")
    program = program or built(chosen)
    case.figure(f"build of {chosen.folder}", program.seconds, "s")
    _CHECKS[rung](_Rung(case=case, framework=framework, oracle=oracle, piece=piece, built=program))


def on_the_cpu(framework: Seam) -> None:
    """Raise NotAdapted where `framework` is not."""
    if framework.device.split(":")[0] != "cpu":
        raise NotAdapted(f"programs in other languages run on the CPU here, not on {framework.device} yet")


def climb(case: Case, rung: str, built: Built, *, framework: Seam, oracle: Seam) -> None:
    """Assert that the program does at `rung`, which needs no file of Python's, what the oracle does."""
    piece = framework.piece("bindings")
    _CHECKS[rung](_Rung(case=case, framework=oracle, oracle=oracle, piece=piece, built=built))


def _install(rung: _Rung) -> None:
    project, said = rung.built.project, rung.says_its_version()
    rung.case.detail(project.lineage, project.artifact, f"says that it is {said}")
    rung.case.level("hardware")


def _arithmetic(rung: _Rung) -> None:
    rng = rung.case.rng
    a, b, c = spread(rng, 4, 5), spread(rng, 4, 5), spread(rng, 5, 3)
    answer = rung.answer("arithmetic", {"a": a, "b": b, "c": c})
    wide_a, wide_b, wide_c = (one.astype(np.float64) for one in (a, b, c))
    rung.close(answer, "sum", wide_a + wide_b, "the sum")
    rung.close(answer, "product", wide_a * wide_b, "the product")
    rung.close(answer, "matrix-product", wide_a @ wide_c, "the matrix product")
    rung.case.level("hardware")


def reader(running_variance: str) -> Network:
    """What is exported: an export in training mode, a lost bias or axes that trade places show at once."""
    return Network(
        layers=(
            Conv2D(channels=4, kernel=(3, 2)),
            BatchNorm(running_variance=running_variance),
            Activation(kind="relu"),
            Pool2D(kind="max", size=(2, 2), stride=(2, 2)),
            Flatten(),
            Dense(units=6),
            Activation(kind="tanh"),
            Dropout(rate=0.5),
            Dense(units=4),
        ),
        input_shape=(3, 10, 7),
    )


def _inference(rung: _Rung) -> None:
    rng = rung.case.rng
    network = reader(own_running_variance(rung.framework))
    weights = weights_for(network, rng)
    model = rung.framework.build(network, weights)
    example, inputs = spread(rng, 3, 3, 10, 7), spread(rng, 5, 3, 10, 7)
    files = rung.piece.export(rung.project, model, example, str(rung.case.tmp_path))
    answer = rung.answer("inference", {"inputs": inputs}, files=files)
    rung.close(answer, "outputs", model.forward(inputs), "outputs of the exported model, against Python's,")
    oracle = rung.oracle.build(network, weights)
    rung.close(answer, "outputs", oracle.forward(inputs), "outputs of the exported model, against the oracle's,")


def _two_layers(rng: Any) -> dict[str, Array]:
    """Neutral weights by neutral name."""
    return weights_for(TWO_LAYERS, rng)


def _named(weights: Mapping[str, Array]) -> dict[str, Array]:
    return {short: weights[name] for short, name in _NAMES.items()}


def _gradients(rung: _Rung) -> None:
    rng = rung.case.rng
    weights, inputs, targets = _two_layers(rng), spread(rng, 5, 4), spread(rng, 5, 3)
    answer = rung.answer("gradients", {**_named(weights), "inputs": inputs, "targets": targets})
    for whose, seam in (("Python's", rung.framework), ("the oracle's", rung.oracle)):
        loss, by_weight, _ = seam.build(TWO_LAYERS, weights).gradients(_MSE, inputs, targets)
        rung.close(answer, "loss", scalar(loss), f"the loss, against {whose},")
        for short, name in _NAMES.items():
            rung.close(answer, short, by_weight[name], f"the gradient by {short}, against {whose},")


def _steps(rng: Any) -> tuple[dict[str, Array], dict[str, Array]]:
    """(weights to start from, stacked batches): targets that a network of this kind can reach."""
    weights = initial_weights(TWO_LAYERS, rng)
    inputs = spread(rng, _STEPS, _BATCH, 4)
    targets = np.tanh(inputs[..., :3] + 0.5 * inputs[..., 1:]).astype(np.float32)
    return weights, {"inputs": inputs, "targets": targets}


def _trained(seam: Seam, weights: Mapping[str, Array], batches: Mapping[str, Array]) -> tuple[Any, list[float]]:
    trainer = seam.trainer(seam.build(TWO_LAYERS, weights), _MSE, SGD(rate=_RATE, momentum=_MOMENTUM))
    losses = [
        float(scalar(trainer.step(inputs, targets))) for inputs, targets in zip(batches["inputs"], batches["targets"])
    ]
    return trainer.model, losses


def _training(rung: _Rung) -> None:
    weights, batches = _steps(rung.case.rng)
    numbers = {"rate": _RATE, "momentum": _MOMENTUM}
    answer = rung.answer("training", {**_named(weights), **batches}, numbers)
    for whose, seam in (("Python's", rung.framework), ("the oracle's", rung.oracle)):
        model, losses = _trained(seam, weights, batches)
        rung.close(answer, "losses", losses, f"the losses, against {whose},")
        after = model.weights()
        for short, name in _NAMES.items():
            rung.close(answer, short, after[name], f"{short} after training, against {whose},")
    losses = answer.tensors["losses"]
    assert losses[-3:].mean() < 0.5 * losses[:3].mean(), f"it does not learn: losses {np.round(losses, 4).tolist()}"


def _saving(rung: _Rung) -> None:
    weights, batches = _steps(rung.case.rng)
    held_out = spread(rung.case.rng, 7, 4)
    numbers = {"rate": _RATE, "momentum": _MOMENTUM}
    answer = rung.answer("saving", {**_named(weights), **batches, "held-out": held_out}, numbers)
    folder = rung.case.tmp_path
    assert answer.files, "the program names no file that it saved"
    for name, path in answer.files.items():
        assert (folder / path).exists(), f"the program says that it saved {name} as {path}, which is not there"
    outputs = rung.piece.restored(rung.project, TWO_LAYERS, answer.files, str(folder), held_out)
    rung.close(answer, "outputs", outputs, "outputs of the saved model, against Python's once it loaded it,")
    model, _ = _trained(rung.oracle, weights, batches)
    rung.close(answer, "outputs", model.forward(held_out), "outputs of the saved model, against the oracle's,")


def _custom_layer(rung: _Rung) -> None:
    rng, rate = rung.case.rng, 0.5
    weights = {"scale": spread(rng, 5), "shift": spread(rng, 5)}
    inputs, targets = spread(rng, 3, 4, 5), spread(rng, 3, 4, 5)
    answer = rung.answer("custom-layer", {**weights, "inputs": inputs, "targets": targets}, {"rate": rate})
    for whose, seam in (("Python's", rung.framework), ("the oracle's", rung.oracle)):
        piece = seam.piece("custom-layer")
        rung.close(answer, "outputs", piece.forward(weights, inputs[0]), f"outputs of the layer, against {whose},")
        after = piece.train(weights, list(zip(inputs, targets)), rate)
        for name in weights:
            rung.close(answer, name, after[name], f"{name} after three steps, against {whose},")


def _errors(rung: _Rung) -> None:
    a, b = spread(rung.case.rng, 4, 11), spread(rung.case.rng, 7, 2)
    answer = rung.answer("errors", {"a": a, "b": b}, files={"missing": "no-such-model"})
    # Each error has to say what is wrong: a size that does not fit, and which file is missing.
    for name, words in (("shape", ("11", "7")), ("file", ("no-such-model",))):
        rung.met(answer, name, words)
    rung.close(answer, "sum", 2.0 * a.astype(np.float64), "a sum computed after both errors")
    rung.case.level("hardware")


_CHECKS: Mapping[str, Callable[[_Rung], None]] = {
    "install": _install,
    "arithmetic": _arithmetic,
    "inference": _inference,
    "gradients": _gradients,
    "training": _training,
    "saving": _saving,
    "custom-layer": _custom_layer,
    "errors": _errors,
}
