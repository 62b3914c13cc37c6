# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Networks of the Model Zoo, loaded as its readers are told to: definition and weights into one Net."""

from __future__ import annotations

from typing import Any, Mapping

import caffe

from fwconformance.frameworks.caffe._nets import held


def loaded(definition: str, weights: str) -> Any:
    """The net of both files, in inference."""
    net = caffe.Net(definition, caffe.TEST)
    net.copy_from(weights)
    return net


class CaffeModelPiece:
    """See `fwconformance.frameworks._pieces_zoo.CaffeModel`."""

    def forward(self, definition: str, weights: str, inputs: Any) -> Any:
        net = loaded(definition, weights)
        net.blobs["data"].reshape(*inputs.shape)
        net.reshape()
        net.blobs["data"].data[...] = inputs
        net.forward()
        (name,) = net.outputs
        return held({name: net.blobs[name].data})[name]

    def blobs(self, definition: str, weights: str) -> Mapping[str, Any]:
        net = loaded(definition, weights)
        return held(
            {f"{name}.{index}": blob.data for name, blobs in net.params.items() for index, blob in enumerate(blobs)}
        )
