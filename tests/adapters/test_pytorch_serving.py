"""A real server of LitServe, with PyTorch behind it: what the stand-in of the other tests cannot show."""

from __future__ import annotations

import errno
import importlib.util
import os
import pathlib
import socket

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("torch", reason="PyTorch is not installed here: tox runs these tests in torch-cpu")
pytest.importorskip("litserve", reason="LitServe is not installed here: tox runs these tests in torch-cpu")

from fwconformance.frameworks import Dense, Network, Seam, create
from fwconformance.frameworks._litserve import Instances, ServedModel
from fwconformance.frameworks._serving import Server
from fwconformance.processes._child import _tagged

NETWORK = Network(layers=(Dense(units=2),), input_shape=(4,))


def listening(pids):
    """Local addresses, in hexadecimal, on which processes `pids` listen by TCP."""
    sockets = set()
    for pid in pids:
        for link in pathlib.Path(f"/proc/{pid}/fd").iterdir():
            try:
                sockets.add(os.readlink(link))
            except OSError:
                continue
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in pathlib.Path(table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in sockets:
                found.add(fields[1])
    return found


@pytest.mark.skipif(not pathlib.Path("/proc/net/tcp").exists(), reason="no /proc to look in")
def test_it_listens_on_this_machine_alone_and_leaves_nothing(tmp_path):
    seam = Seam(create("pytorch"))
    model = seam.build(NETWORK)
    described = seam.piece("serving").save(model, np.zeros((3, 4)), str(tmp_path))
    with Server(seam, tmp_path, described, together=2) as server:
        tag = server._group._children["server"]._tag
        started = _tagged(tag)
        assert len(started) >= 3, "of LitServe's processes one is started, one predicts, one speaks HTTP"
        assert listening(started) == {f"0100007F:{server.port:04X}"}
        inputs = np.ones((2, 4), "float32")
        answer = server.ask(inputs)
        np.testing.assert_allclose(answer.outputs, model.forward(inputs), rtol=1e-5)
        assert answer.served == {"requests": 1, "devices": ["cpu"], "native_types": ["torch.Tensor"]}
    assert _tagged(tag) == []
    with socket.socket() as probe:
        # Nobody listens there any more; a connection of somebody else's may have been given its number.
        assert probe.connect_ex(("127.0.0.1", server.port)) == errno.ECONNREFUSED


def test_a_file_that_is_not_there_is_told_by_the_name_of_the_error(tmp_path):
    seam = Seam(create("pytorch"))
    with pytest.raises(Exception, match="nowhere") as caught, Server(seam, tmp_path, {"file": "nowhere.pt2"}):
        pass
    assert {"WorkerFailed", "OSError"} & {kind.__name__ for kind in type(caught.value).__mro__}


@pytest.mark.skipif(importlib.util.find_spec("opentelemetry") is None, reason="no OpenTelemetry here")
def test_no_exporter_of_telemetry_comes_with_it():
    """What it imports of OpenTelemetry is the interface, which sends nothing."""
    assert importlib.util.find_spec("opentelemetry.exporter") is None


class Native:
    """Stands for the seam: what the model gave is taken as it is."""

    observed = native_types = ("cpu",)

    def take(self, outputs, what):
        return outputs


def served(model):
    api = ServedModel("nowhere", max_batch_size=4, batch_timeout=0.1)
    api.pre_setup()
    api._seam, api._model = Native(), model
    return api


@given(st.lists(st.integers(1, 4), min_size=1, max_size=6))
def test_each_request_of_a_batch_gets_its_own_rows(sizes):
    """By one call of the model, whatever the requests' sizes are."""
    calls = []
    api = served(lambda rows: calls.append(len(rows)) or 2 * rows)
    ends = np.cumsum(sizes)
    requests = np.split(np.arange(3.0 * ends[-1]).reshape(-1, 3), ends[:-1])
    outputs = api.unbatch(api.predict(api.batch(requests)))
    answers = [api.encode_response(output) for output in outputs]
    assert calls == [sum(sizes)]
    assert [answer["predictions"] for answer in answers] == [(2 * rows).tolist() for rows in requests]
    assert {answer["served"]["requests"] for answer in answers} == {len(sizes)}


def test_a_request_by_itself_is_no_batch():
    answer = (api := served(np.negative)).encode_response(api.predict(np.ones((2, 3))))
    assert answer["predictions"] == [[-1.0] * 3] * 2
    assert answer["served"]["requests"] == 1


def test_a_model_that_loses_a_row_is_told():
    api = served(lambda rows: rows[1:])
    with pytest.raises(ValueError, match="5 rows went in and 4 came out"):
        api.predict([np.ones((2, 3)), np.ones((3, 3))])


@given(
    st.lists(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=2, max_size=2), min_size=1)
)
def test_a_float_is_not_changed_on_its_way(rows):
    """Decimal text keeps every float32."""
    rows = np.array(rows, "float32")
    request = Instances.model_validate_json(Instances(instances=rows.tolist()).model_dump_json())
    decoded = served(None).decode_request(request)
    assert decoded.dtype == np.float32
    assert np.array_equal(decoded, rows)


@pytest.mark.parametrize("rows", [[], [["a"]], [[1.0], [1.0, 2.0]], [None], [[True]], "rows", None], ids=repr)
def test_what_are_no_rows_of_numbers_is_refused(rows):
    with pytest.raises(ValueError, match="instances"):
        Instances(instances=rows)
