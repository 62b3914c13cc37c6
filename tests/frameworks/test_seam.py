"""The seam: what it lets through, and what it refuses."""

from __future__ import annotations

import types

import attrs
import numpy as np
import pytest

from fwconformance.frameworks import SGD, Dense, Loss, Network, Seam, SeamViolation, create
from fwconformance.frameworks.reference import Reference, Tensor

NETWORK = Network(layers=(Dense(units=3),), input_shape=(2,))
INPUTS = np.ones((4, 2), dtype=np.float32)


class Cheat(Reference):
    """A framework of which one thing is false: what it says of its tensors, or what they are."""

    def __init__(self, **said):
        super().__init__()
        self.said = said

    def describe(self, tensor):
        return attrs.evolve(super().describe(tensor), **self.said)


class Piece:
    """Hands out what it was given, and remembers what it got."""

    def __init__(self, result):
        self.result, self.got = result, None

    def run(self, *arguments, **named):
        self.got = arguments, named
        return self.result


def piece_of(result):
    framework = Reference()
    made = Piece(result)
    framework.piece = {"any": made}.__getitem__
    return Seam(framework).piece("any"), made


@pytest.fixture
def seam():
    return Seam(create("reference"))


def test_results_are_arrays_of_checked_tensors(seam):
    """Forward, gradients, weights, steps: NumPy, with device and type on record."""
    model = seam.build(NETWORK)
    loss, gradients, inward = model.gradients(Loss(kind="mse"), INPUTS, np.zeros((4, 3)))
    trainer = seam.trainer(model, Loss(kind="mse"), SGD(rate=0.1))
    results = [model.forward(INPUTS), loss, inward, trainer.step(INPUTS, np.zeros((4, 3)))]
    results += [*gradients.values(), *model.weights().values(), model.compiled().forward(INPUTS)]
    assert all(isinstance(one, np.ndarray) and one.dtype == np.float64 for one in results)
    assert seam.observed == {"cpu"}
    assert seam.native_types == {"fwconformance.frameworks.reference._tensor.Tensor"}
    assert seam.seen == len(results)


def test_names_pass_through(seam):
    """Name, backend, device, versions and devices are the adapter's."""
    assert (seam.name, seam.backend, seam.device) == ("reference", "", "cpu")
    assert seam.devices() == ("cpu",)
    assert seam.versions()["numpy"] == np.__version__
    assert seam.adam_placement() == "corrected"
    assert repr(seam) == "Seam('reference', backend='', device='cpu')"


@pytest.mark.parametrize(
    ("said", "kind", "message"),
    [
        ({"device": "cuda:0"}, "device", "outputs is on cuda:0, not on cpu as asked for"),
        ({"dtype": "float32"}, "dtype", "outputs is float32, not float64"),
        ({"shape": (4, 4)}, "type", r"says float64 \(4, 4\) and converts to float64 \(4, 3\)"),
    ],
)
def test_what_a_tensor_says_must_be_so(said, kind, message):
    """Another device, another dtype, a shape that is not the values': violations."""
    with pytest.raises(SeamViolation, match=message) as caught:
        Seam(Cheat(**said)).build(NETWORK).forward(INPUTS)
    assert caught.value.kind == kind


def test_the_device_s_index_does_not_matter():
    """Where "cuda" was asked for, "cuda:1" is of the kind that was asked for."""
    framework = Cheat(device="cuda:1")
    framework.device = "cuda"
    seam = Seam(framework)
    seam.build(NETWORK).forward(INPUTS)
    assert seam.observed == {"cuda:1"}


@pytest.mark.parametrize("result", [np.zeros(3), np.float64(1.0), 1.0, 3, [Tensor(np.zeros(2)), np.zeros(2)], object()])
def test_what_is_no_tensor_is_a_violation(result):
    """NumPy arrays, Python numbers and foreign objects prove nothing, at any depth."""
    piece, _ = piece_of(result)
    with pytest.raises(SeamViolation) as caught:
        piece.run()
    assert caught.value.kind == "type"


def test_pieces_results_are_converted_at_any_depth():
    """Tuples, lists and mappings keep their shape; None, text and truth pass."""
    piece, _ = piece_of(({"a": Tensor(np.ones(2))}, [Tensor(np.zeros(1))], None, "text", True))
    mapping, listed, *others = piece.run()
    np.testing.assert_array_equal(mapping["a"], [1.0, 1.0])
    np.testing.assert_array_equal(listed[0], [0.0])
    assert others == [None, "text", True]


def test_pieces_get_native_things(seam):
    """Models of the seam arrive as the adapter's own, arrays in its float type, integers as int64, at any depth."""
    piece, made = piece_of(None)
    model = seam.build(NETWORK)
    piece.run(model, [(INPUTS, np.array([1], dtype=np.int8))], rate=0.5, weights={"w": INPUTS})
    (native, batches), named = made.got
    assert native is model.native
    assert (batches[0][0].dtype, batches[0][1].dtype) == (np.float64, np.int64)
    assert named["rate"] == 0.5
    assert named["weights"]["w"].dtype == np.float64


def test_a_missing_method_is_an_attribute_error():
    """A piece has what its adapter's has, no more."""
    piece, _ = piece_of(None)
    with pytest.raises(AttributeError):
        _ = piece.fly


def test_results_are_copies(seam):
    """A training step does not change weights that a test kept."""
    model = seam.build(NETWORK)
    kept = model.weights()
    before = {name: value.copy() for name, value in kept.items()}
    seam.trainer(model, Loss(kind="mse"), SGD(rate=0.5)).step(INPUTS, np.zeros((4, 3)))
    for name, value in kept.items():
        np.testing.assert_array_equal(value, before[name])
    assert (model.weights()["0.kernel"] != kept["0.kernel"]).any()


def test_what_is_given_is_a_copy():
    """An adapter that works on its inputs in place does not change the test's."""
    piece, made = piece_of(None)
    mine = np.zeros(3)
    piece.run(mine)
    made.got[0][0][...] = 7.0
    assert not mine.any()


def test_the_trainer_knows_its_model(seam):
    """The trainer's model is the one that was given, unless the adapter replaced it (a loader may)."""
    model = seam.build(NETWORK)
    trainer = seam.trainer(model, Loss(kind="mse"), SGD(rate=0.5))
    assert trainer.model is model
    trainer.native.model = other = seam.build(NETWORK).native
    assert trainer.model.native is other


def test_save_and_load_take_paths(seam, tmp_path, monkeypatch):
    """A path object will do where the adapter wants text."""
    trainer = seam.trainer(seam.build(NETWORK), Loss(kind="mse"), SGD(rate=0.5))
    given = []
    monkeypatch.setattr(trainer, "native", types.SimpleNamespace(save=given.append, load=given.append))
    trainer.save(tmp_path)
    trainer.load(tmp_path)
    assert given == [str(tmp_path)] * 2
