"""A server's start, its answers and its end, with a stand-in for LitServe: the tests run where it is not installed."""

from __future__ import annotations

import json
import pathlib
import socket
import time

import numpy as np
import pytest

from fwconformance.frameworks import Seam, Unavailable, Unsupported, _serving, create
from fwconformance.frameworks._remote import WorkerFailed
from fwconformance.frameworks._serving import Answer, NoAnswer, NoServer, Server

# What all the stand-ins begin with: they are scripts that are told a folder.
BEGIN = """
import http.server, json, os, pathlib, subprocess, sys, time
folder = pathlib.Path(sys.argv[1])
sys.path[:] = json.loads((folder / "place.json").read_text())["path"]
from fwconformance.frameworks import Unsupported, _codec, _remote
from fwconformance.frameworks._probes import Seen
call = _codec.read(folder, "call")
"""
SERVING = (
    BEGIN
    + """
started = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer(200, {"token": call["token"], "told": os.environ["LIT_SERVER_API_KEY"]})
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if body == "die":
            os._exit(3)
        if body == "hang":
            time.sleep(600)
        if body == "pids":
            return self.answer(200, [os.getpid(), started.pid])
        rows = json.loads(body)["instances"]
        served = {"requests": call["together"], "devices": ["cpu"], "native_types": [call["sabotage"]]}
        self.answer(200, {"predictions": [[2 * sum(row)] for row in rows], "served": served})
    def answer(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
print("listening", flush=True)
http.server.ThreadingHTTPServer(("127.0.0.1", call["port"]), Handler).serve_forever()
"""
)
ERRORS = {
    "unsupported": "error = Unsupported('no such file format', probe=Seen(absent=True, evidence='...'))",
    "unknown": "error = KeyError('weight')",
}


@pytest.fixture
def seam():
    return Seam(create("reference"))


@pytest.fixture
def server(seam, tmp_path, monkeypatch):
    """A server of the stand-in `script`; where LitServe's folder is kept."""
    folders = tmp_path / "folders"
    folders.mkdir()
    monkeypatch.setattr(_serving.tempfile, "tempdir", str(folders))
    monkeypatch.setattr(_serving, "require", lambda: None)

    def make(script=SERVING, **named):
        (tmp_path / "server.py").write_text(script, encoding="utf-8")
        monkeypatch.setattr(_serving, "_SCRIPT", tmp_path / "server.py")
        return Server(seam, tmp_path, {"file": "model"}, **named)

    yield make
    assert list(folders.iterdir()) == [], "a folder of a server is left"


def gone(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_outputs_come_back_in_float32(server):
    with server(together=3) as running:
        answer = running.ask(np.array([[0.1, 0.2], [1.0, 2.0]], "float32"))
    assert answer.status == 200
    assert answer.outputs.dtype == np.float32
    np.testing.assert_allclose(answer.outputs, [[0.6], [6.0]], rtol=1e-6)
    assert answer.together == 3
    assert answer.served["devices"] == ["cpu"]
    assert 0 < answer.seconds < 60
    assert 0 < running.seconds < 60


def test_the_planted_sabotage_is_told_to_the_server(server, seam):
    seam.sabotage = "drops-a-bias"
    with server() as running:
        assert running.ask(np.ones((1, 2))).served["native_types"] == ["drops-a-bias"]


def test_every_process_is_gone_and_the_port_is_free(server):
    with server() as running:
        pids = json.loads(running.post("pids").body)
        assert not any(gone(pid) for pid in pids)
    # Killed, they may still be on their way out on a busy machine, when nothing tells whose they are any more.
    deadline = time.monotonic() + 10
    while not all(gone(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert all(gone(pid) for pid in pids)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", running.port))


def test_every_process_is_gone_after_an_error_too(server):
    pids = []

    def fail(running):
        pids.extend(json.loads(running.post("pids").body))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), server() as running:
        fail(running)
    assert len(pids) == 2
    assert all(gone(pid) for pid in pids)


def test_a_server_that_dies_of_a_request_is_told(server):
    with server() as running:
        with pytest.raises(NoAnswer, match=r"no answer after \d+\.\d s: \w+: .*; the server .*listening"):
            running.post("die")
        time.sleep(0.2)
        with pytest.raises(NoAnswer, match=r"ConnectionRefusedError.*; the server has ended; it printed: listening"):
            running.ask(np.ones((1, 2)))


def test_a_hang_is_cut(server):
    with server() as running:
        started = time.monotonic()
        with pytest.raises(NoAnswer, match="timed out; the server runs"):
            running.post("hang", limit=0.5)
    assert time.monotonic() - started < 30


def test_keys_of_the_users_own_servers_are_kept_from_it(server, monkeypatch):
    monkeypatch.setenv("LIT_SERVER_API_KEY", "secret")
    with server() as running:
        assert json.loads(running._request("GET", "/info", None, 5.0)[1])["told"] == ""


@pytest.mark.parametrize(
    ("name", "kind", "said"), [("unsupported", Unsupported, "no such file format"), ("unknown", WorkerFailed, "weight")]
)
def test_what_the_framework_raises_while_it_loads_is_raised_here(server, name, kind, said):
    script = (
        BEGIN + ERRORS[name] + "\n_codec.write(folder, 'result-server', _remote.describe_error(error))\nsys.exit(1)\n"
    )
    with pytest.raises(kind, match=said) as caught, server(script):
        pass
    assert name != "unknown" or "KeyError" in {each.__name__ for each in type(caught.value).__mro__}


def test_a_server_that_does_not_start_is_told(server):
    with pytest.raises(NoServer, match=r"did not start; the server has ended; it printed: .*no such thing"), server(
        "raise SystemExit('no such thing')"
    ):
        pass


def test_a_server_that_is_never_ready_is_ended(server):
    with pytest.raises(NoServer, match="takes no requests after 1 s; the server runs; it printed: nothing"), server(
        "import time; time.sleep(600)", limit=1
    ):
        pass


def test_another_server_on_its_port_is_not_taken_for_it(server):
    other = SERVING.replace('"token": call["token"]', '"token": "of another"')
    with pytest.raises(NoServer, match="takes no requests after 2 s"), server(other, limit=2):
        pass


def test_without_litserve_it_says_what_to_install(seam, tmp_path, monkeypatch):
    monkeypatch.setattr(_serving.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(Unavailable, match="install litserve"), Server(seam, tmp_path, {}):
        pass


@pytest.mark.parametrize("body", ["", "no", "[]", "{}", "3"])
def test_an_answer_without_predictions_is_told(body):
    with pytest.raises(ValueError, match="an answer of 500 without 'predictions'"):
        Answer(status=500, body=body, seconds=0.1).outputs  # noqa: B018


def test_nothing_of_it_is_reported_to_anybody(server):
    """The script is given what switches OpenTelemetry off."""
    script = BEGIN + "print(os.environ['OTEL_SDK_DISABLED'], os.environ['TMPDIR'] == str(folder))\nsys.exit(1)\n"
    with pytest.raises(NoServer, match="true True"), server(script):
        pass


def test_the_folder_of_a_server_is_short_enough_for_sockets(seam, tmp_path, monkeypatch):
    """A path of a socket has 104 characters on some systems; Python's managers add about 34 to the folder's."""
    made = []
    monkeypatch.setattr(_serving, "require", lambda: None)
    monkeypatch.setattr(_serving.shutil, "rmtree", lambda path, **_: (made.append(path), pathlib.Path(path).rmdir()))
    monkeypatch.setattr(_serving, "free_port", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError), Server(seam, tmp_path, {}):
        pass
    assert len(pathlib.Path(made[0]).name) <= 12
