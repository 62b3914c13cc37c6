"""What the suites ask of several devices: each way of getting it wrong is told, by an assertion that says what."""

from __future__ import annotations

import numpy as np
import pytest

from fwconformance.frameworks import SGD, Adam, Seam, create
from fwconformance.frameworks.reference import _optimizers
from fwconformance.suitekit import ALIKE, CONVOLUTIONAL, DENSE, EVEN, check_split, distance, trained, training_for
from fwconformance.suitekit._parallel import check_alike, check_shares, scaled

ROWS = [[0, 1, 2, 3, 4, 5, 6, 7], [8, 9, 10, 11, 12, 13, 14, 15]]


@pytest.fixture
def case(make_case):
    return make_case("parallel.multi-device", "two-devices", tolerance=(1e-4, 1e-5))


@pytest.fixture
def training():
    return training_for(DENSE, np.random.default_rng(3), steps=2)


def dealt(training, rows):
    """Replicas that were given `rows` of every batch."""
    return [{"inputs": [inputs[mine] for inputs, _ in training.batches]} for mine in rows]


def test_which_rows_each_device_had_is_found_in_any_order(training):
    """Also strided, and in a wider type."""
    rows = [list(range(0, 16, 2)), list(range(15, 0, -2))]
    replicas = dealt(training, rows)
    replicas[0]["inputs"] = [each.astype(np.float64) for each in replicas[0]["inputs"]]
    assert check_shares(training, replicas) == [[rows[0]] * 2, [rows[1]] * 2]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([ROWS[0], ROWS[0]], r"step 0: how often rows were given .*\{0: 2, .*8: 0"),
        ([ROWS[0], [*ROWS[1][:-1], 0]], r"\{0: 2, 15: 0\}"),
        ([[*ROWS[0], *ROWS[1]], []], "device 0 was given 16 of 16 rows, its share is 8"),
        ([ROWS[0][:-1], ROWS[1]], "device 0 was given 7 of 16 rows"),
    ],
)
def test_a_wrong_share_is_told(training, rows, said):
    """A share seen twice, a row seen twice, everything on one device, a row that nobody had."""
    with pytest.raises(AssertionError, match=said):
        check_shares(training, dealt(training, rows))


def test_rows_of_another_batch_are_told(training):
    replicas = dealt(training, ROWS)
    replicas[1]["inputs"] = replicas[1]["inputs"][::-1]
    with pytest.raises(AssertionError, match=r"step 0: rows \[0, 1, .* that device 1 was given are not of the batch"):
        check_shares(training, replicas)


def test_a_step_that_a_device_sat_out_is_told(training):
    replicas = dealt(training, ROWS)
    del replicas[1]["inputs"][1]
    with pytest.raises(AssertionError, match="device 1 was given rows in 1 steps, there were 2"):
        check_shares(training, replicas)


@pytest.mark.parametrize(("apart", "right"), [(0.0, True), (ALIKE / 2, True), (ALIKE * 2, False)])
def test_replicas_may_differ_by_roundings_alone(case, apart, right):
    replicas = [{"weights": {"0.bias": np.zeros(3)}}, {"weights": {"0.bias": np.array([0.0, apart, 0.0])}}]
    if right:
        check_alike(case, replicas)
    else:
        with pytest.raises(AssertionError, match="replica 1 ends 2e-06 from the first one"):
            check_alike(case, replicas)
    assert case.figures["replica-1-apart"].value == apart


def test_weights_split_in_any_layout_pass():
    kernel, bias = np.arange(12.0).reshape(3, 4), np.arange(20.0, 24.0)
    held = [{"a": kernel[:, :2].T, "b": bias}, {"a": kernel[:, 2:].T}]
    check_split({"0.kernel": kernel, "0.bias": bias}, held)


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ([range(12), range(12, 16)], None),
        ([range(13), range(13, 16)], "device 0 of 2 holds 13 of 16 values: its weights are not split"),
        ([range(8), range(8)], "8 of 16 values of the weights are held by no device"),
        ([range(8), []], "device 1 of 2 holds nothing"),
        ([range(8), range(9, 17)], "device 1 holds 1 values that are not of the weights"),
    ],
)
def test_weights_that_are_not_split_are_told(held, said):
    parts = [{"w": np.array(list(values), dtype=float)} for values in held]
    if said is None:
        check_split({"0.kernel": np.arange(16.0).reshape(4, 4)}, parts)
    else:
        with pytest.raises(AssertionError, match=said):
            check_split({"0.kernel": np.arange(16.0).reshape(4, 4)}, parts)


def test_distance_counts_tolerances_where_it_is_furthest(case):
    goal = {"0.bias": np.array([0.0, 1.0])}
    assert distance(case, {"0.bias": np.array([2e-5, 1.0])}, goal) == pytest.approx(2.0)
    assert distance(case, {"0.bias": np.array([0.0, 1.0 + 1.1e-3])}, goal) == pytest.approx(10.0)


@pytest.mark.parametrize("optimizer", [SGD(rate=0.1, momentum=0.9), Adam(rate=0.02, epsilon=1e-2)])
@pytest.mark.parametrize("placement", ["corrected", "uncorrected"])
def test_a_scaled_optimizer_takes_the_steps_of_scaled_gradients(optimizer, placement):
    """Which is how a sum in place of a mean is foreseen, without a second implementation of the exchange."""
    if isinstance(optimizer, Adam):
        optimizer = Adam(rate=0.02, epsilon=1e-2, epsilon_placement=placement)
    make = _optimizers.Adam if isinstance(optimizer, Adam) else _optimizers.SGD
    rng = np.random.default_rng(5)
    one, other = {"w": np.ones(4)}, {"w": np.ones(4)}
    first, second = make(optimizer), make(scaled(optimizer, 3.0))
    for _ in range(3):
        gradient = rng.normal(size=4)
        first.apply(one, {"w": 3.0 * gradient})
        second.apply(other, {"w": gradient})
    np.testing.assert_allclose(other["w"], one["w"], rtol=1e-12)
    assert np.abs(one["w"] - 1.0).max() > 1e-3


@pytest.mark.parametrize("network", [DENSE, CONVOLUTIONAL, EVEN])
def test_a_drawn_training_has_distinct_rows_and_the_networks_classes(network):
    training = training_for(network, np.random.default_rng(0), rows=12, steps=4)
    assert len(training.batches) == 4
    for inputs, targets in training.batches:
        assert inputs.shape == (12, *network.input_shape)
        assert len({row.tobytes() for row in inputs}) == 12
        assert 0 <= targets.min() <= targets.max() < network.layers[-1].units


def test_trained_takes_as_many_steps_as_it_is_told(training):
    oracle = Seam(create("reference"))
    start, one, two = (trained(oracle, training, after=count) for count in (0, 1, 2))
    assert all((start[name] == training.weights[name]).all() for name in start)
    assert all((one[name] != two[name]).any() for name in one)
    assert all((two[name] == value).all() for name, value in trained(oracle, training).items())
