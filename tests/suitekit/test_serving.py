"""What the suites ask of a server: each way of getting it wrong is told, by an assertion that says what."""

from __future__ import annotations

import json
import threading

import numpy as np
import pytest

from fwconformance.frameworks import Seam, Unavailable, create
from fwconformance.frameworks._serving import Answer, NoAnswer
from fwconformance.suitekit import _serving, check_answers, check_bad_request, check_concurrent

CHECKS = {"answers": check_answers, "concurrent": check_concurrent, "bad-request": check_bad_request}


class Saving:
    """Piece "serving" of the reference, for these tests: nothing is written, the model itself is served."""

    def __init__(self, kept):
        self.kept = kept

    def save(self, model, inputs, folder):
        self.kept["model"] = model
        assert len(inputs) not in (1, 5), "the writer is shown a batch that is asked for later"
        return {"file": "nowhere"}


class Right:
    """A server in this process that does all as it should; those below get one thing wrong each."""

    seconds = 0.5
    model = None

    def __init__(self, seam, folder, described, *, together=1):
        self.seam = seam
        self.together = together
        self.asked = []
        self.lock = threading.Lock()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def said(self):
        return "the server runs; it printed: nothing"

    def forward(self, inputs):
        return self.seam.take(self.model.forward(inputs), "outputs")

    def ask(self, inputs):
        return self.post(json.dumps({"instances": inputs.tolist()}))

    def post(self, body):
        with self.lock:
            try:
                inputs = np.array(json.loads(body)["instances"], "float32")
                if inputs.shape[1:] != (3, 12, 10):  # the reference would take one channel for all
                    raise ValueError(inputs.shape)
                outputs = self.forward(inputs)
            except (ValueError, KeyError, TypeError) as error:
                return self.refuse(error)
            self.asked.append(inputs)
            return self.answer(outputs)

    def refuse(self, error):
        return Answer(status=422, body=str(error), seconds=0.01)

    def answer(self, outputs):
        served = {"requests": self.together, "devices": ["cpu"], "native_types": ["numpy"]}
        body = json.dumps({"predictions": outputs.tolist(), "served": served})
        return Answer(status=200, body=body, seconds=0.01)


class Training(Right):
    """Predicts in training mode."""

    def forward(self, inputs):
        return self.seam.take(self.model.forward(inputs, training=True), "outputs")


class First(Right):
    """Answers every request with the answer to the first of as many rows."""

    def answer(self, outputs):
        first = next(inputs for inputs in self.asked if len(inputs) == len(outputs))
        return super().answer(self.forward(first))


class Alone(Right):
    """Never puts requests together."""

    def answer(self, outputs):
        self.together = 1
        return super().answer(outputs)


class Tolerant(Right):
    """Takes everything."""

    def refuse(self, error):
        return Answer(status=200, body="{}", seconds=0.01)


class Silent(Right):
    """Does not answer a bad request."""

    def refuse(self, error):
        raise NoAnswer("no answer after 60.0 s: timed out; the server runs")


class Spoilt(Right):
    """Answers wrongly after a bad request."""

    spoilt = 0.0

    def refuse(self, error):
        self.spoilt = 1.0
        return super().refuse(error)

    def answer(self, outputs):
        return super().answer(outputs + self.spoilt)


class Broken(Right):
    """Answers with an error of its own."""

    def answer(self, outputs):
        return Answer(status=500, body="oh", seconds=0.01)


@pytest.fixture
def checked(make_case, monkeypatch):
    """What is seen of a server by the check of a case."""

    def check(name, kind):
        kept = {}
        framework, oracle = Seam(create("reference")), Seam(create("reference"))
        monkeypatch.setattr(framework.adapter, "piece", lambda _: Saving(kept))
        monkeypatch.setattr(kind, "model", property(lambda _: kept["model"]))
        monkeypatch.setattr(_serving, "Server", kind)
        monkeypatch.setattr(_serving, "require", lambda: None)
        case = make_case("export.serving", name, tolerance=(1e-4, 1e-4))
        CHECKS[name](case, framework, oracle)
        return case, framework

    return check


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_a_server_that_is_right_passes(checked, name):
    case, framework = checked(name, Right)
    assert case.compared
    assert framework.native_types >= {"numpy"}, "what the server's seam saw is forgotten"


def test_the_latency_is_a_figure_in_seconds(checked):
    figures = checked("answers", Right)[0].figures
    assert figures["median latency of a request"].value == 0.01
    assert figures["median latency of a request"].unit == "s"
    assert figures["from the server's start until it takes requests"].value == 0.5


def test_the_largest_batch_is_a_figure(checked):
    assert checked("concurrent", Right)[0].figures["largest batch of requests"].value == 4


@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [
        ("answers", Training, "answer for a batch of 1, against the framework's own"),
        ("answers", Broken, "answer for a batch of 1: 500 oh; the server runs; it printed: nothing"),
        ("concurrent", First, r"answer to client \d in round 0, against the framework's own"),
        ("concurrent", Alone, "8 clients asked at once, 3 times, and the server answered every request by itself"),
        ("bad-request", Tolerant, "a body that is not JSON is answered by 200"),
        ("bad-request", Silent, "no answer after 60.0 s: timed out; the server runs"),
        ("bad-request", Spoilt, "answer after a body that is not JSON, against the framework's own"),
        ("bad-request", Broken, "answer before any wrong request: 500 oh"),
    ],
)
def test_a_wrong_server_is_told(checked, name, kind, said):
    with pytest.raises(AssertionError, match=said):
        checked(name, kind)


@pytest.mark.parametrize("check", sorted(CHECKS))
def test_where_there_is_no_server_nothing_is_saved(check, monkeypatch):
    def absent():
        raise Unavailable("install it")

    monkeypatch.setattr(_serving, "require", absent)
    with pytest.raises(Unavailable, match="install it"):
        CHECKS[check](None, None, None)


def test_requests_too_alike_to_tell_apart_are_told(checked, monkeypatch):
    monkeypatch.setattr(_serving, "_APART", 100.0)
    with pytest.raises(RuntimeError, match="too near to tell answers apart"):
        checked("concurrent", Right)


def test_every_wrong_request_is_another():
    bodies = [body for _, body in _serving._wrong(np.zeros((2, 3, 12, 10)))]
    assert len(set(bodies)) == len(bodies) == 6
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        json.loads(bodies[0])
    assert all(json.loads(body) for body in bodies[1:])
