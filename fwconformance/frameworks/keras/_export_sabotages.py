# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""Three faults for each exported format, planted in the function that writes it."""

from __future__ import annotations

import contextlib
import functools
from typing import Any, Callable, Iterator, Sequence

from fwconformance.frameworks._export_faults import quantising_nothing
from fwconformance.frameworks._patching import replaced
from fwconformance.frameworks._protocol import Sabotage
from fwconformance.frameworks.keras import _export_sabotages_backend as by_backend
from fwconformance.frameworks.keras._export import LiteRtExporter
from fwconformance.frameworks.keras._export_faulty_layers import Make, by_the_batch, during, without_bias
from fwconformance.frameworks.keras._export_sabotages_earlier import earlier_faults, earlier_writer
from fwconformance.frameworks.keras._native import keras, ops

layers = keras.layers

#: The batch size that a faulty export bakes in.
_ROWS = 3

#: Formats that `Model.export` writes, by backend.
EXPORTED = {
    "tensorflow": ("saved-model", "onnx", "openvino", "litert", "tensorflow-js"),
    "torch": ("onnx", "openvino", "torch-export"),
    "jax": (),
}
SAVED = ("keras-file", "hdf5")


def _export_of_one_size(original: Any) -> Any:
    def export(self: Any, filepath: Any, **named: Any) -> Any:
        (given,) = self.inputs
        spec = layers.InputSpec(shape=(_ROWS, *given.shape[1:]), dtype=given.dtype, name=given.name)
        named.pop("dynamic_shapes", None)
        return original(self, filepath, **{**named, "input_signature": [spec]})

    return export


def _export_adding_rows(original: Any) -> Any:
    """For torch: OpenVINO frees a batch axis that nothing but the signature fixes."""

    def export(self: Any, filepath: Any, **named: Any) -> Any:
        named.pop("dynamic_shapes", None)
        given = keras.Input(batch_shape=(_ROWS, *self.inputs[0].shape[1:]), name="one_size")
        faulty = keras.Model(given, ops.add(self(given), ops.zeros((_ROWS, *self.outputs[0].shape[1:]))))
        faulty(ops.zeros(given.shape, dtype=given.dtype))  # exporting to ONNX asks for a model that was called
        return original(faulty, filepath, **named)

    return export


def _save_of_one_size(original: Any) -> Any:
    def save(self: Any, *arguments: Any, **named: Any) -> Any:
        given = keras.Input(batch_shape=(_ROWS, *self.inputs[0].shape[1:]), name="one_size")
        outputs = self(given)
        # The shape of its input alone would not do: Keras takes other batches there. This layer keeps a state a row.
        rows = layers.SimpleRNN(outputs.shape[-1], stateful=True, kernel_initializer="zeros", activation="linear")
        outputs = layers.Add()([outputs, rows(layers.Reshape((1, -1))(outputs))])
        return original(keras.Model(given, outputs), *arguments, **named)

    return save


def _save_zeroed(kind: str, attributes: Sequence[str]) -> Make:
    """`Model.save` with variables of the model's last layer of `kind` zero in the file."""

    def make(original: Any) -> Any:
        def save(self: Any, *arguments: Any, **named: Any) -> Any:
            layer = [each for each in self.layers if type(each).__name__ == kind][-1]
            variables = [getattr(layer, name) for name in attributes]
            kept = [ops.convert_to_numpy(variable).copy() for variable in variables]
            for variable in variables:
                variable.assign(ops.zeros(variable.shape))
            try:
                return original(self, *arguments, **named)
            finally:
                for variable, values in zip(variables, kept):
                    variable.assign(values)

        return save

    return make


def _traced(make: Callable[[Any, Any, Any], Any]) -> Make:
    """jax.export.export whose tracing is done by ``make(trace, function, what the program is to take)``."""

    def outer(original: Any) -> Any:
        return lambda function: lambda given: make(original(function), function, given)

    return outer


def _traced_at_one_size(trace: Any, function: Any, given: Any) -> Any:
    import jax

    return trace(jax.ShapeDtypeStruct((_ROWS, *given.shape[1:]), given.dtype))


def _traced_while(owner: Any, name: str, make: Make) -> Callable[[Any, Any, Any], Any]:
    def run(trace: Any, function: Any, given: Any) -> Any:
        with replaced(owner, name, make):
            return trace(given)

    return run


def _three(form: str, where: Callable[[], tuple[Any, str]], makes: Sequence[Make], words: Sequence[str]) -> Any:
    def planted(make: Make) -> Callable[[], Any]:
        @contextlib.contextmanager
        def apply() -> Iterator[None]:
            owner, name = where()
            with replaced(owner, name, make):
                yield

        return apply

    names = ("bakes-in-the-batch", "drops-a-bias", "exports-training")
    cases = ("dynamic-batch", "convolutional", "convolutional")
    return tuple(
        Sabotage(name=f"{form}-{name}", kills=f"export.{form}", case=case, apply=planted(make), description=word)
        for name, case, make, word in zip(names, cases, makes, words)
    )


def sabotages(backend: str) -> Sequence[Sabotage]:
    """Of every format that Keras is exported to on `backend`."""
    found: list[Sabotage] = []
    for form in EXPORTED[backend]:
        if not hasattr(keras.Model, "export"):
            found.extend(_three(form, functools.partial(earlier_writer, form), *earlier_faults(form)))
            continue
        makes = (
            _export_adding_rows if backend == "torch" else _export_of_one_size,
            during(layers.Dense, "call", without_bias),
            during(layers.BatchNormalization, "call", by_the_batch),
        )
        words = (
            f"keras.Model.export is asked for a batch of {_ROWS}.",
            "keras.Model.export traces dense layers without their bias.",
            "keras.Model.export traces batch normalisation by the batch, as training does.",
        )
        found.extend(_three(form, lambda: (keras.Model, "export"), makes, words))
    for form in SAVED:
        makes = (
            _save_of_one_size,
            _save_zeroed("Dense", ("bias",)),
            _save_zeroed("BatchNormalization", ("moving_mean", "moving_variance")),
        )
        words = (
            f"keras.Model.save writes a model for a batch of {_ROWS}.",
            "keras.Model.save writes zeros for the last bias.",
            "keras.Model.save writes the statistics of a model that was never trained.",
        )
        found.extend(_three(form, lambda: (keras.Model, "save"), makes, words))
    if backend == "tensorflow":
        found.append(quantising_nothing("litert", LiteRtExporter))
        found.extend(by_backend.stablehlo())
    if backend != "jax":
        found.extend(by_backend.coreml(backend))
    if backend == "jax":
        found.extend((*_stablehlo(), _recurrent_onnx()))
    return tuple(found)


def _recurrent_onnx() -> Sabotage:
    """On JAX no convolutional file runs even without a fault (a finding): the recurrent one must show it."""

    @contextlib.contextmanager
    def apply() -> Iterator[None]:
        with replaced(keras.Model, "export", during(layers.Dense, "call", without_bias)):
            yield

    return Sabotage(
        name="onnx-drops-a-bias",
        kills="export.onnx",
        case="recurrent",
        apply=apply,
        description="keras.Model.export traces dense layers without their bias.",
    )


def _stablehlo() -> Any:
    def where() -> tuple[Any, str]:
        import jax.export

        return jax.export, "export"

    makes = (
        _traced(_traced_at_one_size),
        _traced(_traced_while(layers.Dense, "call", without_bias)),
        _traced(_traced_while(layers.BatchNormalization, "call", by_the_batch)),
    )
    words = (
        f"jax.export.export traces a batch of {_ROWS}.",
        "jax.export.export traces dense layers without their bias.",
        "jax.export.export traces batch normalisation by the batch, as training does.",
    )
    return _three("stablehlo", where, makes, words)
