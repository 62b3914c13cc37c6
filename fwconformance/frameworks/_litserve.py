# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""A framework's model behind LitServe, imported in the server's processes alone.

The protocol is the one that TensorFlow Serving's REST interface has, and KServe's V1: ``{"instances": [...]}``, a row
each, is answered by ``{"predictions": [...]}``. Beside them stands what the server saw of its own work ("served").
"""

from __future__ import annotations

import contextlib
import pathlib
import traceback
from typing import Any, List

import litserve
import numpy as np
from pydantic import BaseModel, field_validator

from fwconformance.frameworks import _codec, _remote
from fwconformance.frameworks._catalog import create
from fwconformance.frameworks._seam import Seam
from fwconformance.frameworks._worker import die_with_parent

Array = Any

#: Seconds that LitServe waits for further requests of a batch, where batches are asked for.
GATHERED = 0.25
#: Seconds after which LitServe gives a request up that no worker has taken.
PATIENCE = 60.0


class Instances(BaseModel):
    """Body of a request. What is not this gets an answer of 422, and no worker sees it."""

    # Read by pydantic at run time, where 3.8's typing must do.
    instances: List[Any]  # noqa: UP006

    @field_validator("instances")  # type: ignore[untyped-decorator, unused-ignore]
    @classmethod
    def _numbers(cls, value: Any) -> Any:
        rows = np.asarray(value)
        if rows.dtype.kind not in "fi" or not rows.size:
            raise ValueError("rows of numbers are wanted, all of one shape")
        return value


class ServedModel(litserve.LitAPI):
    """The model that `folder` describes. Made in one process, set up and used in another."""

    def __init__(self, folder: str, **options: Any) -> None:
        super().__init__(**options)
        self._folder = folder

    def setup(self, device: str) -> None:
        """In the process that predicts: make the framework, plant the fault asked for, load the file."""
        die_with_parent()
        folder = pathlib.Path(self._folder)
        try:
            self._load(_codec.read(folder, "call"))
        except BaseException as error:
            traceback.print_exc()
            _codec.write(folder, "result-server", _remote.describe_error(error))
            raise

    def _load(self, call: Any) -> None:
        self._seam = Seam(create(call["framework"], call["backend"], call["device"], mutant=call["mutant"]))
        # Never left: this process ends with the server.
        self._planted = contextlib.ExitStack()
        if call["sabotage"]:
            self._planted.enter_context(self._seam.sabotaged(_remote.named_sabotage(self._seam, call["sabotage"])))
        self._model = self._seam.adapter.piece("serving").load(call["model"], call["described"])

    def decode_request(self, request: Any) -> Array:
        return np.asarray(request.instances, dtype=np.float32)

    def batch(self, inputs: Any) -> Any:
        """Requests as they are: `predict` must know where one ends."""
        return list(inputs)

    def predict(self, x: Any) -> Any:
        """Outputs for one request's rows, or for the list of those that LitServe put together, by one call."""
        requests = x if isinstance(x, list) else [x]
        outputs = self._seam.take(self._model(np.concatenate(requests)), "outputs")
        ends = np.cumsum([len(rows) for rows in requests])
        if len(outputs) != ends[-1]:
            raise ValueError(f"{ends[-1]} rows went in and {len(outputs)} came out")
        answers = [(rows, len(requests)) for rows in np.split(outputs, ends[:-1])]
        return answers if isinstance(x, list) else answers[0]

    def encode_response(self, output: Any) -> Any:
        rows, together = output
        served = {
            "requests": together,
            "devices": sorted(self._seam.observed),
            "native_types": sorted(self._seam.native_types),
        }
        return {"predictions": rows.tolist(), "served": served}


# LitServe reads classes off these signatures; as strings they would be looked for in its own modules.
ServedModel.decode_request.__annotations__["request"] = Instances
del ServedModel.encode_response.__annotations__["return"]


def serve(folder: pathlib.Path) -> None:
    """Serve on the port of 127.0.0.1 that `folder` says, until ended. Raises RuntimeError where the model does not
    load.
    """
    call = _codec.read(folder, "call")
    api = ServedModel(
        str(folder), max_batch_size=call["together"], batch_timeout=GATHERED if call["together"] > 1 else 0
    )
    # "cpu" is what LitServe itself looks after; the adapter chooses the framework's device.
    server = litserve.LitServer(
        api, accelerator="cpu", timeout=PATIENCE, disable_openapi_url=True, model_metadata={"token": call["token"]}
    )
    server.run(host="127.0.0.1", port=call["port"], num_api_servers=1, log_level="warning", generate_client_file=False)
