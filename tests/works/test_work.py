"""Works: the published networks, drawn alike everywhere."""

from __future__ import annotations

import numpy as np
import pytest

from fwconformance.frameworks import LSTM, Conv2D, Dense, Loss, Network, SelfAttention, output_shape, weight_shapes
from fwconformance.works import WORKS, Work, find_work, operations


def parameters(name):
    return sum(int(np.prod(shape)) for shape in weight_shapes(WORKS[name].network).values())


@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("lenet5-train", 156 + 2416 + 48120 + 10164 + 850),  # every map of the second convolution sees all before it
        ("caffenet-train", 60_965_224),  # as bvlc_reference_caffenet.caffemodel holds
        ("lstm-lm-train", 10_000 * 200 + 2 * 4 * 200 * (200 + 200 + 1) + 200 * 10_000 + 10_000),
        ("mlp-train", 784 * 1024 + 1024 + 1024 * 1024 + 1024 + 1024 * 10 + 10),
        ("vgg-a-train", 132_863_336),  # as TorchVision counts its vgg11
        ("googlenet-train", 6_998_552),  # as bvlc_googlenet's deploy.prototxt makes
        ("resnet-50-train", 25_557_032 + 2 * 26_560),  # as TorchVision counts, and the running statistics
        ("transformer-train", 4 * (512 * 512 + 512) + 4 * 512 + 512 * 2048 + 2048 + 2048 * 512 + 512),
    ],
)
def test_a_network_has_the_published_number_of_parameters(name, published):
    assert parameters(name) == published


def test_every_network_is_there_for_inference_of_one_and_of_a_batch_and_for_training():
    families = {name.rpartition("-inference-1")[0] for name in WORKS if name.endswith("-inference-1")}
    assert set(WORKS) == {
        f"{family}-{suffix}" for family in families for suffix in ("inference-1", "inference", "train")
    }
    assert all(WORKS[f"{family}-inference-1"].batch == 1 for family in families)


@pytest.mark.parametrize("name", ["mlp-train", "lenet5-inference", "lstm-lm-inference-1"])
def test_equal_seeds_draw_equal_work_and_others_do_not(name):
    first, again, other = (WORKS[name].draw(seed) for seed in (3, 3, 4))
    assert np.array_equal(first.inputs, again.inputs)
    assert all(np.array_equal(value, again.training.weights[key]) for key, value in first.training.weights.items())
    assert not np.array_equal(first.inputs, other.inputs)


@pytest.mark.parametrize("work", WORKS.values(), ids=lambda work: work.id)
def test_targets_have_the_outputs_shape_less_the_classes(work):
    drawn = work.draw(1)
    *axes, classes = output_shape(work.network)
    assert drawn.targets.shape == (work.batch, *axes)
    assert drawn.targets.min() >= 0
    assert drawn.targets.max() < classes


def test_an_unknown_work_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match=r"no work 'alexnet'; there are mlp-inference-1"):
        find_work("alexnet")


def work_of(*layers, shape, trains=False, batch=2):
    network = Network(layers=layers, input_shape=shape)
    return Work(id="w", title="", network=network, batch=batch, trains=trains, rtol=1, atol=1, because="", source="")


@pytest.mark.parametrize(
    ("work", "expected"),
    [
        (work_of(Dense(units=5), shape=(3,)), 2 * 2 * 3 * 5),
        (work_of(Dense(units=5), shape=(7, 3)), 2 * 2 * 7 * 3 * 5),
        (work_of(Conv2D(channels=4, kernel=(3, 3)), shape=(2, 5, 6)), 2 * 2 * (4 * 2 * 9) * (3 * 4)),
        (work_of(LSTM(units=4), shape=(6, 3)), 2 * 2 * 6 * (3 * 16 + 4 * 16)),
        (work_of(SelfAttention(heads=1), shape=(6, 4)), 2 * (2 * 6 * 4 * 16 + 4 * 36 * 4)),
        (work_of(Dense(units=5), shape=(3,), trains=True), 3 * 2 * 2 * 3 * 5),
    ],
)
def test_operations_are_those_of_matrix_products(work, expected):
    assert operations(work) == expected


def test_caffenet_has_the_operations_that_its_authors_count():
    """724 million multiplications an image (Jia and others count connections): 1.45 GFLOP."""
    assert operations(WORKS["caffenet-inference-1"]) == pytest.approx(1.45e9, rel=0.01)


@pytest.mark.parametrize(("name", "billions"), [("vgg-a", 7.61), ("googlenet", 1.58), ("resnet-50", 4.09)])
def test_image_networks_have_the_multiplications_that_are_counted_elsewhere(name, billions):
    """TorchVision gives 7.61 GFLOPS for vgg11 and 4.09 for resnet50, multiplications and additions as one."""
    assert operations(WORKS[f"{name}-inference-1"]) == pytest.approx(2e9 * billions, rel=0.01)


def test_works_train_on_cross_entropy():
    assert {work.draw(0).training.loss for work in WORKS.values() if work.network.input_shape == (784,)} == {
        Loss(kind="cross-entropy")
    }
