"""Several processes of torch, started by its own launcher: what the adapters of PyTorch and of Keras on torch share.

torch itself is handed in: each adapter imports it for itself.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import importlib.util
import os
import sys
from typing import TYPE_CHECKING, Any, Iterator, Mapping, Sequence

import attrs

from fwconformance.frameworks._protocol import Unavailable
from fwconformance.frameworks._training import Training
from fwconformance.processes import Program, free_port

if TYPE_CHECKING:
    from fwconformance.frameworks._remote import Worker

#: Seconds after which a collective that a peer does not join is given up; the default is half an hour.
PATIENCE = 20.0
#: The library of collectives that PyTorch's documentation recommends for a kind of device.
_COLLECTIVES: Mapping[str, str] = {"cpu": "gloo", "cuda": "nccl", "xpu": "xccl"}


@attrs.frozen(kw_only=True)
class Place:
    """Where a worker is: `rank` of `world` workers, working on `device` ("cpu", "cuda:1")."""

    rank: int
    world: int
    device: str


class Torchrun:
    """`Launched`: one worker a device, started by torchrun. `kind` of the devices: "cpu", "cuda", "xpu", "mps"."""

    def __init__(self, torch: Any, kind: str) -> None:
        self._torch = torch
        self._kind = kind

    def workers(self, devices: int) -> int:
        """One a device."""
        return devices

    def programs(self, worker: Worker, devices: int) -> Sequence[Program]:
        """torchrun, once a host, which starts the workers. Raises Unavailable where there are fewer devices."""
        require(self._torch, self._kind, devices)
        launchers: dict[str, tuple[int | None, tuple[str, ...]]]
        if worker.hosts is None:
            launchers = {"torchrun": (None, _launcher(devices))}
        else:
            meeting_place = worker.address(0), free_port()
            launchers = {
                f"torchrun {number}": (worker.host(number), _launcher_on(number, devices, meeting_place))
                for number in range(devices)
            }
        return [
            Program(
                name=name,
                command=(sys.executable, "-B", "-m", *launcher, worker.script, *worker.arguments("env:RANK")),
                environment=_environment(self._kind, worker.interface, host),
                host=host,
            )
            for name, (host, launcher) in launchers.items()
        ]

    def meeting(self) -> Any:
        """See `meeting`."""
        return meeting(self._torch, self._kind)


def require(torch: Any, kind: str, devices: int) -> None:
    """Raises Unavailable where `devices` devices of that kind, or collectives between them, are not here."""
    if not torch.distributed.is_available():
        raise Unavailable("this build of torch has no torch.distributed: install one that has")
    if kind not in _COLLECTIVES:
        raise Unavailable(f"torch.distributed has no collectives between {kind} devices")
    here = devices if kind == "cpu" else getattr(torch, kind).device_count()
    if here < devices:
        raise Unavailable(f"{devices} {kind} devices are needed, {here} here: run it on a machine that has them")
    if kind == "cuda" and not torch.distributed.is_nccl_available():
        raise Unavailable("this build of torch has no NCCL, its collectives between CUDA devices")


@contextlib.contextmanager
def meeting(torch: Any, kind: str) -> Iterator[Place]:
    """In a worker: the process group of all workers. Left by an error it is left as it is: peers may be gone."""
    local = int(os.environ["LOCAL_RANK"])
    device = "cpu" if kind == "cpu" else f"{kind}:{local}"
    if kind != "cpu":
        getattr(torch, kind).set_device(local)
    distributed = torch.distributed
    distributed.init_process_group(_COLLECTIVES[kind], timeout=dt.timedelta(seconds=PATIENCE))
    yield Place(rank=distributed.get_rank(), world=distributed.get_world_size(), device=device)
    # A worker that ended earlier than the others would look to the launcher like one that was lost.
    distributed.barrier()
    distributed.destroy_process_group()


def shares(torch: Any, training: Training, place: Place) -> Iterator[tuple[Any, Any]]:
    """This worker's rows of each batch, (inputs, targets) on its device, dealt by torch's own DistributedSampler.

    Raises ValueError for batches that cannot be dealt evenly: the mean of the workers' means would not be the batch's.
    """
    sizes = {len(inputs) for inputs, _ in training.batches}
    if len(sizes) != 1 or min(sizes) % place.world:
        raise ValueError(f"batches of {sorted(sizes)} rows are not dealt evenly to {place.world} workers")
    columns = [torch.cat([torch.as_tensor(batch[side]) for batch in training.batches]) for side in (0, 1)]
    data = torch.utils.data.TensorDataset(*columns)
    # With the order kept, rank r has every world-th row from r on: those of a batch before those of the next.
    sampler = torch.utils.data.DistributedSampler(data, shuffle=False)
    loader = torch.utils.data.DataLoader(data, batch_size=sizes.pop() // place.world, sampler=sampler)
    for batch in loader:
        yield tuple(each.to(place.device) for each in batch)


def settle(torch: Any, place: Place) -> None:
    """Until all workers and their devices are done with what they were given."""
    kind = place.device.partition(":")[0]
    if kind != "cpu":
        getattr(torch, kind).synchronize()
    torch.distributed.barrier()


def _launcher(devices: int) -> tuple[str, ...]:
    if _has_torchrun():
        return ("torch.distributed.run", "--standalone", "--local-addr=127.0.0.1", f"--nproc-per-node={devices}")
    return (
        "torch.distributed.launch", "--use_env", f"--nproc_per_node={devices}", f"--master_port={free_port()}"
    )  # fmt: skip


def _launcher_on(number: int, hosts: int, meeting_place: tuple[str, int]) -> tuple[str, ...]:
    """On each of several hosts, a worker on each; `meeting_place`: address and port on the first."""
    address, port = meeting_place
    # Words joined as the older of the two launchers wants them; the newer takes both.
    options = (
        f"--nnodes={hosts}",
        f"--node_rank={number}",
        "--nproc_per_node=1",
        f"--master_addr={address}",
        f"--master_port={port}",
    )
    return (
        ("torch.distributed.run", *options) if _has_torchrun() else ("torch.distributed.launch", "--use_env", *options)
    )


def _has_torchrun() -> bool:
    """From torch 1.9 on."""
    return importlib.util.find_spec("torch.distributed.run") is not None


def _environment(kind: str, interface: str, host: int | None) -> Mapping[str, str]:
    # Told nothing, gloo looks for the address of the machine's name, which need not have one.
    if kind == "cpu" and sys.platform.startswith("linux"):
        return {"GLOO_SOCKET_IFNAME": interface}
    # Hosts on one machine share its cards; each worker is the first of its host.
    return {"CUDA_VISIBLE_DEVICES": str(host)} if kind == "cuda" and host is not None else {}
