"""A real server of LitServe, with PyTorch behind it: what the stand-in of the other tests cannot show."""

from __future__ import annotations

import importlib.util
import os
import pathlib
import socket

import numpy as np
import pytest

pytest.importorskip("torch", reason="PyTorch is not installed here: tox runs these tests in torch-cpu")
pytest.importorskip("litserve", reason="LitServe is not installed here: tox runs these tests in torch-cpu")

from fwconformance.frameworks import Dense, Network, Seam, create
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
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", server.port))


def test_a_file_that_is_not_there_is_told_by_the_name_of_the_error(tmp_path):
    seam = Seam(create("pytorch"))
    with pytest.raises(Exception, match="nowhere") as caught, Server(seam, tmp_path, {"file": "nowhere.pt2"}):
        pass
    assert {"WorkerFailed", "OSError"} & {kind.__name__ for kind in type(caught.value).__mro__}


@pytest.mark.skipif(importlib.util.find_spec("opentelemetry") is None, reason="no OpenTelemetry here")
def test_no_exporter_of_telemetry_comes_with_it():
    """What it imports of OpenTelemetry is the interface, which sends nothing."""
    assert importlib.util.find_spec("opentelemetry.exporter") is None
