"""layers.batch-norm and layers.layer-norm against the oracle."""

from __future__ import annotations

import pytest

from fwconformance.frameworks import (
    SGD,
    Activation,
    BatchNorm,
    Conv2D,
    Dense,
    Flatten,
    LayerNorm,
    LocalResponseNorm,
    Loss,
    Network,
    Pool2D,
)
from fwconformance.suitekit import (
    check_forward,
    check_gradients,
    compare_weights,
    own_running_variance,
    spread,
    weights_for,
)

IMAGE = (3, 4, 2)
VECTOR = (5,)
MSE = Loss(kind="mse")


def batch_norm(running_variance, input_shape):
    """An epsilon that shows in the outputs, and a rate that is not its own complement."""
    layer = BatchNorm(rate=0.3, epsilon=0.05, running_variance=running_variance)
    return Network(layers=(layer,), input_shape=input_shape)


@pytest.mark.capability("layers.batch-norm", "inference")
def test_inference(framework, oracle, case):
    """Inference normalises by the running statistics and leaves them alone."""
    kept = own_running_variance(framework)
    for shape, what in ((IMAGE, "outputs for images"), (VECTOR, "outputs for vectors")):
        network = batch_norm(kept, shape)
        weights, inputs = weights_for(network, case.rng), spread(case.rng, 6, *shape)
        model = framework.build(network, weights)
        case.assert_close(model.forward(inputs), oracle.build(network, weights).forward(inputs), what=what)
        compare_weights(case, model.weights(), weights, what="weights after inference")


@pytest.mark.capability("layers.batch-norm", "training")
def test_training(framework, oracle, case):
    """Training normalises by the batch's mean and biased variance, over batch and space."""
    kept = own_running_variance(framework)
    for shape, what in ((IMAGE, "outputs for images"), (VECTOR, "outputs for vectors")):
        network = batch_norm(kept, shape)
        weights, inputs = weights_for(network, case.rng), spread(case.rng, 6, *shape) + 0.5
        check_forward(case, framework, oracle, network, weights, inputs, training=True, what=what)


@pytest.mark.capability("layers.batch-norm", "gradients")
def test_gradients(framework, oracle, case):
    """Gradients flow through the batch's statistics in training, and around the running ones at inference."""
    kept = own_running_variance(framework)
    layer = BatchNorm(rate=0.3, epsilon=0.05, running_variance=kept)
    network = Network(layers=(layer, Activation(kind="tanh"), Flatten(), Dense(units=2)), input_shape=IMAGE)
    weights, inputs = weights_for(network, case.rng), spread(case.rng, 6, *IMAGE) + 0.5
    targets = spread(case.rng, 6, 2)
    for training, what in ((True, "training"), (False, "inference")):
        check_gradients(case, framework, oracle, network, weights, MSE, inputs, targets, training=training, what=what)


def check_running(framework, oracle, case, running_variance):
    """Some frameworks move the statistics in the forward pass, some in the backward one; after a step all have."""
    for shape in (IMAGE, VECTOR):
        layer = BatchNorm(rate=0.3, epsilon=0.05, running_variance=running_variance)
        network = Network(layers=(layer, Flatten(), Dense(units=2)), input_shape=shape)
        weights = weights_for(network, case.rng)
        trainers = [seam.trainer(seam.build(network, weights), MSE, SGD(rate=0.01)) for seam in (framework, oracle)]
        for _ in range(2):
            inputs, targets = spread(case.rng, 4, *shape) + 0.5, spread(case.rng, 4, 2)
            for trainer in trainers:
                trainer.step(inputs, targets)
        after, expected = (trainer.model.weights() for trainer in trainers)
        compare_weights(case, after, expected, what="weights and statistics after two steps")
        for name in ("0.mean", "0.variance"):
            assert abs(after[name] - weights[name]).min() > 1e-3, f"{name} did not move in training"


@pytest.mark.capability("layers.batch-norm", "running-biased")
def test_running_biased(framework, oracle, case):
    """The running variance is an average of the batches' biased variances."""
    check_running(framework, oracle, case, "biased")


@pytest.mark.capability("layers.batch-norm", "running-unbiased")
def test_running_unbiased(framework, oracle, case):
    """The running variance is an average of the batches' unbiased variances."""
    check_running(framework, oracle, case, "unbiased")


def layer_norm(input_shape):
    return Network(layers=(LayerNorm(epsilon=0.05),), input_shape=input_shape)


@pytest.mark.capability("layers.layer-norm", "forward")
def test_layer_norm_forward(framework, oracle, case):
    """Each vector, or each step of a sequence, is normalised by itself."""
    for shape, what in (((7,), "outputs for vectors"), ((4, 7), "outputs for sequences")):
        network = layer_norm(shape)
        weights, inputs = weights_for(network, case.rng), spread(case.rng, 3, *shape) + 0.5
        check_forward(case, framework, oracle, network, weights, inputs, what=what)


@pytest.mark.capability("layers.layer-norm", "gradients")
def test_layer_norm_gradients(framework, oracle, case):
    """Gradients by scale, shift and inputs, through the statistics."""
    network = Network(layers=(LayerNorm(epsilon=0.05), Activation(kind="tanh"), Dense(units=2)), input_shape=(4, 7))
    weights, inputs, targets = weights_for(network, case.rng), spread(case.rng, 3, 4, 7), spread(case.rng, 3, 4, 2)
    check_gradients(case, framework, oracle, network, weights, MSE, inputs, targets)


# An alpha of 1e-4, as published, would hide the window behind rounding.
RESPONSE_NORMS = tuple(LocalResponseNorm(size=size, alpha=0.8, beta=0.75, constant=2.0) for size in (3, 5))


@pytest.mark.capability("layers.local-response-norm", "forward")
def test_response_norm_forward(framework, oracle, case):
    """Each channel is normalised by its neighbours; those at the edges have fewer."""
    for layer in RESPONSE_NORMS:
        network = Network(layers=(layer,), input_shape=(7, 4, 3))
        inputs = spread(case.rng, 3, 7, 4, 3)
        check_forward(case, framework, oracle, network, {}, inputs, what=f"outputs, windows of {layer.size}")


@pytest.mark.capability("layers.local-response-norm", "gradients")
def test_response_norm_gradients(framework, oracle, case):
    """By the inputs, and by what stands before them."""
    for layer in RESPONSE_NORMS:
        network = Network(
            layers=(Conv2D(channels=8, kernel=(3, 3)), layer, Flatten(), Dense(units=2)), input_shape=(3, 9, 9)
        )
        weights, inputs, targets = weights_for(network, case.rng), spread(case.rng, 3, 3, 9, 9), spread(case.rng, 3, 2)
        check_gradients(
            case, framework, oracle, network, weights, MSE, inputs, targets, what=f"windows of {layer.size}"
        )


@pytest.mark.capability("layers.local-response-norm", "before-pooling")
def test_response_norm_before_pooling(framework, oracle, case):
    """Gradients reach the convolution through pooling and normalisation."""
    pool = Pool2D(kind="max", size=(3, 3), stride=(2, 2))
    layers = (Conv2D(channels=8, kernel=(3, 3)), RESPONSE_NORMS[1], pool, Flatten(), Dense(units=2))
    network = Network(layers=layers, input_shape=(3, 15, 15))
    weights, inputs, targets = weights_for(network, case.rng), spread(case.rng, 3, 3, 15, 15), spread(case.rng, 3, 2)
    check_gradients(case, framework, oracle, network, weights, MSE, inputs, targets)
