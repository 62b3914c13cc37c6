"""A limit on the memory that TensorFlow takes, without TensorFlow: a stand-in has the device."""

from __future__ import annotations

import contextlib
from types import SimpleNamespace

import pytest

from fwconformance.frameworks._tfdevice import refused_beyond


class Exhausted(Exception):
    message = "OOM when allocating tensor"


class Stand:
    """tf, as far as it is asked; its cards have as much memory as they were configured with."""

    uint8 = float32 = None
    errors = SimpleNamespace(ResourceExhaustedError=Exhausted)

    def __init__(self, *, obeys=True):
        self.limits = {}
        self.obeys = obeys
        self.config = SimpleNamespace(
            list_physical_devices=lambda kind: [f"{kind}:0", f"{kind}:1"],
            LogicalDeviceConfiguration=lambda memory_limit: memory_limit,
            set_logical_device_configuration=self.limits.__setitem__,
        )

    def device(self, name):
        self.place = name.strip("/")
        return contextlib.nullcontext()

    def zeros(self, shape, kind):
        (limit,) = self.limits[self.place]
        if self.obeys and shape[0] > limit * 2**20:
            raise Exhausted

    def constant(self, value, kind):
        return value

    def matmul(self, left, right):
        return left * right


def test_more_than_the_limit_is_refused_and_work_goes_on():
    tf = Stand()
    assert refused_beyond(tf, "cuda:1", 2**30, 2**31, 2, 3) == {
        "refused": "Exhausted: OOM when allocating tensor",
        "product": 6,
    }
    assert tf.limits == {"GPU:1": [1024]}


@pytest.mark.parametrize("size", [2**20, 2**31])
def test_what_is_given_is_not_said_to_be_refused(size):
    assert refused_beyond(Stand(obeys=size < 2**30), "cuda", 2**30, size, 2, 3)["refused"] == ""
