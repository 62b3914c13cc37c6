"""The pieces of Keras that use several devices, on the backend that is here (torch's are tested beside PyTorch's)."""

from __future__ import annotations

import numpy as np
import pytest

keras = pytest.importorskip("keras", reason="Keras is not installed here: tox runs these tests in keras-cpu and others")

from fwconformance.frameworks import PIECES, Seam, Unsupported  # noqa: E402
from fwconformance.frameworks._pieces_parallel import PARALLEL_PIECES  # noqa: E402
from fwconformance.frameworks._remote import Worker  # noqa: E402
from fwconformance.frameworks.keras import create  # noqa: E402

BACKEND = keras.backend.backend()
WORKER = Worker(folder="/nowhere")
on_jax = pytest.mark.skipif(BACKEND != "jax", reason="of JAX: tox runs this in keras-jax-cpu")
on_tensorflow = pytest.mark.skipif(BACKEND != "tensorflow", reason="of TensorFlow: tox runs this in keras-cpu")
on_either = pytest.mark.skipif(BACKEND == "torch", reason="of TensorFlow and JAX: tox runs this in keras-cpu")


TRAINED = np.array([[0.75, 0.75], [0.0, 0.0]])


@on_either
@pytest.mark.parametrize("name", sorted(PARALLEL_PIECES))
def test_each_piece_has_the_methods_of_its_protocol(name):
    piece = create(BACKEND).piece(name)
    assert {method for method in vars(PIECES[name]) if not method.startswith("_")} <= set(dir(piece))


@on_either
@pytest.mark.parametrize("name", ["multi-process", "multi-process-fit", "recovery"])
def test_a_process_a_device_each_told_its_own_number(name):
    piece = create(BACKEND).piece(name)
    programs = piece.programs(WORKER, 3)
    assert len(programs) == piece.workers(3) == 3
    assert len({str(program.environment) for program in programs}) == 3


@on_either
@pytest.mark.parametrize("name", ["data-parallel", "model-parallel", "throughput"])
def test_one_process_drives_all_devices(name):
    piece = create(BACKEND).piece(name)
    assert len(piece.programs(WORKER, 4)) == piece.workers(4) == 1


@on_either
def test_two_devices_train_as_one_would(one_step):
    seam = Seam(create(BACKEND))
    ((first, second),) = seam.elsewhere("data-parallel", "train", one_step(), 2, devices=2)
    assert seam.observed == {"cpu", "cpu:1"}
    for replica in (first, second):
        np.testing.assert_allclose(replica["weights"]["0.kernel"], TRAINED, atol=1e-6)
    np.testing.assert_array_equal(np.concatenate([first["inputs"][0], second["inputs"][0]]), [[1, 0], [0, 2]])
    np.testing.assert_allclose(second["outputs"][0], [[2, 2]])


@on_tensorflow
@pytest.mark.parametrize("name", ["model-parallel", "sharded-data-parallel"])
def test_a_layout_that_splits_nothing_is_refused_by_what_was_seen(name, one_step):
    with pytest.raises(Unsupported, match=r"keras\.distribution over cpu:0, cpu:1: ") as refused:
        Seam(create(BACKEND)).elsewhere(name, "train", one_step(), 2, devices=2)
    assert refused.value.probe is not None


@on_tensorflow
def test_the_probe_flips_where_a_kernel_is_split():
    """A stand-in for keras.distribution whose scope splits, by building smaller kernels."""
    from fwconformance.frameworks.keras._parallel_tensorflow_model import split_kernel

    class Library:
        DeviceMesh = staticmethod(lambda *_arguments: None)
        LayoutMap = staticmethod(lambda _mesh: {})

        class ModelParallel:
            def __init__(self, **_named):
                pass

            def scope(self):
                from fwconformance.frameworks._patching import replaced

                def smaller(original):
                    return lambda self, shape: setattr(self, "units", self.units // 2) or original(self, shape)

                return replaced(keras.layers.Dense, "build", smaller)

    assert split_kernel(["cpu:0", "cpu:1"]).absent
    assert not split_kernel(["cpu:0", "cpu:1"], Library).absent


@on_jax
def test_model_parallel_splits_what_each_device_holds(one_step):
    (answer,) = Seam(create(BACKEND)).elsewhere("model-parallel", "train", one_step(), 2, devices=2)
    np.testing.assert_allclose(answer["weights"]["0.kernel"], TRAINED, atol=1e-6)
    assert [own["layer0_dense/kernel"].shape for own in answer["held"]] == [(2, 1), (2, 1)]


@on_jax
def test_batches_that_cannot_be_dealt_evenly_are_an_error(one_step):
    odd = ((np.ones((3, 2)), np.ones((3, 2))),)
    with pytest.raises(Exception, match="not dealt evenly to 2 processes"):
        Seam(create(BACKEND)).elsewhere("multi-process", "train", one_step(batches=odd), 2, devices=2)


@on_jax
def test_virtual_devices_are_asked_for_in_both_of_jaxs_words():
    from fwconformance.frameworks.keras._parallel_jax import environment

    told = environment("cpu", 3)
    assert told["JAX_NUM_CPU_DEVICES"] == "3"
    assert "--xla_force_host_platform_device_count=3" in told["XLA_FLAGS"]
