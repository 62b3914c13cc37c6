"""The framework seam: what an adapter must be, and the rules it must keep.

1. An adapter imports its framework inside its own constructor, and never a second one. A Keras adapter imports the
   backend it was asked for.
2. Everything that comes out is the framework's own tensor, on the device that was asked for. Conversion to NumPy
   happens in `fwconformance.frameworks.Seam`, after it has looked at the tensor's type, device and dtype. An adapter
   never returns NumPy arrays as results, never computes in NumPy what the framework should compute, and never imports
   the reference.
3. Work is done as a user of the framework would do it: its own layers, losses and optimizers. Where the framework has
   no such thing, the adapter raises `Unsupported` through `refuse(probe)`: the probe runs against the framework in this
   process and is the evidence. Without a probe, raise `NotAdapted`: that is our gap, never the framework's.
4. Conventions (`Network` fields) are honoured or refused by a probe; never approximated.
5. float32 throughout unless a dtype is asked for. No global state is left changed (default dtype, seeds, devices,
   flags), and importing or constructing must not depend on which case runs first.

The protocol is what nearly every capability needs. What only some need is a *piece*: an object with a protocol of its
own (see `fwconformance.frameworks._pieces`), offered by name.
"""

from __future__ import annotations

from typing import Any, Callable, ContextManager, Mapping, Protocol, Sequence

import attrs

from fwconformance.frameworks._network import Loss, Network, Optimizer

Array = Any  # numpy.ndarray; NumPy is an extra, so the seam's types do not import it
Tensor = Any  # the framework's own tensor
Weights = Mapping[str, Array]


class Unsupported(Exception):
    """The framework has no such thing: a fact, with the probe's evidence as message. Raise it through `refuse`.

    Without a `probe` it is our adapter's word and no fact: the case is then unavailable, as for `NotAdapted`.
    """

    def __init__(self, evidence: str, *, probe: object = None) -> None:
        super().__init__(evidence)
        self.probe = probe


class NotAdapted(Exception):
    """Our adapter does not do this yet: the cell is untested, and the gap is ours."""


class Unavailable(Exception):
    """This machine or environment lacks something (hardware, a toolchain, a dependency of ours); the message says
    what.
    """


@attrs.frozen(kw_only=True, eq=False)
class OnHost:
    """What a library on top of a framework gives as NumPy by its own contract (scikit-learn's `predict_proba`).

    The seam lets it pass as it is, and it is no evidence that the framework worked: a case needs a native tensor beside
    it.

    Attributes:
        values: as they were given.
        by: whose method gave them, for messages.
    """

    values: Array
    by: str


@attrs.frozen(kw_only=True)
class TensorInfo:
    """What a native tensor says of itself.

    `device` in the seam's words: "cpu", "cuda", "cuda:1", "tpu", "mps", ... ; `dtype` by NumPy's name ("float32");
    `native_type` the qualified class name, for evidence.
    """

    device: str
    dtype: str
    shape: tuple[int, ...]
    native_type: str


@attrs.frozen(kw_only=True)
class Sabotage:
    """A fault planted in the real framework (an op patched, a weight changed through its API, the device moved).

    Attributes:
        name: unique in the adapter, kebab-case.
        kills: capability id whose cell must turn red under it.
        case: the case of that capability that must fail by an assertion.
        apply: returns a context manager; inside it the fault is on. It is entered after the framework was imported and
            before the case runs, and left after it.
        description: one sentence, what is broken.
    """

    name: str
    kills: str
    case: str
    apply: Callable[[], ContextManager[None]]
    description: str


class Model(Protocol):
    """A network built in a framework, holding its weights."""

    def forward(self, inputs: Array, *, training: bool = False, lengths: Array | None = None) -> Tensor:
        """Outputs for `inputs` (float32, or int64 ids), native.

        `lengths` (batch,) int64: how many steps of each sequence count; the adapter uses the framework's own masking or
        packing. Outputs past a length are not looked at; a last state is the one at the length.
        """
        ...

    def gradients(
        self, loss: Loss, inputs: Array, targets: Array, *, training: bool = False, lengths: Array | None = None
    ) -> tuple[Tensor, Mapping[str, Tensor], Tensor | None]:
        """(loss, gradient of every trained weight by neutral name, gradient of the inputs or None for integer inputs).

        Native tensors in the framework's own layout are not wanted here: gradients come transposed to the neutral
        layout by the framework's own operations, still native tensors.
        """
        ...

    def weights(self) -> Mapping[str, Tensor]:
        """Every weight by neutral name, in the neutral layout, native tensors."""
        ...

    def compiled(self) -> Model:
        """The same model (sharing weights) run through the framework's compiled or graph mode, as its docs
        recommend.
        """
        ...


class Trainer(Protocol):
    """A model with a loss and an optimizer, stepped by the framework's ordinary way of training (Keras:
    `train_on_batch`).
    """

    model: Model

    def step(self, inputs: Array, targets: Array) -> Tensor:
        """One optimizer step on one batch; returns the loss before the step."""
        ...

    def save(self, path: str) -> None:
        """Write weights and optimizer state below `path` (an existing, empty directory), the framework's own way."""
        ...

    def load(self, path: str) -> None:
        """Restore what `save` wrote, into this trainer (freshly built from the same description, other weights)."""
        ...


class Framework(Protocol):
    """One framework, on one backend and one device, in this process."""

    name: str
    backend: str
    """"" where the framework has none to choose."""
    device: str
    """What was asked for, resolved: "cpu", "cuda", "tpu"; never "auto"."""

    def versions(self) -> Mapping[str, str]:
        """Distribution name to version, as the imported modules say."""
        ...

    def devices(self) -> Sequence[str]:
        """Device kinds visible to the framework here, "cpu" among them."""
        ...

    def describe(self, tensor: Tensor) -> TensorInfo:
        """What `tensor` says of itself. Raises TypeError where it is not a tensor of this framework (a NumPy array,
        say).
        """
        ...

    def to_numpy(self, tensor: Tensor) -> Array:
        """The values, on the host."""
        ...

    def seed(self, seed: int) -> None:
        """Seed every random generator of the framework (not NumPy's or Python's unless the framework draws from
        those).
        """
        ...

    def build(self, network: Network, weights: Weights | None = None) -> Model:
        """A model of `network` holding `weights`; without them, the framework's own initialisation."""
        ...

    def trainer(self, model: Model, loss: Loss, optimizer: Optimizer) -> Trainer:
        """An ordinary trainer for a model of this framework."""
        ...

    def adam_placement(self) -> str:
        """The `Adam.epsilon_placement` of the framework's own Adam: a convention, not a fault."""
        ...

    def piece(self, name: str) -> Any:
        """The optional piece `name`. Raises `Unsupported` (through a probe) or `NotAdapted`."""
        ...

    def sabotages(self) -> Sequence[Sabotage]:
        """At least one for each capability area."""
        ...
