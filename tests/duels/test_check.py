"""A contestant whose results are wrong is refused, before timing and after."""

from __future__ import annotations

import numpy as np
import pytest

from fwconformance.duels._check import Wrong, check
from fwconformance.frameworks import create
from fwconformance.works import WORKS


def shown(work, *, fresh=True):
    """What a right contestant shows: one step of the reference, as float32."""
    drawn = work.draw(1)
    framework = create("reference")
    if not work.trains:
        return {"outputs": framework.build(work.network, drawn.training.weights).forward(drawn.inputs).array}
    training = drawn.training
    model = framework.build(work.network, training.weights)
    trainer = framework.trainer(model, training.loss, training.optimizer)
    if not fresh:
        trainer.step(drawn.inputs, drawn.targets)
    found = {f"before/{name}": value.array.astype("float32") for name, value in model.weights().items()}
    # From the weights as they are shown.
    model = framework.build(work.network, {name[7:]: value for name, value in found.items()})
    trainer = framework.trainer(model, training.loss, training.optimizer)
    loss, gradients, _ = model.gradients(training.loss, drawn.inputs, drawn.targets, training=True)
    found.update({f"gradient/{name}": value.array for name, value in gradients.items()})
    found["loss"] = loss.array
    found["step"] = trainer.step(drawn.inputs, drawn.targets).array
    found.update({f"after/{name}": value.array.astype("float32") for name, value in model.weights().items()})
    return found


@pytest.mark.parametrize("fresh", [True, False])
@pytest.mark.parametrize("name", ["lenet5-train", "lenet5-inference", "lstm-lm-inference-1"])
def test_right_results_pass(name, fresh):
    work = WORKS[name]
    assert check("it", work, 1, shown(work, fresh=fresh), fresh=fresh) < 1.0


def bent(found, key, change):
    return {**found, key: change(np.array(found[key], dtype=np.float64))}


@pytest.mark.parametrize(
    ("name", "key", "change", "says"),
    [
        ("lenet5-inference", "outputs", lambda value: value + 0.01, "outputs of lenet5-inference"),
        ("lenet5-inference", "outputs", lambda value: value * np.nan, "outputs of lenet5-inference"),
        ("lenet5-train", "loss", lambda value: value * 1.01, "loss of"),
        ("lenet5-train", "step", lambda value: value * 0.99, "step of"),
        ("lenet5-train", "gradient/0.kernel", lambda value: value * 1.05, "gradient/0.kernel of"),
        ("lenet5-train", "after/0.kernel", lambda value: value * 1.01, "moves 0.kernel otherwise"),
    ],
)
def test_wrong_results_are_named(name, key, change, says):
    work = WORKS[name]
    with pytest.raises(Wrong, match=says):
        check("it", work, 1, bent(shown(work), key, change), fresh=True)


def test_a_step_that_changes_nothing_is_wrong():
    work = WORKS["lenet5-train"]
    found = shown(work)
    still = {
        **found,
        **{name.replace("before/", "after/"): value for name, value in found.items() if name.startswith("before/")},
    }
    with pytest.raises(Wrong, match="moves"):
        check("it", work, 1, still, fresh=True)


def test_weights_that_are_no_longer_finite_are_wrong():
    work = WORKS["lenet5-train"]
    with pytest.raises(Wrong, match="no longer finite"):
        check(
            "it", work, 1, bent(shown(work, fresh=False), "after/0.kernel", lambda value: value * np.inf), fresh=False
        )


@pytest.mark.parametrize("fresh", [True, False])
@pytest.mark.parametrize("what", ["train", "inference"])
def test_right_results_with_batch_normalisation_pass(normalised, what, fresh):
    """Running statistics are among the weights, move, and have no gradient."""
    work = normalised[what]
    assert check("it", work, 1, shown(work, fresh=fresh), fresh=fresh) < 1.0


@pytest.mark.parametrize(
    ("key", "change", "says"),
    [
        ("gradient/1.scale", lambda value: value * 1.05, "gradient/1.scale of"),
        ("after/1.scale", lambda value: value * 1.01, "moves 1.scale otherwise"),
        ("after/1.mean", lambda value: value * np.nan, "1.mean of normalised-train is no longer finite"),
    ],
)
def test_wrong_results_with_batch_normalisation_are_named(normalised, key, change, says):
    work = normalised["train"]
    with pytest.raises(Wrong, match=says):
        check("it", work, 1, bent(shown(work), key, change), fresh=True)


def halved(found):
    """The same with what 16 bits lose: 8 bits of every value are kept, but weights and losses are float32."""

    def cut(value):
        bits = np.asarray(value, dtype="float32").view("uint32")
        return (bits & np.uint32(0xFFFF0000)).view("float32")

    return {key: cut(value) if key.startswith(("outputs", "gradient/")) else value for key, value in found.items()}


@pytest.mark.parametrize("fresh", [True, False])
@pytest.mark.parametrize("name", ["lenet5-train", "lenet5-inference"])
def test_what_16_bits_lose_is_tolerated_in_modes_of_16_bits(name, fresh):
    work = WORKS[name]
    found = halved(shown(work, fresh=fresh))
    assert check("it", work, 1, found, fresh=fresh, mode="bf16") < 1.0
    with pytest.raises(Wrong, match="oracle's as is tolerated"):
        check("it", work, 1, bent(found, "loss" if work.trains else "outputs", lambda value: value * 1.2), fresh=fresh)


@pytest.mark.parametrize(
    ("name", "key", "change", "says"),
    [
        ("lenet5-inference", "outputs", lambda value: value * 1.1, "outputs of lenet5-inference is 1.9"),
        ("lenet5-inference", "outputs", lambda value: value * np.nan, "outputs of lenet5-inference is nan"),
        ("lenet5-train", "loss", lambda value: value * 1.02, "loss of"),
        ("lenet5-train", "step", lambda value: value * 0.98, "step of"),
        ("lenet5-train", "gradient/9.kernel", lambda value: value * -1.0, "moves 9.kernel otherwise than by its own"),
        ("lenet5-train", "after/0.kernel", lambda value: value * 1.01, "moves 0.kernel otherwise than by its own"),
        ("lenet5-train", "after/0.kernel", lambda value: value * np.nan, "no longer finite"),
    ],
)
def test_more_than_16_bits_lose_is_not(name, key, change, says):
    work = WORKS[name]
    with pytest.raises(Wrong, match=says):
        check("it", work, 1, bent(halved(shown(work)), key, change), fresh=True, mode="amp")


def test_gradients_that_agree_with_the_step_and_not_with_the_oracle_are_wrong():
    work = WORKS["lenet5-train"]
    found = halved(shown(work))
    for key in [key for key in found if key.startswith("gradient/")]:
        weight = key.partition("/")[2]
        found[key] = -found[key]
        found[f"after/{weight}"] = 2 * found[f"before/{weight}"] - found[f"after/{weight}"]
    with pytest.raises(Wrong, match="gradients of lenet5-train"):
        check("it", work, 1, found, fresh=True, mode="bf16")
