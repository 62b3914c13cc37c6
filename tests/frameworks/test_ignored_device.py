"""A framework that ignores the device that it was asked for is caught, whatever else it gets right."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys

import attrs
import pytest

from fwconformance.frameworks import Dense, Network, Seam, _ignored_device
from fwconformance.frameworks._seam import SeamViolation
from fwconformance.frameworks.reference import _framework

NETWORK = Network(layers=(Dense(units=2),), input_shape=(3,))
#: On the second of two logical devices of the CPU, which TensorFlow and JAX can have: three steps as the suite asks for
#: them, then the same with the fault.
SCRIPT = """
import pathlib, sys
framework, backend = sys.argv[1:]
if "tensorflow" in (framework, backend):
    import tensorflow as tf
    (cpu,) = tf.config.list_physical_devices("CPU")
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
from fwconformance.evidence import Profile
from fwconformance.frameworks import Seam, create
from fwconformance.plugin._case import Case
from fwconformance.registry import Tolerance
from fwconformance.suitekit import check_on_device

def check(seam):
    case = Case(capability="device.gpu-training", case="train-step", profile=Profile.STANDARD, seed=1,
                tolerance=Tolerance(rtol=1e-3, atol=1e-4, because="of a test"), temporary=pathlib.Path.cwd)
    check_on_device(case, seam, Seam(create("reference")))

seam = Seam(create(framework, backend, "cpu:1"))
check(seam)
print("sound: passed")
seam = Seam(create(framework, backend, "cpu:1"))
(fault,) = [each for each in seam.sabotages() if each.name == "device-request-ignored"]
with seam.sabotaged(fault):
    try:
        check(seam)
        print("ignored: passed")
    except AssertionError as error:
        print("ignored:", error)
"""


class Elsewhere(_framework.Reference):
    """The reference, which says that it is on a card where it was made for one."""

    def __init__(self, device):
        super().__init__()
        self.device = device

    def describe(self, tensor):
        return attrs.evolve(super().describe(tensor), device=self.device)


@pytest.fixture
def seam(monkeypatch):
    monkeypatch.setattr(_ignored_device, "create", lambda _name, _backend, device: Elsewhere(device))
    return Seam(Elsewhere("cuda"))


def named(seam, name):
    (found,) = [each for each in seam.sabotages() if each.name == name]
    return found


@pytest.mark.parametrize("name", ["device-request-ignored", "trains-on-the-cpu"])
def test_what_computes_on_the_cpu_is_caught_by_the_first_tensor(seam, name):
    assert seam.build(NETWORK).weights()["0.kernel"].shape == (3, 2)
    with seam.sabotaged(named(seam, name)), pytest.raises(SeamViolation, match="is on cpu, not on cuda as asked for"):
        seam.build(NETWORK).weights()


def test_afterwards_the_framework_is_as_it_was(seam):
    sound = seam.adapter
    with seam.sabotaged(named(seam, "device-request-ignored")):
        assert seam.device == "cuda"
        assert seam.adapter is not sound
    assert seam.adapter is sound


def test_on_the_cpu_there_is_nothing_to_ignore():
    assert _ignored_device.sabotages(Seam(Elsewhere("cpu"))) == ()


def test_xla_on_a_cpu_is_no_accelerator_and_still_not_the_cpu():
    assert {(each.name, each.kills) for each in Seam(Elsewhere("xla")).sabotages()} == {
        ("trains-on-the-cpu", "train.sgd")
    }


@pytest.mark.parametrize(("device", "capability"), [("tpu:0", "device.tpu-training"), ("mps", "device.gpu-training")])
def test_it_kills_the_capability_of_its_kind_of_device(device, capability):
    assert named(Seam(Elsewhere(device)), "device-request-ignored").kills == capability


@pytest.mark.parametrize(
    ("framework", "backend"), [("tensorflow", ""), ("keras", "tensorflow"), ("keras", "jax")], ids=str
)
def test_a_real_framework_that_ignores_the_second_device_is_caught(framework, backend, tmp_path):
    if not all(importlib.util.find_spec(name) for name in (framework, backend) if name):
        pytest.skip(f"{framework} {backend} is not installed here: tox runs these tests in its environment")
    environment = {
        **os.environ,
        "KERAS_BACKEND": backend,
        "JAX_NUM_CPU_DEVICES": "2",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    command = [sys.executable, "-c", SCRIPT, framework, backend]
    done = subprocess.run(
        command, cwd=str(tmp_path), env=environment, stdout=subprocess.PIPE, text=True, timeout=250, check=True
    )
    assert done.stdout.splitlines() == [
        "sound: passed",
        "ignored: tensors were seen on cpu; cpu:1 was asked for",
    ]
