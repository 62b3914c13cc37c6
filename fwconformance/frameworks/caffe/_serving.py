# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""What of Caffe is served: a deploy prototxt and a caffemodel, loaded by caffe.Net."""

from __future__ import annotations

import pathlib
from typing import Any, Callable, Mapping

import caffe

from fwconformance.frameworks.caffe._nets import held


class ServingPiece:
    """See `fwconformance.frameworks._pieces_serving.Serving`."""

    def save(self, model: Any, inputs: Any, folder: str) -> Mapping[str, str]:
        plan = model.plan_for(tuple(inputs.shape))
        deploy = pathlib.Path(folder) / "deploy.prototxt"
        deploy.write_text(str(plan.spec.to_proto()), encoding="utf-8")
        net = caffe.Net(str(deploy), caffe.TEST)
        model.copy(model.master, net)
        net.save(str(pathlib.Path(folder) / "weights.caffemodel"))
        return {"deploy": deploy.name, "weights": "weights.caffemodel"}

    def load(self, folder: str, described: Mapping[str, str]) -> Callable[[Any], Any]:
        deploy, weights = (str(pathlib.Path(folder) / described[name]) for name in ("deploy", "weights"))
        net = caffe.Net(deploy, caffe.TEST, weights=weights)
        features = tuple(net.blobs["data"].shape)[1:]

        def predict(inputs: Any) -> Any:
            if tuple(inputs.shape[1:]) != features:
                # Left to the layers, another size ends the process.
                raise ValueError(f"inputs of {tuple(inputs.shape[1:])}, the net takes {features}")
            net.blobs["data"].reshape(*inputs.shape)
            net.reshape()
            net.blobs["data"].data[...] = inputs
            net.forward()
            return held({"outputs": net.blobs["outputs"].data})["outputs"]

        return predict
