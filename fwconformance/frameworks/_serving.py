"""A server of a saved model, on a port of this machine, and the one client that asks it.

The server is LitServe: it is maintained and installs beside every framework without moving NumPy or protobuf.
TorchServe was archived in August 2025; the last release of the Multi Model Server, which MXNet had, is of June 2023;
TensorFlow Serving is a program that Python's index does not have; MLServer wants an older protobuf than these
frameworks come with; BentoML brings some fifty packages, and reports its use unless told not to.
"""

from __future__ import annotations

import contextlib
import http.client
import importlib.util
import json
import pathlib
import shutil
import sys
import tempfile
import time
import uuid
from types import TracebackType
from typing import TYPE_CHECKING, Any, Mapping

import attrs
import numpy as np

from fwconformance.frameworks import _codec
from fwconformance.frameworks._protocol import Array, Unavailable
from fwconformance.frameworks._remote import as_error, import_path
from fwconformance.processes import Ended, Group, Program, free_port

if TYPE_CHECKING:
    from fwconformance.frameworks._seam import Seam

_SCRIPT = pathlib.Path(__file__).resolve().parent / "_server.py"
_NAME = "server"
#: Seconds until a request is given up. The first ones of a server may have to compile something.
_PATIENCE = 60.0
#: Of LitServe: who may ask, TLS. Empty, they are as if they were not set. And nothing is reported to anybody.
_ENVIRONMENT = {
    "LIT_SERVER_API_KEY": "",
    "LIT_SHUTDOWN_API_KEY": "",
    "LIGHTNING_CERT_PEM": "",
    "LIGHTNING_KEY_FILE": "",
    "OTEL_SDK_DISABLED": "true",
}


class NoServer(Exception):
    """The server did not come up, or is not there any more."""


class NoAnswer(Exception):
    """The server did not answer a request: it broke the connection, or nothing came within the limit."""


@attrs.frozen(kw_only=True, eq=False)
class Answer:
    """Of a server to one request.

    Attributes:
        status: of HTTP.
        body: as text.
        seconds: from before connecting until the body was read.
    """

    status: int
    body: str
    seconds: float

    @property
    def outputs(self) -> Array:
        """The predictions, a row each, as they were computed: float32. Raises ValueError where there are none."""
        return np.asarray(self._read("predictions"), dtype=np.float32)

    @property
    def together(self) -> int:
        """How many requests the server answered by one call of the model, this one included."""
        return int(self._read("served")["requests"])

    @property
    def served(self) -> Mapping[str, Any]:
        """Of the outputs, as the server's own seam saw them: "devices" and "native_types"."""
        served: Mapping[str, Any] = self._read("served")
        return served

    def _read(self, name: str) -> Any:
        try:
            return json.loads(self.body)[name]
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"an answer of {self.status} without {name!r}: {self.body[:300]}") from error


class Server:
    """A model that piece "serving" saved, served until the context is left. All its processes are gone then.

    Args:
        seam: whose framework loads the model, in the server's process; the sabotage planted here is planted there.
        folder, described: what `Serving.save` wrote and returned.
        together: how many requests the server may answer by one call of the model; 1: it does not gather any.
        limit: seconds that the server may live.
    """

    def __init__(
        self, seam: Seam, folder: pathlib.Path, described: Mapping[str, str], *, together: int = 1, limit: float = 120.0
    ) -> None:
        self._seam = seam
        self._limit = limit
        self._token = str(uuid.uuid4())
        self._call = {
            "framework": seam.name,
            "backend": seam.backend,
            "device": seam.device,
            "mutant": getattr(seam.adapter, "mutant", ""),
            "sabotage": seam.sabotage,
            "model": str(folder),
            "described": dict(described),
            "together": together,
            "token": self._token,
        }

    def __enter__(self) -> Server:  # noqa: PYI034 - Self needs Python 3.11
        """Until the server takes requests. Raises Unavailable where LitServe is not installed, what the framework
        raised where it does not load the model, else NoServer.
        """
        require()
        # Short: LitServe keeps sockets below it, whose paths may have some hundred characters.
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="fwc-"))
        self._exit = contextlib.ExitStack()
        self._exit.callback(shutil.rmtree, str(self._folder), ignore_errors=True)
        try:
            self.port = free_port()
            _codec.write(self._folder, "call", {**self._call, "port": self.port})
            (self._folder / "place.json").write_text(json.dumps({"path": import_path()}), encoding="utf-8")
            program = Program(
                name=_NAME,
                command=(sys.executable, "-B", str(_SCRIPT), str(self._folder)),
                environment={**_ENVIRONMENT, "TMPDIR": str(self._folder)},
            )
            self._group = self._exit.enter_context(Group([program], folder=self._folder, limit=self._limit))
            self.seconds = self._until_ready()
        except BaseException:
            self._exit.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._exit.close()

    def ask(self, inputs: Array, *, limit: float = _PATIENCE) -> Answer:
        """Ask for the outputs for `inputs` (batch, ...); see `post`."""
        return self.post(json.dumps({"instances": np.asarray(inputs).tolist()}), limit=limit)

    def post(self, body: str, *, limit: float = _PATIENCE) -> Answer:
        """Send `body` as it is. Raises NoAnswer after `limit` seconds, or where the connection breaks."""
        started = time.perf_counter()
        try:
            status, text = self._request("POST", "/predict", body, limit)
        except OSError as error:
            seconds = time.perf_counter() - started
            raise NoAnswer(
                f"no answer after {seconds:.1f} s: {type(error).__name__}: {error}; {self.said()}"
            ) from error
        except http.client.HTTPException as error:
            raise NoAnswer(f"no answer in HTTP: {type(error).__name__}: {error}; {self.said()}") from error
        return Answer(status=status, body=text, seconds=time.perf_counter() - started)

    def _request(self, method: str, path: str, body: str | None, limit: float) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=limit)
        try:
            headers = {"Content-Type": "application/json"} if body is not None else {}
            connection.request(method, path, body=body, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode("utf-8", errors="replace")
        finally:
            connection.close()

    def _until_ready(self) -> float:
        started = time.monotonic()
        while not self._ready():
            if not self._group.running():
                self._raise_why(self._group.wait())
            if time.monotonic() - started > self._limit:
                raise NoServer(f"LitServe takes no requests after {self._limit:.0f} s; {self.said()}")
            time.sleep(0.05)
        return time.monotonic() - started

    def _ready(self) -> bool:
        try:
            status, _ = self._request("GET", "/health", None, 5.0)
            # Another program may have been given the port meanwhile.
            return status == 200 and self._token in self._request("GET", "/info", None, 5.0)[1]
        except (OSError, http.client.HTTPException):
            return False

    def _raise_why(self, ended: tuple[Ended, ...]) -> None:
        with contextlib.suppress(FileNotFoundError):
            raise as_error(_codec.read(self._folder, "result-server")["error"], ended)
        raise NoServer(f"LitServe did not start; {self.said()}")

    def said(self) -> str:
        """Whether the server runs, and the last that its processes printed: where a model fails, why."""
        lines = [line for line in self._group.output(_NAME).splitlines() if line.strip()]
        state = "runs" if self._group.running() else "has ended"
        return f"the server {state}; it printed: {' | '.join(lines[-4:])[-600:] or 'nothing'}"


def require() -> None:
    """Raises Unavailable where LitServe is not installed beside the framework."""
    if importlib.util.find_spec("litserve") is None:
        raise Unavailable("litserve is not installed beside the framework: install litserve (it needs Python 3.10)")
