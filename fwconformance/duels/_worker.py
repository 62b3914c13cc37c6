"""A contestant's process, as a script in its own environment's interpreter: warm, asked turn by turn.

    python _worker.py PACKAGE FRAMEWORK BACKEND DEVICE THREADS [SCRIPT [beside]]

With SCRIPT, a program written by hand does the work instead of the framework's adapter; with `beside`, beside it, and
questions say by "who" whom they are for. `PACKAGE` is the folder of the
fwconformance that asks; of the environment only the framework, NumPy and attrs are used, so both contestants run the
same code whatever is installed beside them.
"""

from __future__ import annotations

import gc
import importlib.util
import os
import pathlib
import sys
import time
from typing import Any, Callable, Sequence

#: Whom a question is for, where a program written by hand is beside the framework's adapter.
BY_HAND = "by-hand"


def load_package(folder: str) -> None:
    """Make `fwconformance` the package in `folder`, whatever another one is installed."""
    spec = importlib.util.spec_from_file_location(
        "fwconformance", pathlib.Path(folder, "__init__.py"), submodule_search_locations=[folder]
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["fwconformance"] = module
    spec.loader.exec_module(module)


def _nothing_built() -> Any:
    raise RuntimeError("nothing is built to be called")


def set_apart() -> None:
    """Keep what was imported out of later collections of garbage: a framework's hundred thousands of objects, none of
    which a rebuild could free, make each take a tenth of a second and more.
    """
    gc.collect()
    gc.freeze()


class Turns:
    """Takes turns at a prepared call."""

    call: Callable[[], Any]
    extra: float = 0.0
    start_seconds: float = 0.0
    build_seconds: float = 0.0
    first_seconds: float = 0.0
    taken: Sequence[bytearray] = ()

    def build(self) -> None:
        """Build what was drawn, and let go of what was built before."""
        raise NotImplementedError

    def built(self, seconds: float) -> None:
        """Note how long building took, the first time."""
        self.build_seconds = self.build_seconds or seconds

    def rebuild(self, taken: Sequence[int]) -> dict[str, Any]:
        """Build the same work again from the same weights, and call it once.

        `taken`: sizes of blocks of memory, in bytes, that are held until the next time, so that what is built comes to
        lie elsewhere.
        """
        self.call = _nothing_built
        self.taken = ()
        gc.collect()
        self.taken = [bytearray(size) for size in taken]
        self.build()
        self.call()
        return {}

    def turn(self, calls: int, warm: int) -> dict[str, Any]:
        """Mean seconds of a call over `calls`, after `warm` that do not count. A planted slowdown calls more often."""
        call = self.call
        for _ in range(warm):
            self.called()
        times = calls + round(calls * self.extra)
        before = time.perf_counter()
        for _ in range(times):
            call()
        return {"seconds": (time.perf_counter() - before) / calls}

    def called(self) -> Any:
        """Do it once; the first time, when frameworks compile and choose, is noted."""
        if self.first_seconds:
            return self.call()
        before = time.perf_counter()
        found = self.call()
        self.first_seconds = time.perf_counter() - before
        return found

    def costs(self) -> dict[str, Any]:
        """What the turns do not show: seconds until the framework was there, to build the work, of the first call; and
        peak resident memory in bytes, 0 where the system does not say.
        """
        from fwconformance.processes import peak_memory

        seconds = {name: getattr(self, name) for name in ("start_seconds", "build_seconds", "first_seconds")}
        return {**seconds, "peak_bytes": peak_memory()}


class Worker(Turns):
    """Answers questions about one framework."""

    def __init__(self, framework: str, backend: str, device: str) -> None:
        from fwconformance.frameworks import create, find_entry
        from fwconformance.frameworks._seam import Seam

        self.seam = Seam(create(framework, backend, device))
        self.installed = find_entry(framework).versions(backend) or self.seam.versions()
        self.piece: Any = self.seam.adapter.piece("speed")
        self.work: Any = None
        self.mode = ""
        self.timed: Any = None
        self.drawn: Any = None

    def hello(self) -> dict[str, Any]:
        """Who this is."""
        return {
            "versions": {"python": sys.version.split()[0], **self.installed},
            "modes": dict(self.piece.modes),
            "best": self.piece.best,
            "device": self.seam.device,
            "layout": self.piece.layout,
            "arithmetic": self.piece.arithmetic,
        }

    def prepare(self, work: str, mode: str, seed: int, extra: float) -> dict[str, Any]:
        """Draw and build."""
        from fwconformance.works import find_work

        self.work, self.mode, self.extra = find_work(work), mode, extra
        self.drawn = self.work.draw(seed)
        self.build()
        return {}

    def build(self) -> None:
        self.timed = None
        training, inputs = self.seam.give(self.drawn.training), self.seam.give(self.drawn.inputs)
        before = time.perf_counter()
        if self.work.trains:
            self.timed = self.piece.training(training, self.mode)
        else:
            self.timed = self.piece.inference(self.work.network, training.weights, inputs, self.mode)
        self.built(time.perf_counter() - before)
        self.call = self.timed.call

    def show(self, path: str) -> dict[str, Any]:
        """Write what is to be compared with the oracle to `path` (.npz): outputs, or a training step from the weights
        that the steps so far led to.
        """
        import numpy as np

        drawn = self.drawn
        kept: dict[str, Any] = {}
        if self.timed.trainer is None:
            kept["outputs"] = np.asarray(self._values(self.called()))
        else:
            take = self.seam.take_all
            weights = take(self.timed.model.weights(), "weights")
            kept.update({f"before/{name}": value for name, value in weights.items()})
            loss, gradients, _ = self.timed.model.gradients(
                drawn.training.loss, self.seam.give(drawn.inputs), self.seam.give(drawn.targets), training=True
            )
            kept["loss"] = self.seam.take(loss, "loss")
            kept.update({f"gradient/{name}": value for name, value in take(gradients, "gradients").items()})
            kept["step"] = np.asarray(self._values(self.called()))
            weights = take(self.timed.model.weights(), "weights")
            kept.update({f"after/{name}": value for name, value in weights.items()})
        np.savez(path, **kept)  # type: ignore[arg-type, unused-ignore]  # no name is one of its options
        return {}

    def _values(self, result: Any) -> Any:
        """What a call gave: a native tensor, or the NumPy values that the framework's own method gives."""
        import numpy as np

        if isinstance(result, (np.ndarray, np.generic, float)):
            return result
        return self.seam.take(result, "result")


class ByHand(Turns):
    """Answers the same questions about a program that uses the framework without this project.

    The program has `MODES` (name to words), `BEST`, `WORKS`, and ``prepare(work, mode, weights, inputs, targets, rate,
    momentum)``, which gives a call that does the work once and one that gives the weights as they are, NumPy arrays by
    neutral name. `targets` is None for inference.
    """

    def __init__(self, framework: str, backend: str, script: str) -> None:
        from fwconformance.frameworks import find_entry

        spec = importlib.util.spec_from_file_location("by_hand", script)
        assert spec is not None
        assert spec.loader is not None
        self.program: Any = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.program)
        self.installed = find_entry(framework).versions(backend)
        self.weights: Callable[[], Any] = dict
        self.trains = False
        self.asked: tuple[Any, ...] = ()

    def hello(self) -> dict[str, Any]:
        """Who this is. Programs run on the CPU."""
        program = self.program
        versions = {"python": sys.version.split()[0], **(self.installed or {})}
        told = {"versions": versions, "modes": dict(program.MODES), "best": program.BEST, "device": "cpu"}
        return {**told, "layout": "", "arithmetic": ""}

    def prepare(self, work: str, mode: str, seed: int, extra: float) -> dict[str, Any]:
        """Draw, and have the program build."""
        from fwconformance.frameworks import SGD, NotAdapted
        from fwconformance.works import find_work

        found = find_work(work)
        family = work.rpartition("-inference")[0] or work.rpartition("-train")[0]
        if family not in self.program.WORKS:
            raise NotAdapted(f"the program by hand has no {family}; it has {', '.join(self.program.WORKS)}")
        drawn = found.draw(seed)
        given, optimizer = drawn.training, drawn.training.optimizer
        assert isinstance(optimizer, SGD)
        weights = {name: value.astype("float32") for name, value in given.weights.items()}
        inputs = drawn.inputs if found.network.integer_input else drawn.inputs.astype("float32")
        self.extra, self.trains = extra, found.trains
        targets = drawn.targets if found.trains else None
        self.asked = (family, mode, weights, inputs, targets, optimizer.rate, optimizer.momentum)
        self.build()
        return {}

    def build(self) -> None:
        import numpy as np

        self.weights = dict
        family, mode, weights, *rest = self.asked
        # Programs may work on the arrays themselves.
        copies = {name: np.array(value) for name, value in weights.items()}
        before = time.perf_counter()
        self.call, self.weights = self.program.prepare(family, mode, copies, *rest)
        self.built(time.perf_counter() - before)

    def show(self, path: str) -> dict[str, Any]:
        """As `Worker.show`, without what only the seam can ask for: of a step, the loss and the weights around it. And
        the weights after another step, which momentum is part of: no suite has tried the program's.
        """
        import numpy as np

        kept: dict[str, Any] = {}
        if self.trains:
            self._keep(kept, "before")
            # A copy: Caffe's losses are views of where the next one comes to lie.
            kept["step"] = np.array(self._values(self.called()))
            self._keep(kept, "after")
            self.called()
            self._keep(kept, "again")
        else:
            kept["outputs"] = self._values(self.called())
        np.savez(path, **kept)  # type: ignore[arg-type, unused-ignore]  # no name is one of its options
        return {}

    def _keep(self, kept: dict[str, Any], when: str) -> None:
        import numpy as np

        kept.update({f"{when}/{name}": np.array(value) for name, value in self.weights().items()})

    def _values(self, result: Any) -> Any:
        import numpy as np

        return result.asnumpy() if hasattr(result, "asnumpy") else np.asarray(result)


def main() -> int:
    package, framework, backend, device, threads, *script = sys.argv[1:]
    load_package(package)
    # The folder of this script would shadow names of the standard library and of the framework.
    here = str(pathlib.Path(__file__).resolve().parent)
    sys.path[:] = [each for each in sys.path if each and os.path.realpath(each) != here]
    sys.dont_write_bytecode = True
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: int(threads)])
    from fwconformance.frameworks._protocol import NotAdapted, Unavailable, Unsupported
    from fwconformance.frameworks._worker import die_with_parent
    from fwconformance.processes import Listener

    die_with_parent()  # who asks halts this process, and may be killed meanwhile

    listener = Listener()
    # Without `beside` there is one, whoever is asked.
    beside = len(script) > 1
    workers: dict[str, Turns] = {}
    while True:
        question = listener.question()
        if question is None:
            return 0
        who = question.pop("who", "")
        try:
            if who not in workers:
                before = time.perf_counter()
                by_hand = bool(script) and (who == BY_HAND or not beside)
                made = ByHand(framework, backend, script[0]) if by_hand else Worker(framework, backend, device)
                made.start_seconds = time.perf_counter() - before
                if not workers:
                    set_apart()
                workers[who] = made
            listener.answer(getattr(workers[who], question.pop("do"))(**question))
        except (Unsupported, NotAdapted, Unavailable) as refusal:
            listener.answer({"refused": f"{refusal}", "kind": type(refusal).__name__})
        except Exception as error:
            listener.answer({"failed": f"{type(error).__name__}: {error}"})


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # A framework's own threads and atexit handlers can hang; there is nothing left to lose.
    os._exit(status)
