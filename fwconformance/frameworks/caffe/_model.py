# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""A network in Caffe: nets declared for the shapes that come, around one that keeps the weights."""

from __future__ import annotations

from typing import Any, Mapping

import caffe
import numpy as np

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._network import STATE_ROLES, weight_shapes
from fwconformance.frameworks.caffe._layers import Plan
from fwconformance.frameworks.caffe._losses import add_loss
from fwconformance.frameworks.caffe._nets import held, load


class CaffeModel:
    """`Model` of the seam. `master` is the net that keeps the weights.

    The others get them copied before they run: sharing memory would do for most layers, but a recurrent one shares its
    own between steps once, when it is set up, and would go on with the old.
    """

    def __init__(self, network: neutral.Network, weights: Mapping[str, Any] | None) -> None:
        self.network = network
        self._shapes = weight_shapes(network)
        self._nets: dict[Any, Any] = {}
        self.plan = self.plan_for((1, *(2 if size is None else size for size in network.input_shape)))
        self.master = load(self.plan.spec)
        for name, value in (weights or {}).items():
            if not self._is_state(name):
                slot = self.plan.slots[name]
                slot.write(value, self.master.params[slot.layer][slot.index])
        for layer, rate in self.plan.rates.items():
            # Caffe keeps sums and their weight: with the weight at its limit, an average moves by `rate` from here on.
            if weights is not None:
                index = layer[len("layer") :]
                for position, role in enumerate(("mean", "variance")):
                    self.master.params[layer][position].data[...] = np.asarray(weights[f"{index}.{role}"]) / rate
                self.master.params[layer][2].data[...] = 1 / rate

    @staticmethod
    def _is_state(name: str) -> bool:
        return name.split(".", 1)[1] in STATE_ROLES

    def plan_for(self, shape: tuple[int, ...], *, lengths: bool = False) -> Plan:
        """The declaration for inputs of `shape` (with the batch, which comes first)."""
        return Plan(self.network, self._shapes, shape[0], tuple(shape[1:]), lengths=lengths)

    def copy(self, source: Any, target: Any) -> None:
        """Every parameter blob of `source` into `target`, statistics too."""
        for layer, blobs in source.params.items():
            for index, blob in enumerate(blobs):
                target.params[layer][index].data[...] = blob.data

    def net(
        self, shape: tuple[int, ...], *, training: bool, lengths: bool = False, loss: Any = None
    ) -> tuple[Any, Plan]:
        """(a net for inputs of `shape` with the weights of now, its declaration)."""
        key = (shape, training, lengths, loss)
        if key not in self._nets:
            plan = self.plan_for(shape, lengths=lengths)
            backward = loss is not None and not self.network.integer_input
            if loss is not None:
                outputs = tuple(load(plan.spec).blobs["outputs"].data.shape)
                add_loss(plan.spec, loss, plan.top, outputs)
            phase = caffe.TRAIN if training else caffe.TEST
            self._nets[key] = load(plan.spec, phase, force_backward=backward), plan
        net, plan = self._nets[key]
        self.copy(self.master, net)
        return net, plan

    def feed(self, net: Any, plan: Plan, inputs: Any, lengths: Any = None, targets: Any = None) -> None:
        """Put a batch into the input blobs, time first where there is time."""
        net.blobs["data"].data[...] = np.swapaxes(inputs, 0, 1) if plan.input_timed else inputs
        steps = np.arange(plan.steps)[:, None]
        if "starts" in net.blobs:
            # `cont` is 0 where a sequence starts.
            net.blobs["starts"].data[...] = steps > 0
        if "starts_backward" in net.blobs:
            # Turned round, a sequence starts after its padding; each step of that is a start too, and leaves no trace.
            net.blobs["starts_backward"].data[...] = steps > plan.steps - np.asarray(lengths)[None, :]
        if "ends" in net.blobs:
            net.blobs["ends"].data[...] = steps == np.asarray(lengths)[None, :] - 1
        if targets is not None:
            net.blobs["targets"].data[...] = np.swapaxes(targets, 0, 1) if plan.timed else targets

    def forward(self, inputs: Any, *, training: bool = False, lengths: Any = None) -> Any:
        net, plan = self.net(tuple(inputs.shape), training=training, lengths=lengths is not None)
        self.feed(net, plan, inputs, lengths)
        net.forward()
        if training:
            self.copy(net, self.master)
        outputs = net.blobs["outputs"].data
        return held({"outputs": np.swapaxes(outputs, 0, 1) if plan.timed else outputs})["outputs"]

    def gradients(
        self, loss: neutral.Loss, inputs: Any, targets: Any, *, training: bool = False, lengths: Any = None
    ) -> tuple[Any, Mapping[str, Any], Any]:
        net, plan = self.net(tuple(inputs.shape), training=training, lengths=lengths is not None, loss=loss)
        self.feed(net, plan, inputs, lengths, targets)
        net.clear_param_diffs()
        net.forward()
        net.backward()
        found: dict[str, Any] = {
            name: slot.read(net.params[slot.layer][slot.index].diff)
            for name, slot in plan.slots.items()
            if not self._is_state(name)
        }
        found[""] = net.blobs["loss"].data
        if not self.network.integer_input:
            inward = net.blobs["data"].diff
            found[" "] = np.swapaxes(inward, 0, 1) if plan.input_timed else inward
        blobs = held(found)
        return blobs.pop(""), blobs, blobs.pop(" ", None)

    def weights(self) -> Mapping[str, Any]:
        found = {}
        for name in self._shapes:
            slot = self.plan.slots[name]
            blobs = self.master.params[slot.layer]
            value = blobs[slot.index].data
            if self._is_state(name):
                factor = float(blobs[2].data.ravel()[0])
                value = value / factor if factor else value
            found[name] = slot.read(value)
        return held(found)

    def compiled(self) -> CaffeModel:
        """Itself: a net is a graph that was set up before it runs, and Caffe has no other way."""
        return self
