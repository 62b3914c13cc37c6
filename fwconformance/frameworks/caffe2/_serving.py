# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""What of Caffe2 is served: the pair of nets that its exporter writes, run by its Predictor."""

from __future__ import annotations

import pathlib
from typing import Any, Callable, Mapping

import numpy as np
from caffe2.python import workspace
from caffe2.python.predictor import mobile_exporter

from fwconformance.frameworks.caffe2._nets import blob, feed, fresh


class ServingPiece:
    """See `fwconformance.frameworks._pieces_serving.Serving`."""

    def save(self, model: Any, inputs: Any, folder: str) -> Mapping[str, str]:
        plan, _ = model.net(training=False)
        parameters = [name for name in plan.helper.net.Proto().external_input if name != str(plan.data)]
        made, run = mobile_exporter.Export(workspace, plan.helper.net, parameters)
        # Dropout's mask, empty at inference, is an output of the net too, which the Predictor refuses.
        run.external_output[:] = [str(plan.outputs)]
        written = {"init": "init_net.pb", "predict": "predict_net.pb"}
        for net, name in zip((made, run), written.values()):
            (pathlib.Path(folder) / name).write_bytes(net.SerializeToString())
        features = ",".join(str(size) for size in np.shape(inputs)[1:])
        return {**written, "data": str(plan.data), "features": features}

    def load(self, folder: str, described: Mapping[str, str]) -> Callable[[Any], Any]:
        nets = ((pathlib.Path(folder) / described[name]).read_bytes() for name in ("init", "predict"))
        predictor = workspace.Predictor(*nets)
        features = tuple(int(size) for size in described["features"].split(","))

        def predict(inputs: Any) -> Any:
            if tuple(inputs.shape[1:]) != features:
                raise ValueError(f"inputs of {tuple(inputs.shape[1:])}, the net takes {features}")
            name = fresh("served")
            feed(name, np.asarray(predictor.run({described["data"]: inputs})[0]))
            return blob(name)

        return predict
