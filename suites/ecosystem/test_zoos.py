"""ecosystem.torchvision, ecosystem.keras-applications: architectures as published, and the way to their weights.

No weights are fetched from elsewhere: what is fetched comes from a server on this machine, in the library's format.
"""

from __future__ import annotations

import numpy as np
import pytest

from fwconformance.frameworks._online import require_online
from fwconformance.frameworks._probes import Seen, refuse
from fwconformance.suitekit import parameter_counts, photographs

LIBRARIES = ("torchvision", "keras-applications")
#: Architectures of a wide choice.
WIDE = 30
#: One whose features of photographs differ without training, to train a new output layer on.
RESIDUAL = {"torchvision": "resnet18", "keras-applications": "ResNet50"}
#: A small one with batch normalisation, to fetch.
SMALL = {"torchvision": "resnet18", "keras-applications": "EfficientNetB0"}
#: Vision transformers start with an output layer of zeros, as their paper has it: untrained, they give zeros.
HEADS_OF_ZEROS = {"vit_b_32"}
#: What its documentation prepares images of.
SIDES = {"torchvision": 256, "keras-applications": 224}
#: Photographs, and the classes of ImageNet (from 0, in the order of its synsets) that name what is on them.
KNOWN = {"the cat": {281, 282, 283, 284, 285}, "the espresso": {504, 967, 968}, "the rocket": {657, 744, 812}}
#: Mean and deviation of ImageNet's channels, red, green, blue, as PyTorch's first examples have them.
MEAN, DEVIATION = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])


def each(case, libraries=LIBRARIES):
    """One parameter a library, with the mark of its capability."""
    return [pytest.param(name, id=name, marks=pytest.mark.capability(f"ecosystem.{name}", case)) for name in libraries]


def counts_of(framework, library):
    """What the library's documentation says of the architectures that this release has."""
    counts = parameter_counts(library)
    return counts.of(framework.versions()["keras"]) if library == "keras-applications" else counts


def images(count, side):
    """Photographs, (count, 3, side, side), 0 to 255."""
    return photographs(side)[:count].transpose(0, 3, 1, 2)


@pytest.mark.parametrize("library", each("lists"))
def test_lists(framework, case, library):
    """What the library says itself that it offers, by task; the ones that are sampled are among it."""
    listing = framework.piece(library).listing()
    for task, names in listing.items():
        case.figure(f"architectures for {task}", len(names), "1")
    offered = {name for names in listing.values() for name in names}
    published = counts_of(framework, library)
    missing = sorted(set(published.counts) - offered)
    assert not missing, f"published and not offered: {', '.join(missing)}"
    framework.piece(library).prepared(SMALL[library], images(1, 256))
    case.level("hardware")
    if len(offered) < WIDE:
        refuse(Seen(absent=True, evidence=f"{len(offered)} architectures, fewer than {WIDE}: no wide choice"))


@pytest.mark.parametrize("library", each("parameter-counts"))
def test_parameter_counts(framework, case, library):
    """Architectures of several families have as many parameters as its documentation says."""
    published = counts_of(framework, library)
    check_counts(case, framework.piece(library), published, published.sample)


@pytest.mark.parametrize("library", each("every-parameter-count"))
def test_every_parameter_count(framework, case, library):
    """Every architecture for classification that the documentation has a count of, up to 100 million."""
    published = counts_of(framework, library)
    names = [name for name in published.counts if published.value(name) <= 100e6]
    check_counts(case, framework.piece(library), published, names)
    case.figure("architectures", len(names), "1")


def check_counts(case, piece, published, names):
    """Counted in the weights themselves. What the library refuses to build is raised once the others are counted."""
    wrong = []
    refused = []
    for name in names:
        try:
            weights = piece.built(name)
        except ValueError as error:
            refused.append(error)
            continue
        counted = set(piece.trained_names(name)) if published.trained else set(weights)
        count = sum(weight.size for key, weight in weights.items() if key in counted)
        if not published.agrees(name, count):
            wrong.append(f"{name} has {count}, {published.counts[name]} were published")
    assert not wrong, "; ".join(wrong)
    if refused:
        raise refused[0]
    case.level("hardware")


@pytest.mark.parametrize("library", each("forward"))
def test_forward(framework, case, library):
    """Untrained, each of the sample gives a value for each class, and other ones for another photograph."""
    published = parameter_counts(library)
    for name in published.sample:
        outputs = framework.piece(library).forward(name, images(2, published.side) / 127.5 - 1)
        assert outputs.shape == (2, 1000), f"{name} gives {outputs.shape}"
        assert np.all(np.isfinite(outputs)), f"{name} gives what is no number"
        if name in HEADS_OF_ZEROS:
            continue
        assert np.ptp(outputs, axis=1).min() > 0, f"{name} gives one value for all classes"
        assert np.abs(outputs[0] - outputs[1]).max() > 0, f"{name} gives the same for two photographs"
    case.level("hardware")


def by_deviation(pixels):
    """0 to 1, less the mean, over the deviation of each channel."""
    return (pixels / 255 - MEAN[:, None, None]) / DEVIATION[:, None, None]


def by_halves(pixels):
    """-1 to 1."""
    return pixels / 127.5 - 1


def as_caffe(pixels):
    """Blue, green, red, each less its mean of 0 to 255."""
    return pixels[:, ::-1] - np.array([103.939, 116.779, 123.68])[:, None, None]


PREPARED = {
    "torchvision": {"resnet18": lambda pixels: by_deviation(pixels[:, :, 16:240, 16:240])},
    "keras-applications": {"MobileNetV2": by_halves, "DenseNet121": by_deviation, "ResNet50": as_caffe},
}


@pytest.mark.parametrize("library", each("preprocessing"))
def test_preprocessing(framework, case, library):
    """Photographs of 256 x 256 are prepared as the documentation says."""
    pixels = images(2, 256)
    for name, formula in PREPARED[library].items():
        found = framework.piece(library).prepared(name, pixels)
        case.assert_close(found, formula(pixels.astype("float64")).astype("float32"), what=f"pixels for {name}")


@pytest.mark.parametrize("library", each("fine-tuning"))
def test_fine_tuning(framework, case, library):
    """A new output layer learns; all else stays bit by bit."""
    inputs, labels = images(3, 96) / 127.5 - 1, np.array([0, 1, 2])
    found = framework.piece(library).fine_tuned(RESIDUAL[library], inputs, labels, classes=3, steps=30)
    assert len(found["frozen before"]) > 50, f"{len(found['frozen before'])} frozen weights"
    moved = [name for name, before in found["frozen before"].items() if np.any(found["frozen after"][name] != before)]
    assert not moved, f"frozen, and changed: {', '.join(moved[:5])}"
    for name, before in found["head before"].items():
        assert np.any(found["head after"][name] != before), f"{name} of the output layer was not trained"
    losses = [float(loss) for loss in found["losses"]]
    assert losses[-1] < 0.8 * np.log(3), (
        f"losses went from {losses[0]:.3f} to {losses[-1]:.3f}, guessing has {np.log(3):.3f}"
    )
    case.level("hardware")


@pytest.mark.parametrize("library", each("download"))
def test_download(framework, case, library):
    """Weights that the library fetches by its own means are those that were served."""
    found = framework.piece(library).downloaded(SMALL[library], str(case.tmp_path), torn=False)
    assert "error" not in found, f"refused: {found.get('error')}"
    assert set(found["loaded"]) == set(found["stored"])
    for name, stored in found["stored"].items():
        case.assert_close(found["loaded"][name], stored, what=name)


@pytest.mark.parametrize("library", each("torn-download"))
def test_torn_download(framework, case, library):
    """A file with one byte changed is refused, with words that say why."""
    found = framework.piece(library).downloaded(SMALL[library], str(case.tmp_path), torn=True)
    assert "loaded" not in found, "a file with another digest was loaded"
    assert "hash" in found["error"].lower(), f"refused with other words: {found['error']}"
    case.level("hardware")


@pytest.mark.parametrize("library", each("pretrained"))
def test_pretrained(framework, case, library):
    """The published weights know a cat, a cup of espresso and a rocket; where the run may fetch them."""
    require_online("published weights")
    outputs = framework.piece(library).recognised(SMALL[library], images(4, SIDES[library])[1:], str(case.tmp_path))
    assert outputs.shape == (3, 1000)
    for said, (what, classes) in zip(outputs.argmax(axis=1), KNOWN.items()):
        assert int(said) in classes, f"{what} is taken for class {int(said)}"
    case.level("hardware")
