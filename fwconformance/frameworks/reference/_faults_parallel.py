"""Faults of several devices and processes: shares, the exchange of gradients, replicas, split weights, a lost peer."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Mapping, Sequence

import numpy as np

from fwconformance.frameworks._training import Training
from fwconformance.frameworks.reference import _parallel, _parallel_processes
from fwconformance.frameworks.reference._layer import Array, Gradients
from fwconformance.frameworks.reference._mutant import fault, piece
from fwconformance.frameworks.reference._parallel import Replica, Sharing, SplitDense
from fwconformance.frameworks.reference._parallel_processes import PeerLost, Peers
from fwconformance.frameworks.reference._tensor import Tensor

#: For the faults that are likeliest, and that the optimizer or the number of devices could hide.
DEVICES = "two-devices four-devices adam"


class _Sum(Sharing):
    def reduce(self, gradients: Sequence[Gradients]) -> Gradients:
        return {name: value * len(gradients) for name, value in super().reduce(gradients).items()}


class _FirstOnly(Sharing):
    def reduce(self, gradients: Sequence[Gradients]) -> Gradients:
        return gradients[0]


class _OneShareForAll(Sharing):
    def places(self, rows: int, number: int, devices: int) -> Array:
        return super().places(rows, 0, devices)


class _WholeBatchForAll(Sharing):
    def places(self, rows: int, number: int, devices: int) -> Array:
        return np.arange(rows)


@fault("parallel.multi-device", DEVICES, piece("data-parallel"))
class DevicesExchangeNothing(_parallel.DataParallel):
    """Each replica steps by the gradients of its own share."""

    def update(self, replicas: Sequence[Replica], own: Sequence[Gradients], reduced: Gradients, step: int) -> None:
        for replica, gradients in zip(replicas, own):
            replica.update(gradients)


@fault("parallel.multi-device", "two-devices", piece("data-parallel"))
class DevicesFollowTheFirst(_parallel.DataParallel):
    """All replicas step by the gradients of the first one's share."""

    sharing = _FirstOnly


@fault("parallel.multi-device", DEVICES, piece("data-parallel"))
class DevicesForgetToAverage(_parallel.DataParallel):
    """Gradients are summed over devices and not divided by their number."""

    sharing = _Sum


@fault("parallel.multi-device", "two-devices", piece("data-parallel"))
class DevicesSeeOneShare(_parallel.DataParallel):
    """Every device is given the first one's rows."""

    sharing = _OneShareForAll


@fault("parallel.multi-device", "two-devices", piece("data-parallel"))
class DevicesSeeTheWholeBatch(_parallel.DataParallel):
    """Every device is given all rows, so that the weights come out right and nothing was shared."""

    sharing = _WholeBatchForAll


@fault("parallel.multi-device", DEVICES, piece("data-parallel"))
class OtherDevicesIgnored(_parallel.DataParallel):
    """All the work is done on the first device."""

    def devices(self, count: int) -> list[str]:
        return super().devices(1)


@fault("parallel.multi-device", "two-devices", piece("data-parallel"))
class ReplicasOnOneDevice(_parallel.DataParallel):
    """There are as many replicas as devices, and all of them are on the first one."""

    def devices(self, count: int) -> list[str]:
        return ["cpu"] * count


@fault("parallel.multi-device", "two-devices", piece("data-parallel"))
class ReplicaMissesAStep(_parallel.DataParallel):
    """The last replica does not take the last step."""

    def update(self, replicas: Sequence[Replica], own: Sequence[Gradients], reduced: Gradients, step: int) -> None:
        super().update(replicas[:-1] if step == 2 else replicas, own, reduced, step)


@fault("parallel.multi-device", "two-devices", piece("data-parallel"))
class FirstOutputsForAll(_parallel.DataParallel):
    """The first device's outputs are given out as those of every device."""

    def train(self, training: Training, devices: int) -> Sequence[Mapping[str, Any]]:
        told = super().train(training, devices)
        first = [value.array for value in told[0]["outputs"]]
        names = self.devices(devices)
        return [{**one, "outputs": [Tensor(value, name) for value in first]} for one, name in zip(told, names)]


class _ExchangesNothing(_parallel_processes.SharedSteps):
    def reduced(self, peers: Peers, rules: Sharing, own: Gradients) -> Gradients:
        super().reduced(peers, rules, own)
        return own


@fault("parallel.multi-process", "two-processes several-hosts", piece("multi-process"))
class ProcessesExchangeNothing(_ExchangesNothing, _parallel_processes.MultiProcess):
    """Each process steps by the gradients of its own share."""


@fault("parallel.multi-process", "two-processes", piece("multi-process"))
class ProcessesForgetToAverage(_parallel_processes.MultiProcess):
    """Gradients are summed over processes and not divided by their number."""

    sharing = _Sum


@fault("parallel.multi-process", "two-processes", piece("multi-process"))
class ProcessesSeeOneShare(_parallel_processes.MultiProcess):
    """Every process is given the first one's rows."""

    sharing = _OneShareForAll


@fault("parallel.multi-process", "high-level-fit", piece("multi-process-fit"))
class FitSeesTheWholeBatch(_parallel_processes.MultiProcessFit):
    """Every process fits on all rows, so that the weights come out right and nothing was shared."""

    sharing = _WholeBatchForAll


@fault("parallel.multi-process", "high-level-fit", piece("multi-process-fit"))
class FitExchangesNothing(_ExchangesNothing, _parallel_processes.MultiProcessFit):
    """Each process fits a model of its own."""


@fault("parallel.multi-process", "sharded-weights", piece("sharded-data-parallel"))
class ShardsForgetToAverage(_parallel_processes.Sharded):
    """Gradients are summed over processes and not divided by their number."""

    sharing = _Sum


@fault("parallel.multi-process", "sharded-weights", piece("sharded-data-parallel"))
class ShardsAreWhole(_parallel_processes.Sharded):
    """Every process holds all of every weight."""

    def part(self, value: Array, peers: Peers) -> Array:
        return value.ravel().copy()

    def load(self, arrays: Mapping[str, Array], parts: Sequence[Mapping[str, Array]]) -> None:
        super().load(arrays, parts[:1])


@fault("parallel.multi-process", "sharded-weights", piece("sharded-data-parallel"))
class ShardsAreSwapped(_parallel_processes.Sharded):
    """Weights are put together with their parts in the wrong order."""

    def load(self, arrays: Mapping[str, Array], parts: Sequence[Mapping[str, Array]]) -> None:
        super().load(arrays, parts[::-1])


class _OneDeviceHoldsAll(SplitDense):
    def __init__(self, description: Any, weights: Mapping[str, Array], devices: int) -> None:
        super().__init__(description, weights, 1)


class _FirstPartOnly(SplitDense):
    def gather(self, inward: Sequence[Array]) -> Array:
        return inward[0]


@fault("parallel.model", "two-devices", piece("model-parallel"))
class FirstDeviceHoldsAll(_parallel.ModelParallel):
    """The model is on the first device, the second one holds nothing."""

    layer = _OneDeviceHoldsAll


@fault("parallel.model", "two-devices", piece("model-parallel"))
class EveryDeviceHoldsAll(_parallel.ModelParallel):
    """The model is on both devices, whole."""

    def held(self, split: Sequence[tuple[int, SplitDense]], number: int, device: str) -> dict[str, Tensor]:
        return {
            f"{index}.{role}": Tensor(value, device) for index, each in split for role, value in each.whole().items()
        }


@fault("parallel.model", "two-devices", piece("model-parallel"))
class OneHalfIsHeldTwice(_parallel.ModelParallel):
    """Both devices hold the first one's half."""

    def held(self, split: Sequence[tuple[int, SplitDense]], number: int, device: str) -> dict[str, Tensor]:
        return {name: Tensor(value.array, device) for name, value in super().held(split, 0, device).items()}


@fault("parallel.model", "two-devices", piece("model-parallel"))
class PartialGradientsNotSummed(_parallel.ModelParallel):
    """The gradient by the inputs of a split layer is that of the first device's columns."""

    layer = _FirstPartOnly


@fault("parallel.recovery", "detected", piece("recovery"))
class LostPeerIgnored(_parallel_processes.Recovery):
    """A worker whose peer is gone goes on alone."""

    def reduced(self, peers: Peers, rules: Sharing, own: Gradients) -> Gradients:
        try:
            return super().reduced(peers, rules, own)
        except PeerLost:
            return own

    def wait_for_all(self, peers: Peers) -> None:
        try:
            super().wait_for_all(peers)
        except PeerLost:
            return


@fault("parallel.recovery", "detected", piece("recovery"))
class LossUnnamed(_parallel_processes.Recovery):
    """A worker whose peer is gone ends with an error that does not say so."""

    def reduced(self, peers: Peers, rules: Sharing, own: Gradients) -> Gradients:
        try:
            return super().reduced(peers, rules, own)
        except PeerLost:
            raise SystemExit("error 3") from None


@fault("parallel.recovery", "resumes", piece("recovery"))
class ResumesWithoutOptimizerState(_parallel_processes.Recovery):
    """The checkpoint's weights are loaded, the optimizer starts afresh."""

    def load(self, replica: Replica, path: str) -> None:
        super().load(replica, path)
        for held in replica.trainer.optimizer.slots.values():
            held.clear()


@fault("parallel.recovery", "resumes", piece("recovery"))
class ResumesWithoutCheckpoint(_parallel_processes.Recovery):
    """The steps that are left are taken from the weights that were given."""

    def load(self, replica: Replica, path: str) -> None:
        return


@fault("parallel.recovery", "resumes", piece("recovery"))
class ResumesFromTheStart(_parallel_processes.Recovery):
    """All steps are taken again, from the weights that were given."""

    def train(
        self, training: Training, devices: int, folder: str, *, first: int = 0, pause: int = -1
    ) -> Sequence[Mapping[str, Any]]:
        place = str(Path(folder).parent) if first else folder
        return super().train(training, devices, place, first=0, pause=pause)
