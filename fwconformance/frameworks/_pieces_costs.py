"""Protocol of the piece that shows what is waited for beside the work itself: start, first call, data, saved model."""

from __future__ import annotations

from typing import Any, Callable, Iterable, Mapping, Protocol

from fwconformance.frameworks._network import Network
from fwconformance.frameworks._protocol import Array, Model, OnHost, Tensor, Weights
from fwconformance.frameworks._training import Training

#: A pass over a data set: (inputs, targets) of each batch, native.
Pass = Callable[[], Iterable["tuple[Tensor, Tensor]"]]


class Costs(Protocol):
    """Piece "costs". The readings come from `_costs.Readings`, which an adapter's piece inherits; each is taken in a
    process of its own.

    Attributes:
        loader: by what of the framework batches come, in its own words.
        saved: what of the framework writes a model and reads it again, in its own words.
    """

    loader: str
    saved: str

    def passes(self, folder: str, inputs: Array, targets: Array, batch: int, *, shuffle: bool, seed: int) -> Pass:
        """The framework's ordinary loader over a data set in memory, or over files that it has written below `folder`.

        Args:
            folder: exists, and is empty.
            inputs: (examples, ...), float32.
            targets: (examples,), int64.
            batch: examples a batch; it divides their number.
            shuffle: each pass has them in another order; else in the order given.
            seed: of that.
        """
        ...

    def keep(self, inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """What a pass gave, as tensors of the framework's float type that later batches do not change."""
        ...

    def settle(self) -> None:
        """Wait until what was queued is done."""
        ...

    def save(self, model: Model, inputs: Array, folder: str) -> Mapping[str, str]:
        """Write `model` in inference mode below `folder`; what `load` is told of it."""
        ...

    def load(self, folder: str, described: Mapping[str, str], network: Network) -> Callable[[Array], Tensor]:
        """A function of inputs that gives outputs in inference mode, from what `save` wrote of a model of `network`."""
        ...

    def first_outputs(self, network: Network, weights: Weights, inputs: Array) -> Mapping[str, Any]:
        """{"outputs"; "weights", as the model holds them}: what a framework that was just imported computes."""
        ...

    def first_steps(self, work: Training, mode: str, steps: int) -> Mapping[str, Any]:
        """Training steps on the one batch of `work`, in `mode` of the piece "speed" ("best": the one recommended).

        Returns {"build", "first": seconds; "later": (steps - 1,) seconds; "loss": before the last step; "weights":
        after it}.
        """
        ...

    def load_data(
        self,
        folder: str,
        inputs: Array,
        targets: Array,
        batch: int,
        count: int,
        *,
        shuffle: bool = False,
        seed: int = 0,
    ) -> Mapping[str, Any]:
        """Returns {"seconds": (count,) of each timed pass; "batches": those of one more pass, not timed}."""
        ...

    def load_model(
        self, folder: str, described: Mapping[str, str], network: Network, inputs: Array
    ) -> Mapping[str, Any]:
        """Returns {"seconds": from the call of `load` until the model is there; "outputs": for `inputs`}."""
        ...


def seconds(value: Any) -> OnHost:
    """A time, or several, as a piece gives it."""
    return OnHost(values=value, by="time.perf_counter")


COSTS_PIECES: Mapping[str, Any] = {"costs": Costs}
