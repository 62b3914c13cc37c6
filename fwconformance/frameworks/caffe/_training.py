# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Training by Caffe's own solvers; snapshots are theirs too."""

from __future__ import annotations

import contextlib
import os
import pathlib
from typing import Any, Iterator

import caffe
from caffe import layers as L  # noqa: N812  # as all of Caffe's documentation has it
from caffe.proto import caffe_pb2

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._protocol import NotAdapted
from fwconformance.frameworks.caffe import _optimizers, _refusals
from fwconformance.frameworks.caffe._losses import add_loss
from fwconformance.frameworks.caffe._nets import held, load, written

_PREFIX = "trained"


def solver_of(spec: Any, optimizer: neutral.Optimizer) -> Any:
    """A solver over the net that `spec` declares.

    Raises `Unsupported` for an Adam that adds epsilon elsewhere than Caffe's does.
    """
    message = solver_message(optimizer)
    message.net_param.CopyFrom(spec.to_proto())
    with written(str(message)) as path:
        return caffe.get_solver(path)


def solver_message(optimizer: neutral.Optimizer) -> Any:
    """A SolverParameter without a net. Raises what `solver_of` does."""
    message = caffe_pb2.SolverParameter(base_lr=optimizer.rate, lr_policy="fixed", display=0, snapshot_prefix=_PREFIX)
    message.solver_mode = caffe_pb2.SolverParameter.CPU
    # One after training would overwrite what the caller saves.
    message.snapshot_after_train = False
    if isinstance(optimizer, neutral.SGD):
        message.type = "Nesterov" if optimizer.nesterov else "SGD"
        message.momentum = optimizer.momentum
    elif isinstance(optimizer, neutral.Adam):
        if optimizer.epsilon_placement != "uncorrected":
            _refusals.adam_placement(optimizer.epsilon_placement)
        message.type = "Adam"
        message.momentum, message.momentum2, message.delta = optimizer.beta1, optimizer.beta2, optimizer.epsilon
    elif not _optimizers.fill(message, optimizer):
        raise NotAdapted(f"the Caffe adapter does not know the optimizer {optimizer!r}")
    return message


def first_adam_step() -> float:
    """How far Caffe's Adam moves one weight whose gradient, rate and epsilon are 1."""
    spec = caffe.NetSpec()
    spec.data = L.Input(shape={"dim": [1, 1]})
    spec.weight = L.InnerProduct(spec.data, num_output=1, bias_term=False)
    spec.loss = L.Reduction(spec.weight, axis=0, loss_weight=1)
    solver = solver_of(spec, neutral.Adam(rate=1.0, epsilon=1.0, epsilon_placement="uncorrected"))
    solver.net.blobs["data"].data[...] = 1.0
    solver.net.params["weight"][0].data[...] = 0.0
    solver.step(1)
    return -float(solver.net.params["weight"][0].data.ravel()[0])


class SolverTrainer:
    """`Trainer` of the seam. The solver is made for the shape of the first batch."""

    def __init__(self, model: Any, loss: neutral.Loss, optimizer: neutral.Optimizer) -> None:
        self.model: Any = model
        self._loss = loss
        self._optimizer = optimizer
        self._solvers: dict[Any, Any] = {}
        self._last: Any = None
        # What cannot be made is refused here, not at the first step.
        self.solver_for((1, *(2 if size is None else size for size in model.network.input_shape)))

    def solver_for(self, shape: tuple[int, ...]) -> Any:
        """(the solver for batches of `shape`, the declaration of its net)."""
        if shape not in self._solvers:
            plan = self.model.plan_for(shape)
            add_loss(plan.spec, self._loss, plan.top, tuple(load(plan.spec).blobs["outputs"].data.shape))
            self._solvers[shape] = solver_of(plan.spec, self._optimizer), plan
        return self._solvers[shape]

    def step(self, inputs: Any, targets: Any) -> Any:
        shape = tuple(inputs.shape)
        solver, plan = self.solver_for(shape)
        if self._last is not None and self._last is not solver:
            self._move(self._last, solver)
        self.model.copy(self.model.master, solver.net)
        self.model.feed(solver.net, plan, inputs, None, targets)
        solver.step(1)
        self.model.copy(solver.net, self.model.master)
        self._last = solver
        return held({"loss": solver.net.blobs["loss"].data})["loss"]

    @staticmethod
    def _move(old: Any, new: Any) -> None:
        """The history of `old` into `new`, which is for batches of another shape: by a snapshot, the only way."""
        import tempfile

        with tempfile.TemporaryDirectory() as folder, _inside(folder):
            old.snapshot()
            new.restore(_state())

    def save(self, path: str) -> None:
        if self._last is None:
            self._last = next(iter(self._solvers.values()))[0]
            self.model.copy(self.model.master, self._last.net)
        with _inside(path):
            self._last.snapshot()

    def load(self, path: str) -> None:
        solver, _ = next(iter(self._solvers.values()))
        with _inside(path):
            solver.restore(_state())
        self.model.copy(solver.net, self.model.master)
        self._last = solver


@contextlib.contextmanager
def _inside(folder: str) -> Iterator[None]:
    """In `folder` for a while: a solver's files are named when it is made, and name each other as they were written."""
    before = pathlib.Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(str(before))


def _state() -> str:
    """The newest snapshot here."""
    found = sorted(pathlib.Path().glob(f"{_PREFIX}_iter_*.solverstate"), key=lambda path: path.stat().st_mtime)
    if not found:
        raise FileNotFoundError(f"no {_PREFIX}_iter_*.solverstate here")
    return found[-1].name
