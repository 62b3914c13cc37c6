"""The comparison that most cases make: one network, the same weights, a framework beside the oracle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Mapping

from fwconformance.frameworks import GRU, STATE_ROLES, BatchNorm, Loss, Network, Unsupported, weight_shapes
from fwconformance.works._draws import spread

if TYPE_CHECKING:
    from fwconformance.frameworks import Seam
    from fwconformance.suitekit._cases import Case

Array = Any
Weights = Mapping[str, Array]


def check_forward(  # noqa: PLR0917  a case's fixtures first, in one order everywhere
    case: Case,
    framework: Seam,
    oracle: Seam,
    network: Network,
    weights: Weights,
    inputs: Array,
    *,
    training: bool = False,
    what: str = "outputs",
) -> None:
    """Assert that `framework`'s outputs for `inputs` are the oracle's."""
    actual = framework.build(network, weights).forward(inputs, training=training)
    expected = oracle.build(network, weights).forward(inputs, training=training)
    case.assert_close(actual, expected, what=what)


def check_gradients(  # noqa: PLR0917
    case: Case,
    framework: Seam,
    oracle: Seam,
    network: Network,
    weights: Weights,
    loss: Loss,
    inputs: Array,
    targets: Array,
    *,
    training: bool = False,
    what: str = "",
) -> None:
    """Assert that `framework`'s loss, its gradient by every trained weight, and by the inputs, are the oracle's."""
    actual = framework.build(network, weights).gradients(loss, inputs, targets, training=training)
    expected = oracle.build(network, weights).gradients(loss, inputs, targets, training=training)
    compare_gradients(case, network, actual, expected, what=what)


def check_both(  # noqa: PLR0917
    case: Case,
    framework: Seam,
    oracle: Seam,
    network: Network,
    weights: Weights,
    inputs: Array,
    rng: Any,
) -> None:
    """Assert outputs, and loss and gradients of mean squared error under drawn targets, are the oracle's.

    One model serves for both, since some frameworks take longer to build one than to run it.
    """
    model, reference = framework.build(network, weights), oracle.build(network, weights)
    outputs = reference.forward(inputs)
    case.assert_close(model.forward(inputs), outputs, what="outputs")
    targets, loss = spread(rng, *outputs.shape), Loss(kind="mse")
    actual, expected = (one.gradients(loss, inputs, targets) for one in (model, reference))
    compare_gradients(case, network, actual, expected)


def compare_gradients(case: Case, network: Network, actual: Any, expected: Any, *, what: str = "") -> None:
    """Assert that two results of `gradients` agree: loss, every trained weight of `network`, inputs."""
    prefix = f"{what}: " if what else ""
    loss, by_weight, by_inputs = actual
    expected_loss, expected_by_weight, expected_by_inputs = expected
    trained = {name for name in weight_shapes(network) if name.split(".", 1)[1] not in STATE_ROLES}
    assert set(by_weight) == trained, f"{prefix}gradients came for {sorted(by_weight)}, trained are {sorted(trained)}"
    case.assert_close(scalar(loss), expected_loss, what=f"{prefix}loss")
    for name in sorted(trained):
        case.assert_close(by_weight[name], expected_by_weight[name], what=f"{prefix}gradient by {name}")
    if network.integer_input:
        assert by_inputs is None, f"{prefix}integer inputs have no gradient, and one came"
    else:
        case.assert_close(by_inputs, expected_by_inputs, what=f"{prefix}gradient by the inputs")


def scalar(value: Array) -> Array:
    """`value` without axes. A framework without rank-0 arrays hands out shape (1,): a convention, not a fault."""
    assert value.shape in ((), (1,)), f"a scalar was expected, its shape is {value.shape}"
    return value.reshape(())


def compare_weights(case: Case, actual: Weights, expected: Weights, *, what: str) -> None:
    """Assert that two sets of weights have the same names and agree."""
    assert set(actual) == set(expected), f"{what}: weights are {sorted(actual)}, expected {sorted(expected)}"
    for name in sorted(expected):
        case.assert_close(actual[name], expected[name], what=f"{what}: {name}")


def largest_move(before: Weights, after: Weights) -> dict[str, float]:
    """For each weight, the largest distance that any of its values moved."""
    return {name: float(abs(after[name] - before[name]).max()) for name in before}


def own_reset(framework: Seam) -> str:
    """The GRU reset convention that `framework` has: "after" where it has that, else "before".

    Raises the framework's `Unsupported` where it has neither.
    """
    return _own(framework, [("after", GRU(units=2)), ("before", GRU(units=2, reset="before"))], (3, 2))


def own_running_variance(framework: Seam) -> str:
    """The variance that `framework`'s batch normalisation keeps: "unbiased" where it has that, else "biased".

    Raises the framework's `Unsupported` where it has neither.
    """
    choices = [(name, BatchNorm(running_variance=name)) for name in ("unbiased", "biased")]
    return _own(framework, choices, (2,))


def _own(framework: Seam, choices: Any, input_shape: Any) -> str:
    refusal: Unsupported | None = None
    for name, layer in choices:
        try:
            framework.build(Network(layers=(layer,), input_shape=input_shape))
        except Unsupported as refused:
            refusal = refused
        else:
            return str(name)
    assert refusal is not None
    raise refusal
