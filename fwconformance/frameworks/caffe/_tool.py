# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""The program `caffe`: train, test and time, on prototxt, HDF5 and caffemodel files."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Mapping

import caffe

from fwconformance.frameworks._protocol import NotAdapted, Unavailable
from fwconformance.frameworks._training import Training
from fwconformance.frameworks.caffe._model import CaffeModel
from fwconformance.frameworks.caffe._nets import held
from fwconformance.frameworks.caffe._training import solver_message
from fwconformance.frameworks.caffe._vision import DataFilesPiece, network_from_files

_NUMBER = r"([0-9.eE+-]+)"
_LIMIT = 100  # seconds; the networks are small


class CommandLinePiece:
    """What it prints goes through glog, to its standard error."""

    def train(
        self, folder: str, training: Training, images: Any, labels: Any, *, batch: int, steps: int
    ) -> Mapping[str, Any]:
        model = self._write(folder, training, images, labels, batch)
        solver = solver_message(training.optimizer)
        solver.net, solver.snapshot_prefix = str(Path(folder, "net.prototxt")), str(Path(folder, "trained"))
        solver.max_iter, solver.snapshot_after_train = steps, True
        Path(folder, "solver.prototxt").write_text(str(solver), encoding="utf-8")
        self._run("train", folder, "-solver", "solver.prototxt", "-weights", "start.caffemodel")
        trained = caffe.Net(solver.net, str(Path(folder, f"trained_iter_{steps}.caffemodel")), caffe.TEST)
        model.copy(trained, model.master)
        return model.weights()

    def test(self, folder: str, training: Training, images: Any, labels: Any, *, batch: int) -> Any:
        self._write(folder, training, images, labels, batch)
        given = ("-model", "net.prototxt", "-weights", "start.caffemodel", "-iterations", str(len(images) // batch))
        return self._said(self._run("test", folder, *given), rf"\] Loss: {_NUMBER}")

    def time(self, folder: str, training: Training, images: Any, labels: Any, *, batch: int) -> Any:
        self._write(folder, training, images, labels, batch)
        said = self._run("time", folder, "-model", "net.prototxt", "-iterations", "3")
        # Of both together it prints whole milliseconds.
        return self._said(said, *(rf"Average {way} pass: {_NUMBER} ms" for way in ("Forward", "Backward")))

    @staticmethod
    def _write(folder: str, training: Training, images: Any, labels: Any, batch: int) -> CaffeModel:
        if training.loss.kind != "cross-entropy":
            raise NotAdapted(f"the files for the program caffe have no loss {training.loss.kind!r} yet")
        DataFilesPiece().write(folder, images, labels, 1)
        model = CaffeModel(training.network, training.weights)
        text = str(network_from_files(model, folder, batch))
        Path(folder, "net.prototxt").write_text(text, encoding="utf-8")
        model.master.save(str(Path(folder, "start.caffemodel")))
        return model

    @staticmethod
    def _run(command: str, folder: str, *given: str) -> str:
        program = Path(sys.executable).with_name("caffe")
        if not program.exists():
            raise Unavailable(
                f"there is no program `caffe` beside this Python: {program.name} of Caffe's wheel is gone"
            )
        environment = {**os.environ, "GLOG_logtostderr": "1", "GLOG_minloglevel": "0"}
        done = subprocess.run(
            [str(program), command, *given],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_LIMIT,
            check=False,
        )
        said = done.stdout.decode(errors="replace")
        if done.returncode:
            raise RuntimeError(f"`caffe {command}` ended with {done.returncode}: {said[-500:]}")
        return said

    @staticmethod
    def _said(text: str, *patterns: str) -> Any:
        """The sum of the numbers that the program printed in the places of `patterns`."""
        total = 0.0
        for pattern in patterns:
            found = re.search(pattern, text)
            if found is None:
                raise RuntimeError(f"the program printed nothing like {pattern}: {text[-500:]}")
            total += float(found.group(1))
        return held({"number": total})["number"]
