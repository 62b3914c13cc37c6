"""The seam: an adapter as the suites see it. What comes out was looked at before it became NumPy.

Every result must be the framework's own tensor (not a NumPy array that the adapter computed), on the device that was
asked for, of the float type that the framework works in: float32, or what the adapter states as `float_dtype` (the
reference: "float64"). Anything else raises `SeamViolation`. Results are copies, so that a later in-place step cannot
change what a test kept.
"""

from __future__ import annotations

import contextlib
from typing import Any, Iterator, Mapping, Sequence

import attrs
import numpy as np

from fwconformance.frameworks._network import Loss, Network, Optimizer
from fwconformance.frameworks._protocol import (
    Array,
    Framework,
    Model,
    NotAdapted,
    OnHost,
    Sabotage,
    Tensor,
    TensorInfo,
    Trainer,
    Weights,
)
from fwconformance.frameworks._remote import Remote
from fwconformance.frameworks._training import Training


class SeamViolation(Exception):
    """An adapter handed out something that proves nothing.

    Attributes:
        kind: "type" (not a tensor of the framework), "device" (not where the work was asked for), "dtype", or
            "arguments" (those that it makes for a function cannot be made).
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Seam:
    """An adapter with NumPy results, each checked for native type, device and dtype.

    Attributes:
        adapter: what is wrapped.
        float_dtype: NumPy's name of the float type its results must have and its inputs are given in.
        observed: devices that native tensors were seen on, in the seam's words ("cpu", "cuda:1").
        native_types: qualified class names of the native tensors seen.
        seen: how many native tensors were looked at so far, here and in workers.
        evidence: the strongest level that work on its device proves: "hardware", or what the adapter states as
            `evidence` ("simulated" where a CPU plays the device).
        sabotage: name of the sabotage that is planted now, "" without one; a worker plants it too.
    """

    def __init__(self, adapter: Framework) -> None:
        self.adapter = adapter
        self.float_dtype: str = getattr(adapter, "float_dtype", "float32")
        self.evidence: str = getattr(adapter, "evidence", "hardware")
        self.observed: set[str] = set()
        self.native_types: set[str] = set()
        self.seen = 0
        self.sabotage = ""

    def __repr__(self) -> str:
        return f"Seam({self.name!r}, backend={self.backend!r}, device={self.device!r})"

    @property
    def name(self) -> str:
        return self.adapter.name

    @property
    def backend(self) -> str:
        return self.adapter.backend

    @property
    def device(self) -> str:
        return self.adapter.device

    def versions(self) -> Mapping[str, str]:
        """Distribution name to version, as the imported modules say."""
        return dict(self.adapter.versions())

    def devices(self) -> tuple[str, ...]:
        """Device kinds visible to the framework here."""
        return tuple(self.adapter.devices())

    def seed(self, seed: int) -> None:
        """Seed every random generator of the framework."""
        self.adapter.seed(seed)

    def adam_placement(self) -> str:
        """Where the framework's own Adam adds epsilon: "corrected" or "uncorrected"."""
        return self.adapter.adam_placement()

    def own_conventions(self, kind: str) -> dict[str, Any]:
        """What the framework's own optimizer `kind` ("adagrad", "rmsprop") has for the fields of its description where
        frameworks differ: "epsilon_placement", "initial", and "epsilon" where it takes none.

        Raises NotAdapted where the adapter does not say.
        """
        say = getattr(self.adapter, "own_conventions", None)
        if say is None:
            raise NotAdapted(f"the {self.name} adapter does not say how its {kind} is defined")
        return dict(say(kind))

    def build(self, network: Network, weights: Weights | None = None) -> SeamModel:
        """A model of `network` holding copies of `weights`; without them, the framework's own initialisation."""
        given = None if weights is None else {name: self.give(value) for name, value in weights.items()}
        return SeamModel(self, self.adapter.build(network, given))

    def trainer(self, model: SeamModel, loss: Loss, optimizer: Optimizer) -> SeamTrainer:
        """The framework's ordinary trainer for a model of this seam."""
        return SeamTrainer(self, self.adapter.trainer(model.native, loss, optimizer), model)

    def piece(self, name: str) -> SeamPiece:
        """The optional piece `name`, its results checked and converted like all others."""
        return SeamPiece(self, self.adapter.piece(name), name)

    def start(
        self,
        piece: str,
        method: str,
        *arguments: Any,
        devices: int = 1,
        limit: float = 100.0,
        hosts: int = 0,
        **named: Any,
    ) -> Remote:
        """The call ``piece.method(*arguments, **named)`` in fresh processes, as a context manager.

        Args:
            piece: name of the piece. It is made here first, so that what raises `Unsupported` does so at once. Where it
                is `Launched`, it says what is started; else as many workers as devices are, that know nothing of each
                other.
            method: of the piece, called in every worker.
            arguments: None, bool, int, float, str, arrays, neutral descriptions, and lists, tuples and mappings (by
                string) of these; floats are given in the framework's float type.
            devices: how many; not handed to the method by itself.
            limit: seconds until whatever still runs is ended, and `Hung` raised; below the limit of a case.
            hosts: on how many hosts of their own, made for this call: 0 (all run here) or as many as devices. Entering
                raises Unavailable where they cannot be made, NotAdapted where the piece places no worker on them.
            named: like `arguments`.
        """
        native = self.adapter.piece(piece)
        call = {
            "framework": self.name,
            "backend": self.backend,
            "device": self.device,
            "mutant": getattr(self.adapter, "mutant", ""),
            "sabotage": self.sabotage,
            "piece": piece,
            "method": method,
            "arguments": self.give(arguments),
            "named": self.give(named),
        }
        return Remote(self, call, native, devices=devices, limit=limit, hosts=hosts)

    def elsewhere(self, piece: str, method: str, *arguments: Any, **named: Any) -> list[Any]:
        """What each worker of `start`, which takes the same, returned, by number. Raises what `Remote.results` does."""
        with self.start(piece, method, *arguments, **named) as remote:
            return remote.results()

    @contextlib.contextmanager
    def sabotaged(self, sabotage: Sabotage) -> Iterator[None]:
        """Inside, `sabotage` is planted, in workers that are started meanwhile too."""
        self.sabotage = sabotage.name
        try:
            with sabotage.apply():
                yield
        finally:
            self.sabotage = ""

    def sabotages(self) -> tuple[Sabotage, ...]:
        """The adapter's, and those that every framework on an accelerator has."""
        from fwconformance.frameworks._ignored_device import sabotages

        return (*self.adapter.sabotages(), *sabotages(self))

    def absorb(self, observed: Sequence[str], native_types: Sequence[str], seen: int) -> None:
        """What a worker's seam saw counts as seen by this one."""
        self.observed.update(observed)
        self.native_types.update(native_types)
        self.seen += seen

    def give(self, value: Any) -> Any:
        """`value` as an adapter gets it: a copy, floats in the framework's float type, integers as int64."""
        if isinstance(value, SeamModel):
            return value.native
        if isinstance(value, SeamTrainer):
            return value.native
        if isinstance(value, (np.ndarray, np.generic)):
            return self._give_array(np.asarray(value))
        if isinstance(value, Training):
            return attrs.evolve(value, weights=self.give(value.weights), batches=self.give(value.batches))
        if isinstance(value, Mapping):
            return {key: self.give(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)(self.give(item) for item in value)
        return value

    def take(self, tensor: Tensor, what: str) -> np.ndarray:
        """The values of one native `tensor`, its type, device and dtype asserted; `what` names it in messages.

        Raises SeamViolation.
        """
        info = self._describe(tensor, what)
        self.seen += 1
        self.observed.add(info.device)
        self.native_types.add(info.native_type)
        if info.device.split(":")[0] != self.device.split(":")[0]:
            raise SeamViolation("device", f"{what} is on {info.device}, not on {self.device} as asked for")
        if info.dtype != self.float_dtype:
            raise SeamViolation("dtype", f"{what} is {info.dtype}, not {self.float_dtype}")
        values = np.array(self.adapter.to_numpy(tensor))
        if values.shape != tuple(info.shape) or values.dtype != np.dtype(info.dtype):
            said, got = f"{info.dtype} {tuple(info.shape)}", f"{values.dtype} {values.shape}"
            raise SeamViolation("type", f"{what} says {said} and converts to {got}: the adapter's describe is wrong")
        return values

    def take_all(self, value: Any, what: str) -> Any:
        """`value` with every native tensor in it converted by `take`, through tuples, lists and mappings.

        None, str and bool pass; of `OnHost` a copy of the values.
        """
        if value is None or isinstance(value, (str, bool)):
            return value
        if isinstance(value, OnHost):
            return np.array(value.values)
        if isinstance(value, Mapping):
            return {key: self.take_all(item, f"{what}[{key!r}]") for key, item in value.items()}
        if isinstance(value, (list, tuple)) and not hasattr(value, "dtype"):
            items = [self.take_all(item, f"{what}[{index}]") for index, item in enumerate(value)]
            return tuple(items) if isinstance(value, tuple) else items
        return self.take(value, what)

    def _describe(self, tensor: Tensor, what: str) -> TensorInfo:
        if isinstance(tensor, (np.ndarray, np.generic, float, int)):
            raise SeamViolation(
                "type", f"{what} is a {type(tensor).__name__}: the {self.name} adapter computed or converted it itself"
            )
        try:
            return self.adapter.describe(tensor)
        except TypeError as error:
            kind = f"{type(tensor).__module__}.{type(tensor).__qualname__}"
            raise SeamViolation("type", f"{what} is a {kind}, no tensor of {self.name}: {error}") from error

    def _give_array(self, value: np.ndarray) -> np.ndarray:
        if value.dtype.kind == "f":
            return np.array(value, dtype=self.float_dtype)
        if value.dtype.kind in "iu":
            return np.array(value, dtype="int64")
        return np.array(value)


class SeamModel:
    """A model with NumPy results. `native` is the adapter's own object."""

    def __init__(self, seam: Seam, native: Model) -> None:
        self.seam = seam
        self.native = native

    def forward(self, inputs: Array, *, training: bool = False, lengths: Array | None = None) -> np.ndarray:
        """Outputs for `inputs`."""
        give = self.seam.give
        return self.seam.take(self.native.forward(give(inputs), training=training, lengths=give(lengths)), "outputs")

    def gradients(
        self, loss: Loss, inputs: Array, targets: Array, *, training: bool = False, lengths: Array | None = None
    ) -> tuple[np.ndarray, dict[str, np.ndarray], np.ndarray | None]:
        """(loss, gradient of every trained weight by neutral name, gradient of real inputs or None)."""
        give, take = self.seam.give, self.seam.take
        value, gradients, inward = self.native.gradients(
            loss, give(inputs), give(targets), training=training, lengths=give(lengths)
        )
        return (
            take(value, "loss"),
            {name: take(gradient, f"gradient of {name}") for name, gradient in gradients.items()},
            None if inward is None else take(inward, "gradient of the inputs"),
        )

    def weights(self) -> dict[str, np.ndarray]:
        """Every weight by neutral name, in the neutral layout."""
        return {name: self.seam.take(value, f"weight {name}") for name, value in self.native.weights().items()}

    def compiled(self) -> SeamModel:
        """The same model, sharing weights, through the framework's compiled mode."""
        return SeamModel(self.seam, self.native.compiled())


class SeamTrainer:
    """A trainer with NumPy results. `native` is the adapter's own object, `model` the seam's model that it trains."""

    def __init__(self, seam: Seam, native: Trainer, model: SeamModel) -> None:
        self.seam = seam
        self.native = native
        self.given = model

    @property
    def model(self) -> SeamModel:
        """The model as the trainer holds it now (a loader may have replaced it)."""
        native = getattr(self.native, "model", self.given.native)
        return self.given if native is self.given.native else SeamModel(self.seam, native)

    def step(self, inputs: Array, targets: Array) -> np.ndarray:
        """One optimizer step on one batch; the loss before it."""
        return self.seam.take(self.native.step(self.seam.give(inputs), self.seam.give(targets)), "loss")

    def save(self, path: Any) -> None:
        """Write weights and optimizer state below `path`, an existing, empty directory."""
        self.native.save(str(path))

    def load(self, path: Any) -> None:
        """Restore what `save` wrote."""
        self.native.load(str(path))


class SeamPiece:
    """A piece whose methods take NumPy (and this seam's models) and give NumPy."""

    def __init__(self, seam: Seam, native: Any, name: str) -> None:
        self.seam = seam
        self.native = native
        self.piece_name = name

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("_"):
            raise AttributeError(attribute)
        member = getattr(self.native, attribute)
        what = f"{self.piece_name}.{attribute}"
        if not callable(member):
            return self.seam.take_all(member, what)

        def call(*arguments: Any, **named: Any) -> Any:
            result = member(*self.seam.give(arguments), **self.seam.give(named))
            return self.seam.take_all(result, what)

        return call


def kinds(devices: Sequence[str]) -> tuple[str, ...]:
    """Device kinds without their index, each once, in order: "cuda:1" is of kind "cuda"."""
    return tuple(dict.fromkeys(device.split(":")[0] for device in devices))
