"""Checks of a model served over HTTP: each starts a server of its own, and asks it as a client would."""

from __future__ import annotations

import contextlib
import json
import statistics
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Iterator, Sequence

import attrs
import numpy as np

from fwconformance.frameworks import Network
from fwconformance.frameworks._serving import Answer, NoAnswer, Server, require
from fwconformance.suitekit._export import convolutional
from fwconformance.suitekit._parity import own_running_variance
from fwconformance.works._draws import spread, weights_for

if TYPE_CHECKING:
    from fwconformance.frameworks import Seam, SeamModel
    from fwconformance.suitekit._cases import Case

Array = Any

_EXAMPLE = 3  # rows of the batch that the writer is shown
_TIMED = 21  # requests whose median latency is reported
_CLIENTS = 8
_TOGETHER = 4  # requests that the server may answer by one call
_ROUNDS = 3
#: Between outputs of different requests, of values from -3 to 3: an answer that reached another client must show.
_APART = 0.02


@attrs.frozen(kw_only=True, eq=False)
class Served:
    """A network in the framework and in the oracle, and the server of what the framework saved of it."""

    case: Case
    network: Network
    own: SeamModel
    oracle: SeamModel
    server: Server

    def images(self, rows: int) -> Array:
        """Images that neither the writer nor the server has seen."""
        return _images(self.case, self.network, rows)

    def compare(self, inputs: Array, answer: Answer, what: str) -> None:
        """Assert that `answer` is one to `inputs`, and the framework's own and the oracle's."""
        assert answer.status == 200, f"{what}: {answer.status} {answer.body[:200]}; {self.server.said()}"
        self.own.seam.absorb(answer.served["devices"], answer.served["native_types"], 1)
        self.case.assert_close(answer.outputs, self.own.forward(inputs), what=f"{what}, against the framework's own")
        self.case.assert_close(answer.outputs, self.oracle.forward(inputs), what=f"{what}, against the oracle's")

    def ask(self, inputs: Array) -> Answer:
        """Raises AssertionError where no answer comes."""
        return self._answered(lambda: self.server.ask(inputs))

    def post(self, body: str) -> Answer:
        """The same, for a body that may be wrong."""
        return self._answered(lambda: self.server.post(body))

    def _answered(self, call: Any) -> Answer:
        try:
            answer: Answer = call()
        except NoAnswer as error:
            raise AssertionError(str(error)) from error
        return answer


def check_answers(case: Case, framework: Seam, oracle: Seam) -> None:
    """Assert that batches of 1 and of 5 held-out images are answered by the framework's outputs in inference."""
    with _serving(case, framework, oracle) as served:
        for rows in (1, 5):
            inputs = served.images(rows)
            served.compare(inputs, served.ask(inputs), f"answer for a batch of {rows}")
        image = served.images(1)
        seconds = [served.ask(image).seconds for _ in range(_TIMED)]
        case.figure("median latency of a request", statistics.median(seconds), "s")


def check_concurrent(case: Case, framework: Seam, oracle: Seam) -> None:
    """Assert that clients that ask at once each get their own answer, and that requests went through together."""
    with _serving(case, framework, oracle, together=_TOGETHER) as served:
        # Of one and two rows: where one answer ends and the next begins is part of what can go wrong.
        asked = [served.images(1 + client % 2) for client in range(_CLIENTS)]
        _assert_apart(served, asked)
        with ThreadPoolExecutor(_CLIENTS) as pool:
            answers = [list(pool.map(served.ask, asked)) for _ in range(_ROUNDS)]
        for number, these in enumerate(answers):
            for client, (inputs, answer) in enumerate(zip(asked, these)):
                served.compare(inputs, answer, f"answer to client {client} in round {number}")
        every = [answer for these in answers for answer in these]
        largest = max(answer.together for answer in every)
        case.figure("largest batch of requests", largest, "1")
        case.figure(
            f"median latency of a request, {_CLIENTS} at once", statistics.median(a.seconds for a in every), "s"
        )
        assert largest > 1, (
            f"{_CLIENTS} clients asked at once, {_ROUNDS} times, and the server answered every request by itself: "
            f"it was asked to gather up to {_TOGETHER}"
        )


def check_bad_request(case: Case, framework: Seam, oracle: Seam) -> None:
    """Assert that wrong requests are refused, and that the server answers the next one rightly after each."""
    with _serving(case, framework, oracle) as served:
        inputs = served.images(2)
        served.compare(inputs, served.ask(inputs), "answer before any wrong request")
        for what, body in _wrong(inputs):
            answer = served.post(body)
            assert 400 <= answer.status < 600, f"{what} is answered by {answer.status}: {answer.body[:300]}"
            served.compare(inputs, served.ask(inputs), f"answer after {what}")


def _wrong(inputs: Array) -> Iterator[tuple[str, str]]:
    """(what is wrong, body); the first reach the server's checks alone, the last the model."""
    right = json.dumps({"instances": inputs.tolist()})
    yield "a body that is not JSON", right[: len(right) // 2]
    yield "a body without instances", json.dumps({"inputs": inputs.tolist()})
    yield "rows of different lengths", json.dumps({"instances": [*inputs.tolist(), [[[1.0]]]]})
    yield "words for numbers", json.dumps({"instances": [["a", "b"]]})
    yield "images that lie on their side", json.dumps({"instances": inputs.transpose(0, 1, 3, 2).tolist()})
    yield "images of another number of channels", json.dumps({"instances": inputs[:, :1].tolist()})


@contextlib.contextmanager
def _serving(case: Case, framework: Seam, oracle: Seam, *, together: int = 1) -> Iterator[Served]:
    # First: an old framework, which may not save in that way, is older than what LitServe runs on.
    require()
    network = convolutional(own_running_variance(framework))
    weights = weights_for(network, case.rng)
    own = framework.build(network, weights)
    described = framework.piece("serving").save(own, _images(case, network, _EXAMPLE), str(case.tmp_path))
    with Server(framework, case.tmp_path, described, together=together) as server:
        case.figure("from the server's start until it takes requests", server.seconds, "s")
        reference = oracle.build(network, weights)
        yield Served(case=case, network=network, own=own, oracle=reference, server=server)


def _images(case: Case, network: Network, rows: int) -> Array:
    return spread(case.rng, rows, *[size for size in network.input_shape if size is not None])


def _assert_apart(served: Served, asked: Sequence[Array]) -> None:
    """A guard of the check itself: were two requests alike, nobody would see that their answers were swapped."""
    firsts = np.stack([served.oracle.forward(inputs)[0] for inputs in asked])
    gaps = np.abs(firsts[:, None] - firsts[None]).max(axis=-1)
    gap = float(gaps[~np.eye(len(asked), dtype=bool)].min())
    if gap < _APART:
        raise RuntimeError(f"two of the requests drawn have outputs {gap:.3g} apart: too near to tell answers apart")
