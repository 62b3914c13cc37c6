"""ecosystem.gluoncv, ecosystem.gluonnlp: networks that see and read, built, trained and asked."""

from __future__ import annotations

import collections

import numpy as np
import pytest

from fwconformance.frameworks import LSTM, Dense, Embedding, Network
from fwconformance.suitekit import ALPHABET, digits, languages, photographs

#: Of ImageNet's channels, red, green, blue.
MEAN, DEVIATION = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])


def enlarged(images):
    """Digits of 8 x 8 as images of three equal channels, 32 x 32, in -1 to 1."""
    return np.repeat(np.kron(images, np.ones((1, 1, 4, 4), images.dtype)), 3, axis=1) * 2 - 1


@pytest.mark.capability("ecosystem.gluoncv", "lists")
def test_lists(framework, case):
    """The library's own listing."""
    names = framework.piece("gluoncv").listing()
    assert len(set(names)) == len(names) >= 100, f"{len(names)} architectures, {len(set(names))} names"
    for kind in ("ssd_", "faster_rcnn_", "yolo3_", "mask_rcnn_", "fcn_", "deeplab_", "resnet50_", "mobilenet"):
        assert any(name.startswith(kind) for name in names), f"none begins with {kind}"
    case.figure("architectures", len(names), "1")
    images = np.zeros((1, 3, 32, 32))
    framework.piece("gluoncv").classifier(images, np.zeros(1), images, classes=2, steps=1)
    case.level("hardware")


@pytest.mark.capability("ecosystem.gluoncv", "classification")
def test_classification(framework, case):
    """A residual network learns digits."""
    data = digits()
    piece, chosen = framework.piece("gluoncv"), case.rng.permutation(len(data.inputs))[:160]
    images, unseen = enlarged(data.inputs[chosen]), enlarged(data.held_out_inputs[:100])
    found = piece.classifier(images, data.targets[chosen], unseen, classes=10, steps=25)
    losses = [float(loss) for loss in found["losses"]]
    assert losses[-1] < 0.3 * losses[0], f"losses went from {losses[0]:.2f} to {losses[-1]:.2f}"
    share = float(np.mean(found["outputs"].argmax(axis=1) == data.held_out_targets[:100]))
    assert share > 0.4, f"{share:.2f} of digits that it has not seen are told right; by guessing, a tenth"
    case.figure("held-out accuracy", share, "1")
    case.level("hardware")


@pytest.mark.capability("ecosystem.gluoncv", "detection")
def test_detection(framework, case):
    """A single-shot detector learns where bright squares are."""
    corners = case.rng.integers(8, 72, size=(4, 2))
    boxes = np.concatenate([corners, corners + 48], axis=1).astype("float32")
    images = case.rng.uniform(-1, -0.8, size=(4, 3, 128, 128))
    for image, (left, top, right, bottom) in zip(images, boxes.astype(int)):
        image[:, top:bottom, left:right] = 1.0
    found = framework.piece("gluoncv").detector(images, boxes[:, None], np.zeros((4, 1)), classes=1, steps=120)
    losses = [float(loss) for loss in found["losses"]]
    assert losses[-1] < 0.2 * losses[0], f"losses went from {losses[0]:.2f} to {losses[-1]:.2f}"
    scores = found["scores"]
    assert np.all(np.diff(scores, axis=1) <= 0), "detections are not in the order of their scores"
    for number, box in enumerate(boxes):
        best = found["boxes"][number, 0]
        assert overlap(best, box) > 0.5, f"square {box} was found at {best}"
    case.figure("lowest overlap", min(overlap(found["boxes"][n, 0], box) for n, box in enumerate(boxes)), "1")
    case.level("hardware")


def overlap(first, second):
    """Area of the intersection of two boxes (left, top, right, bottom) over that of their union."""
    sides = np.minimum(first[2:], second[2:]) - np.maximum(first[:2], second[:2])
    inside = np.prod(np.maximum(sides, 0.0))
    return float(inside / (np.prod(first[2:] - first[:2]) + np.prod(second[2:] - second[:2]) - inside))


@pytest.mark.capability("ecosystem.gluoncv", "metrics")
def test_metrics(framework, case):
    """Overlaps of boxes by their definition; average precision of three detections by the eleven points of 2007."""
    piece = framework.piece("gluoncv")
    lefts = case.rng.uniform(0, 50, size=(5, 2))
    boxes = np.concatenate([lefts, lefts + case.rng.uniform(5, 60, size=(5, 2))], axis=1).astype("float32")
    expected = np.array([[overlap(a, b) for b in boxes[:3]] for a in boxes])
    case.assert_close(np.asarray(piece.overlap(boxes, boxes[:3]), "float64"), expected, what="overlaps")
    truth = np.array([[0, 0, 10, 10], [20, 20, 30, 30]], "float32")
    detections = np.array([[0, 0, 10, 10], [50, 50, 60, 60], [20, 20, 30, 31]], "float32")
    # Right, wrong, right: precision 1 up to a recall of a half, then two thirds: 6 and 5 of the eleven points.
    precision = piece.average_precision(detections, np.array([0.9, 0.8, 0.7], "float32"), truth)
    case.assert_close(np.asarray(precision, "float64"), np.array((6 + 5 * 2 / 3) / 11), what="average precision")
    piece.classifier(np.zeros((1, 3, 32, 32)), np.zeros(1), np.zeros((1, 3, 32, 32)), classes=2, steps=1)


@pytest.mark.capability("ecosystem.gluoncv", "preprocessing")
def test_preprocessing(framework, case):
    """Photographs of 256 x 256 are prepared as the documentation says."""
    pixels = photographs(256)[:2].transpose(0, 3, 1, 2)
    expected = (pixels[:, :, 16:240, 16:240] / 255 - MEAN[:, None, None]) / DEVIATION[:, None, None]
    case.assert_close(framework.piece("gluoncv").prepared(pixels), expected.astype("float32"), what="pixels")


@pytest.mark.capability("ecosystem.gluoncv", "download")
def test_download(framework, case):
    """Weights that the library fetches by its own means are those that were served."""
    found = framework.piece("gluoncv").downloaded(str(case.tmp_path), torn=False)
    assert "error" not in found, f"refused: {found.get('error')}"
    assert set(found["loaded"]) == set(found["stored"])
    for name, stored in found["stored"].items():
        case.assert_close(found["loaded"][name], stored, what=name)


@pytest.mark.capability("ecosystem.gluoncv", "torn-download")
def test_torn_download(framework, case):
    """A file with one byte changed is refused, with words that say why."""
    found = framework.piece("gluoncv").downloaded(str(case.tmp_path), torn=True)
    assert "loaded" not in found, "a file with another digest was loaded"
    assert "hash" in found["error"].lower(), f"refused with other words: {found['error']}"
    case.level("hardware")


def stretches(case, width, count):
    """Ids of `count` stretches of text of `width` characters, of the first language."""
    data = languages(width, 7)
    chosen = data.inputs[data.targets == 0]
    return chosen[case.rng.permutation(len(chosen))[:count]]


@pytest.mark.capability("ecosystem.gluonnlp", "vocabulary")
def test_vocabulary(framework, case):
    """Tokens that stand twice or more, the most frequent first; what is not among them has the index of the unknown."""
    piece = framework.piece("gluonnlp")
    words = ["the", "cat", "and", "the", "dog", "and", "the", "bird", "saw", "a", "cat"]
    found = piece.vocabulary(words, ["the", "bird", "cat"])
    counted = [word for word, count in collections.Counter(words).most_common() if count > 1]
    known = [token for token in found["tokens"] if token in counted]
    assert known[0] == "the", f"{known[0]} is the first of the most frequent"
    assert set(known) == set(counted), f"tokens {found['tokens']}"
    expected = [found["tokens"].index(word) if word in counted else 0 for word in ("the", "bird", "cat")]
    assert list(found["indices"]) == expected, f"{list(found['indices'])} for {expected} in {found['tokens']}"
    assert "unk" in found["tokens"][0], f"index 0 is {found['tokens'][0]}"
    ids = stretches(case, 12, 2)
    piece.language_model(ids[:, :-1], ids[:, 1:], ids, vocabulary=len(ALPHABET) + 1, units=4, steps=1)
    case.level("hardware")


@pytest.mark.capability("ecosystem.gluonnlp", "language-model")
def test_language_model(framework, oracle, case):
    """A recurrent language model learns which letter follows, and is the network that its weights say."""
    ids, symbols, units = stretches(case, 24, 96), len(ALPHABET) + 1, 32
    unseen = stretches(case, 24, 4)
    found = framework.piece("gluonnlp").language_model(
        ids[:, :-1], ids[:, 1:], unseen, vocabulary=symbols, units=units, steps=60
    )
    network = Network(
        layers=(Embedding(vocabulary=symbols, features=units), LSTM(units=units), Dense(units=symbols)),
        input_shape=(None,),
        integer_input=True,
    )
    expected = oracle.build(network, found["weights"]).forward(unseen)
    case.assert_close(found["outputs"], expected, what="outputs")
    shares = np.bincount(ids.ravel(), minlength=symbols) / ids.size
    surprise = float(-np.sum(shares * np.log(np.maximum(shares, 1e-12))))
    losses = [float(loss) for loss in found["losses"]]
    assert losses[-1] < 0.9 * surprise, f"loss {losses[-1]:.2f}; letters by their frequency alone give {surprise:.2f}"


@pytest.mark.capability("ecosystem.gluonnlp", "bert")
def test_bert(framework, case):
    """A small BERT learns the letters that were masked, by their surroundings."""
    ids, symbols = stretches(case, 16, 16), len(ALPHABET) + 2
    places = np.sort(np.argsort(case.rng.random((16, 14)), axis=1)[:, :3] + 1, axis=1)
    sought = np.take_along_axis(ids, places, axis=1)
    masked = ids.copy()
    np.put_along_axis(masked, places, symbols - 1, axis=1)
    found = framework.piece("gluonnlp").bert(
        masked, np.full(16, 16.0), places.astype("float32"), sought.astype("float32"), vocabulary=symbols, steps=60
    )
    losses = [float(loss) for loss in found["losses"]]
    assert losses[-1] < 0.2 * losses[0], f"losses went from {losses[0]:.2f} to {losses[-1]:.2f}"
    share = float(np.mean(found["decoded"].argmax(axis=-1) == sought))
    assert share > 0.9, f"{share:.2f} of the masked letters are right"
    case.figure("masked letters right", share, "1")
    case.level("hardware")


@pytest.mark.capability("ecosystem.gluonnlp", "valid-length")
def test_valid_length(framework, case):
    """What stands past a sequence's length changes nothing before it; what stands within it does."""
    ids, symbols = stretches(case, 10, 2), len(ALPHABET) + 2
    past, within = ids.copy(), ids.copy()
    past[:, 7:] = (past[:, 7:] + 3) % symbols
    within[:, 6] = (within[:, 6] + 3) % symbols
    first, other, changed = framework.piece("gluonnlp").bert_encoded(
        [ids, past, within], np.full(2, 7.0), vocabulary=symbols
    )
    case.assert_close(other[:, :7], first[:, :7], what="encodings before the end")
    assert np.abs(changed[:, 0] - first[:, 0]).max() > 1e-4, "the first encoding does not see the last token"


@pytest.mark.capability("ecosystem.gluonnlp", "bert-base")
def test_bert_base(framework, case):
    """BERT's base size has as many parameters as its paper says: 110 million (Devlin and others, 2019, section 3)."""
    weights = framework.piece("gluonnlp").bert_base()
    count = sum(weight.size for weight in weights.values())
    assert 109.0e6 < count < 110.5e6, f"{count} parameters"
    case.figure("parameters", count, "1")
    case.level("hardware")
