# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""The adapter: `Framework` of the seam for Caffe."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Mapping, Sequence

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._protocol import Model, Sabotage, TensorInfo, Trainer, Unavailable


class Caffe:
    name = "caffe"
    backend = ""

    def __init__(self, *, backend: str = "", device: str = "cpu") -> None:
        if backend:
            raise ValueError(f"Caffe has no backend to choose, {backend!r} was asked for: leave it out")
        if device not in ("cpu", "cuda", "auto"):
            raise ValueError(f"Caffe does not run on {device!r}; known devices are cpu, cuda, auto")
        # Its log of every layer of every net goes to the terminal otherwise; read once, at import.
        os.environ.setdefault("GLOG_minloglevel", "2")
        import caffe

        if getattr(caffe, "not_built", ""):
            # Of the placeholder, see `building`.
            raise Unavailable(caffe.not_built)
        self._caffe = caffe
        self.device = "cuda:0" if device == "cuda" else "cpu"
        if device == "cuda":
            _use_gpu(caffe)
            # pycaffe does not tell where a blob lies: on a GPU, Caffe's mode is all that says so.
            self.evidence = "declared"
        else:
            caffe.set_mode_cpu()

    def versions(self) -> Mapping[str, str]:
        return {"caffe": str(self._caffe.__version__)}

    def devices(self) -> Sequence[str]:
        return ["cpu"] if self.device == "cpu" else ["cpu", self.device]

    def describe(self, tensor: Any) -> TensorInfo:
        if not isinstance(tensor, self._caffe._caffe.Blob):  # noqa: SLF001  # its public modules do not name the class
            raise TypeError(f"not a Caffe blob but {type(tensor).__module__}.{type(tensor).__qualname__}")
        return TensorInfo(
            device=self.device,
            dtype=tensor.data.dtype.name,
            shape=tuple(tensor.shape),
            native_type=f"{type(tensor).__module__}.{type(tensor).__qualname__}",
        )

    def to_numpy(self, tensor: Any) -> Any:
        # What `data` gives is a view of the blob's memory.
        return tensor.data.copy()

    def seed(self, seed: int) -> None:
        self._caffe.set_random_seed(seed)

    def build(self, network: neutral.Network, weights: Mapping[str, Any] | None = None) -> Model:
        from fwconformance.frameworks.caffe._model import CaffeModel

        return CaffeModel(network, weights)

    def trainer(self, model: Any, loss: neutral.Loss, optimizer: neutral.Optimizer) -> Trainer:
        from fwconformance.frameworks.caffe._training import SolverTrainer

        return SolverTrainer(model, loss, optimizer)

    def adam_placement(self) -> str:
        return "uncorrected"

    def own_conventions(self, kind: str) -> Mapping[str, Any]:
        """Measured: see `Seam.own_conventions`."""
        from fwconformance.frameworks.caffe._optimizers import own_conventions

        return own_conventions(kind)

    def piece(self, name: str) -> Any:
        from fwconformance.frameworks.caffe._pieces import piece

        return piece(name)

    def sabotages(self) -> Sequence[Sabotage]:
        from fwconformance.frameworks.caffe._sabotages import SABOTAGES

        return SABOTAGES


def _use_gpu(caffe: Any) -> None:
    """Have Caffe compute on the first GPU. Raises Unavailable where it cannot, asked in a process that may end."""
    built_for = Path(caffe.__file__).with_name("built_for.txt")
    if not built_for.is_file() or built_for.read_text(encoding="utf-8").strip() != "cuda":
        raise Unavailable(
            "this Caffe was built for the CPU alone; for a GPU: `tox -e caffe-gpu`, which builds it with CUDA's toolkit"
        )
    ask = [sys.executable, "-c", "import caffe; caffe.set_device(0); caffe.set_mode_gpu()"]
    done = subprocess.run(ask, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        said = [line for line in done.stdout.splitlines() if "Check failed" in line or "rror" in line]
        raise Unavailable(f"Caffe cannot use a GPU here: {(said or ['it ended the process'])[0].strip()}")
    caffe.set_device(0)
    caffe.set_mode_gpu()
