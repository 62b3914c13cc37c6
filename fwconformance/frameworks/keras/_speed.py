# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore"
"""Work to be timed, as Keras' guides write it: `predict_on_batch` and `train_on_batch`."""

from __future__ import annotations

import contextlib
from typing import Any, Callable, Iterator, Mapping

from fwconformance.frameworks._network import Network
from fwconformance.frameworks._protocol import Array, NotAdapted, Tensor, Weights
from fwconformance.frameworks._training import Training
from fwconformance.frameworks.keras._backends import Backend
from fwconformance.frameworks.keras._model import KerasModel
from fwconformance.frameworks.keras._native import COMPILED_BY_XLA, by_jit, keras, ops
from fwconformance.frameworks.keras._training import KerasTrainer

#: `jit_compile` of each mode.
_JIT: Mapping[str, Any] = {"default": "auto", "jit": True, "no-jit": False, "bf16": "auto"}

_MODES: Mapping[str, Mapping[str, str]] = {
    "tensorflow": {
        "default": 'compile() as it is: jit_compile="auto", tf.function, with XLA where every layer admits it',
        "no-jit": "compile(jit_compile=False): tf.function without XLA",
    }
    if COMPILED_BY_XLA
    else {"default": "compile() as it is: tf.function, without XLA"},
    "jax": {"default": 'compile() as it is: jit_compile="auto", jax.jit'},
    "torch": {
        "default": 'compile() as it is: jit_compile="auto", which is eager on torch',
        "jit": "compile(jit_compile=True): torch.compile",
    },
}

_MIXED: Mapping[str, str] = {"bf16": 'compile() as it is, the layers under the dtype policy "mixed_bfloat16"'}


def mixes(device: str) -> bool:
    """Whether `device` is a graphics card."""
    return device.partition(":")[0] == "cuda"


@contextlib.contextmanager
def policy(mode: str) -> Iterator[None]:
    """What layers that are made inside compute in."""
    if mode != "bf16":
        yield
        return
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


class TimedKeras:
    """`Timed` of the seam. The results of Keras' methods are on the host; `settle` waits for what they leave behind."""

    def __init__(
        self,
        model: KerasModel,
        trainer: KerasTrainer | None,
        call: Callable[[], Any],
        settle: Callable[[], None],
    ) -> None:
        self.model = model
        self.trainer = trainer
        self._call = call
        self._settle = settle

    def call(self) -> Tensor:
        with self.model.backend.scope(self.model.device):
            found = self._call()
            self._settle()
            # Of layers that compute in bfloat16, outputs are too, in a type that is no float of NumPy's own.
            return found.astype("float32") if "bfloat16" in str(getattr(found, "dtype", "")) else found


class Speed:
    """Piece "speed". `predict_on_batch` and `train_on_batch` give NumPy values, as Keras has them do."""

    layout = "channels last"

    def __init__(self, backend: Backend, device: str) -> None:
        self._backend = backend
        self._device = device
        self.modes = {**_MODES[backend.name], **(_MIXED if mixes(device) else {})}
        self.best = "jit" if backend.name == "torch" else "default"

    @property
    def arithmetic(self) -> str:
        return self._backend.arithmetic()

    def inference(self, network: Network, weights: Weights, inputs: Array, mode: str) -> TimedKeras:
        model = self._model(network, weights, mode)
        x = self._given(network, inputs)
        native = model.native
        with self._backend.scope(self._device):
            native.compile(**by_jit(_JIT[mode]))
        return TimedKeras(model, None, lambda: native.predict_on_batch(x), lambda: None)

    def training(self, work: Training, mode: str) -> TimedKeras:
        ((inputs, targets),) = work.batches
        model = self._model(work.network, work.weights, mode)
        trainer = KerasTrainer(model, work.loss, work.optimizer, jit=_JIT[mode])
        x, native = self._given(work.network, inputs), model.native
        with self._backend.scope(self._device):
            wanted = model.targets(work.loss, targets)
        return TimedKeras(model, trainer, lambda: native.train_on_batch(x, wanted), self._settle(native))

    def _settle(self, native: Any) -> Callable[[], None]:
        if self._backend.name != "jax":
            return lambda: None
        import jax

        return lambda: jax.block_until_ready([variable.value for variable in native.trainable_variables])

    def _given(self, network: Network, inputs: Array) -> Any:
        with self._backend.scope(self._device):
            return ops.convert_to_tensor(inputs, dtype="int32" if network.integer_input else "float32")

    def _model(self, network: Network, weights: Weights, mode: str) -> KerasModel:
        if mode not in self.modes:
            raise NotAdapted(f"Keras on {self._backend.name} has no mode {mode!r} here; it has {', '.join(self.modes)}")
        if mode == "jit":
            import torch

            # All Keras models share their code: after eight builds it would stop compiling, without a word.
            torch.compiler.reset()
        with policy(mode):
            return KerasModel(network, self._backend, self._device, weights)


def piece(name: str, backend: Backend, device: str) -> Speed:
    """The piece "speed"."""
    return Speed(backend, device)
