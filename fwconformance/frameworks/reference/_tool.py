"""The reference's program, `main`: train, test or time what lies in a folder.

The folder holds records-*.npz, network.json, weights.npz and settings.json (steps, batch, rate, momentum).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Mapping

import numpy as np

from fwconformance.frameworks import _network as net
from fwconformance.frameworks._training import Training
from fwconformance.frameworks.reference._layer import Array
from fwconformance.frameworks.reference._tensor import Tensor
from fwconformance.frameworks.reference._vision import DataFiles, Definition

_LOSS = net.Loss(kind="cross-entropy")


class CommandLine:
    """Piece "command-line"."""

    def train(
        self, folder: str, training: Training, images: Array, labels: Array, *, batch: int, steps: int
    ) -> Mapping[str, Tensor]:
        self._run("train", folder, training, images, labels, batch=batch, steps=steps)
        with np.load(Path(folder, "trained.npz")) as held:
            return {name: Tensor(held[name]) for name in held.files}

    def test(self, folder: str, training: Training, images: Array, labels: Array, *, batch: int) -> Tensor:
        said = self._run("test", folder, training, images, labels, batch=batch, steps=len(images) // batch)
        return Tensor(np.float64(said))

    def time(self, folder: str, training: Training, images: Array, labels: Array, *, batch: int) -> Tensor:
        return Tensor(np.float64(self._run("time", folder, training, images, labels, batch=batch, steps=3)))

    def _run(self, command: str, folder: str, training: Training, *records: Array, batch: int, steps: int) -> str:
        inputs, labels = records
        DataFiles().write(folder, inputs, labels, 1)
        Path(folder, "network.json").write_text(Definition().write(training.network), encoding="utf-8")
        np.savez(Path(folder, "weights.npz"), **training.weights)
        assert isinstance(training.optimizer, net.SGD)
        settings = {"rate": training.optimizer.rate, "momentum": training.optimizer.momentum}
        text = json.dumps({**settings, "batch": batch, "steps": steps})
        Path(folder, "settings.json").write_text(text, encoding="utf-8")
        words = [sys.executable, "-c", f"from {__name__} import main; main({command!r}, {folder!r})"]
        path = os.pathsep.join(one for one in sys.path if one)
        environment = {**os.environ, "PYTHONPATH": path}
        done = subprocess.run(words, env=environment, stdout=subprocess.PIPE, timeout=90, check=True)
        return done.stdout.decode()


def main(command: str, folder: str) -> None:
    """Do what `command` says, and print its number."""
    from fwconformance.frameworks.reference._framework import Reference

    settings: dict[str, Any] = json.loads(Path(folder, "settings.json").read_text(encoding="utf-8"))
    network = Definition().network(Path(folder, "network.json").read_text(encoding="utf-8"))
    with np.load(Path(folder, "weights.npz")) as held:
        model = Reference().build(network, {name: held[name] for name in held.files})
    batches = [
        (inputs.array, labels.array.astype("int64"))
        for inputs, labels in DataFiles().read(folder, settings["batch"], settings["steps"])
    ]
    started = time.perf_counter()
    if command == "train":
        optimizer = net.SGD(rate=settings["rate"], momentum=settings["momentum"])
        trainer = Reference().trainer(model, _LOSS, optimizer)
        for batch in batches:
            trainer.step(*batch)
        np.savez(Path(folder, "trained.npz"), **model.arrays())
        return
    losses = [float(model.gradients(_LOSS, *batch)[0].array) for batch in batches]
    taken = (time.perf_counter() - started) * 1000 / len(batches)
    print(repr(float(np.mean(losses)) if command == "test" else taken))


PIECES: Mapping[str, Any] = {"command-line": CommandLine}
