"""The Caffe adapter itself; what Caffe computes is for the suites to judge."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("caffe._caffe", reason="Caffe is not built here: tox runs these tests in caffe-cpu")
import caffe

from fwconformance.frameworks import (
    GRU,
    LSTM,
    SGD,
    Activation,
    Adam,
    BatchNorm,
    Dense,
    Dropout,
    LocalResponseNorm,
    Loss,
    Network,
    NotAdapted,
    Training,
    Unavailable,
    Unsupported,
)
from fwconformance.frameworks.caffe import create

MSE = Loss(kind="mse")
DENSE = Network(layers=(Dense(units=3), Dense(units=2, bias=False)), input_shape=(4,))


@pytest.fixture(scope="module")
def framework():
    return create()


def test_describe_speaks_of_the_blob(framework):
    blob = framework.build(DENSE).weights()["0.kernel"]
    info = framework.describe(blob)
    assert (info.device, info.dtype, info.shape) == ("cpu", "float32", (4, 3))
    assert info.native_type == "caffe._caffe.Blob"


@pytest.mark.parametrize("value", [np.zeros(3), 1.0, [1.0]])
def test_describe_refuses_what_is_no_blob(framework, value):
    with pytest.raises(TypeError, match="not a Caffe blob"):
        framework.describe(value)


def test_a_backend_is_refused():
    with pytest.raises(ValueError, match="no backend to choose"):
        create(backend="jax")


def test_an_unknown_device_is_refused_naming_the_known_ones():
    with pytest.raises(ValueError, match="cpu, cuda"):
        create(device="tpu")


def test_a_gpu_is_unavailable_in_a_build_for_the_cpu():
    with pytest.raises(Unavailable, match="built for the CPU alone"):
        create(device="cuda")


def test_the_version_is_the_module_s_own(framework):
    assert framework.versions() == {"caffe": "1.0.0"}


def test_conventions_that_caffe_lacks_are_unsupported_with_the_measurement(framework):
    with pytest.raises(Unsupported, match="follows 'unbiased': measured 2"):
        framework.build(Network(layers=(BatchNorm(running_variance="biased"),), input_shape=(3,)))
    with pytest.raises(Unsupported, match="follows 'uncorrected'"):
        framework.trainer(framework.build(DENSE), MSE, Adam(rate=0.1, epsilon_placement="corrected"))


def test_layers_that_caffe_lacks_are_unsupported_by_the_list_of_its_own(framework):
    with pytest.raises(Unsupported, match=r"caffe\.layer_type_list\(\) has \d+ types and none of: GRU"):
        framework.build(Network(layers=(GRU(units=2),), input_shape=(None, 3)))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("data-parallel", "NCCL"),
        ("model-parallel", "caffe.LayerParameter has"),
        ("export-onnx", "caffe has none of: onnx"),
        ("compile-tpu", "SolverMode has 2 entries"),
    ],
)
def test_pieces_that_caffe_has_nothing_for_are_unsupported(framework, name, said):
    with pytest.raises(Unsupported, match=said):
        framework.piece(name)


def test_a_program_for_gpus_is_unavailable_in_a_build_for_the_cpu(framework):
    with pytest.raises(Unavailable, match="no CUDA"):
        framework.piece("compile-gpu")


def test_a_training_pass_moves_the_running_statistics(framework, rng):
    model = framework.build(Network(layers=(BatchNorm(running_variance="unbiased"),), input_shape=(3, 4, 4)))
    model.forward(rng.normal(size=(2, 3, 4, 4)) + 1)
    assert not model.weights()["0.mean"].data.any()
    model.forward(rng.normal(size=(2, 3, 4, 4)) + 1, training=True)
    assert model.weights()["0.mean"].data.min() > 0


def test_training_goes_on_with_batches_of_another_size(framework, rng):
    """A solver is made for one shape: its history goes over to the next one's, by a snapshot."""
    weights = {name: rng.normal(size=np.shape(value.data)) for name, value in framework.build(DENSE).weights().items()}
    rows = rng.normal(size=(2, 6, 4)), rng.normal(size=(2, 6, 2))

    def trained(*sizes):
        trainer = framework.trainer(framework.build(DENSE, weights), MSE, SGD(rate=0.1, momentum=0.9))
        for inputs, targets, size in zip(*rows, sizes):
            trainer.step(inputs[:size], targets[:size])
        return trainer.model.weights()["0.kernel"].data.copy()

    # Twice the same rows: the mean of each half is that of both, so the steps are the same.
    for array in rows:
        array[:, 3:] = array[:, :3]
    np.testing.assert_allclose(trained(6, 3), trained(6, 6), rtol=1e-5)


@pytest.mark.parametrize("lengths", [None, np.array([5, 2, 3])], ids=["full", "ragged"])
def test_a_recurrent_layer_follows_the_weights_that_training_gave(framework, rng, lengths):
    """Its unrolled net shares memory of its own: a net that was set up before must not go on with the old weights."""
    network = Network(layers=(LSTM(units=3, sequences=False), Dense(units=2)), input_shape=(None, 2))
    model, inputs = framework.build(network), rng.normal(size=(3, 5, 2))
    before = model.forward(inputs, lengths=lengths).data.copy()
    framework.trainer(model, MSE, SGD(rate=0.5)).step(inputs, np.ones((3, 2)))
    after = model.forward(inputs, lengths=lengths).data.copy()
    weights = {name: value.data.copy() for name, value in model.weights().items()}
    np.testing.assert_allclose(
        framework.build(network, weights).forward(inputs, lengths=lengths).data, after, atol=1e-6
    )
    assert abs(after - before).max() > 1e-4


def test_timed_training_is_the_trainer_s(framework, rng):
    network = Network(layers=(Dense(units=3), Dropout(rate=0.0), Activation(kind="tanh")), input_shape=(4,))
    weights = {"0.kernel": rng.normal(size=(4, 3)), "0.bias": rng.normal(size=3)}
    batch = rng.normal(size=(5, 4)), rng.normal(size=(5, 3))
    work = Training(network=network, weights=weights, loss=MSE, optimizer=SGD(rate=0.1, momentum=0.9), batches=[batch])
    timed = framework.piece("speed").training(work, "default")
    trainer = framework.trainer(framework.build(network, weights), MSE, work.optimizer)
    for _ in range(3):
        np.testing.assert_allclose(timed.call().data, trainer.step(*batch).data, rtol=1e-5)
    for name, value in trainer.model.weights().items():
        np.testing.assert_allclose(timed.model.weights()[name].data, value.data, rtol=1e-5, err_msg=name)


def test_timed_inference_is_the_model_s(framework, rng):
    network = Network(layers=(LocalResponseNorm(size=3, alpha=0.5),), input_shape=(5, 2, 2))
    inputs = rng.normal(size=(2, 5, 2, 2))
    timed = framework.piece("speed").inference(network, {}, inputs, "default")
    np.testing.assert_array_equal(timed.call().data, framework.build(network).forward(inputs).data)
    with pytest.raises(NotAdapted, match="no mode 'fast'"):
        framework.piece("speed").inference(network, {}, inputs, "fast")


def test_nothing_is_left_beside_the_caller(framework, rng, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "saved").mkdir()
    trainer = framework.trainer(framework.build(DENSE), MSE, SGD(rate=0.1))
    trainer.step(rng.normal(size=(2, 4)), rng.normal(size=(2, 2)))
    trainer.save(str(tmp_path / "saved"))
    assert Path.cwd() == tmp_path
    assert [path.name for path in tmp_path.iterdir()] == ["saved"]


def test_the_command_line_tool_trains_what_the_adapter_declares(framework, tmp_path):
    """It came with the build, and needs no Python."""
    tool = shutil.which("caffe", path=str(Path(sys.executable).parent))
    assert tool, "the wheel has no command line tool"
    net = """
    layer { name: "data" type: "DummyData" top: "data" top: "target"
      dummy_data_param { shape { dim: 4 dim: 3 } shape { dim: 4 dim: 2 }
        data_filler { type: "gaussian" } data_filler { type: "constant" value: 1 } } }
    layer { name: "dense" type: "InnerProduct" bottom: "data" top: "dense"
      inner_product_param { num_output: 2 weight_filler { type: "xavier" } } }
    layer { name: "loss" type: "EuclideanLoss" bottom: "dense" bottom: "target" top: "loss" }
    """
    (tmp_path / "net.prototxt").write_text(net)
    (tmp_path / "solver.prototxt").write_text(
        'net: "net.prototxt" base_lr: 0.1 lr_policy: "fixed" max_iter: 100 snapshot_prefix: "trained"\n'
        "solver_mode: CPU\n"
    )
    command = [tool, "train", "--solver=solver.prototxt"]
    done = subprocess.run(command, cwd=str(tmp_path), stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 0, done.stderr
    trained = caffe.Net(
        str(tmp_path / "net.prototxt"), caffe.TEST, weights=str(tmp_path / "trained_iter_100.caffemodel")
    )
    np.testing.assert_allclose(trained.params["dense"][1].data, 1, atol=0.05)
