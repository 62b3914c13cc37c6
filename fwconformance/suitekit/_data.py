"""The data sets that ship in `fixtures/data/`; source, licence and checksum of each stand in the README there."""

from __future__ import annotations

import functools
from typing import Any

import attrs
import numpy as np

from fwconformance.registry import fixtures_dir

Array = Any

#: Symbols of `languages`: a letter's id is its place here, from 1; 0 is everything else.
ALPHABET = " abcdefghijklmnopqrstuvwxyz"


@attrs.frozen(kw_only=True, eq=False)
class Split:
    """A data set cut once and for all: nothing held out is ever trained on.

    Attributes:
        inputs, targets: to train on; targets are int64 class labels.
        held_out_inputs, held_out_targets: to judge by.
        classes: how many labels there are.
    """

    inputs: Array
    targets: Array
    held_out_inputs: Array
    held_out_targets: Array
    classes: int


@functools.lru_cache(maxsize=None)
def digits() -> Split:
    """1,797 handwritten digits: float32 images (n, 1, 8, 8) in [0, 1]; 397 are held out."""
    with np.load(str(fixtures_dir() / "data" / "digits.npz")) as stored:
        images = (stored["images"].astype(np.float32) / 16.0)[:, None, :, :]
        labels = stored["labels"].astype(np.int64)
    return _split(images, labels, held_out=397)


@functools.lru_cache(maxsize=None)
def wine() -> Split:
    """178 wines by 13 measurements: float32 (n, 13), standardised by the part to train on; 58 are held out."""
    with np.load(str(fixtures_dir() / "data" / "wine.npz")) as stored:
        raw = _split(stored["measurements"].astype(np.float64), stored["labels"].astype(np.int64), held_out=58)
    mean, deviation = raw.inputs.mean(axis=0), raw.inputs.std(axis=0)
    return attrs.evolve(
        raw,
        inputs=((raw.inputs - mean) / deviation).astype(np.float32),
        held_out_inputs=((raw.held_out_inputs - mean) / deviation).astype(np.float32),
    )


@functools.lru_cache(maxsize=None)
def languages(width: int, stride: int) -> Split:
    """Stretches of `width` characters of sentences in four languages: int64 ids (n, width), see `ALPHABET`.

    Accented letters are all symbol 0: the order of letters, not their marks, is what there is to learn. Held out are
    whole sentences, so no stretch to judge by overlaps one that was trained on.
    """
    found = sentences()
    kept: tuple[list[Array], list[int]] = ([], [])
    held_out: tuple[list[Array], list[int]] = ([], [])
    for label, language in enumerate(sorted(found)):
        for index, sentence in enumerate(found[language]):
            encoded = np.array([ALPHABET.find(letter) + 1 for letter in sentence], dtype=np.int64)
            inputs, targets = held_out if index >= len(found[language]) - 6 else kept
            for start in range(0, len(encoded) - width + 1, stride):
                inputs.append(encoded[start : start + width])
                targets.append(label)
    return Split(
        inputs=np.stack(kept[0]),
        targets=np.array(kept[1], dtype=np.int64),
        held_out_inputs=np.stack(held_out[0]),
        held_out_targets=np.array(held_out[1], dtype=np.int64),
        classes=len(found),
    )


def sentences() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    text = (fixtures_dir() / "data" / "sentences.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            language, sentence = line.split("\t")
            found.setdefault(language, []).append(sentence)
    return found


def _split(inputs: Array, targets: Array, *, held_out: int) -> Split:
    """Cut so that each class has the same share of both parts, after a shuffle: neighbours share a hand or field."""
    order = np.random.RandomState(2020).permutation(len(inputs))
    classes = targets[order]
    rank = np.empty(len(order))  # where in its own class each row stands, from 0 to 1
    for label in np.unique(classes):
        of_class = np.flatnonzero(classes == label)
        rank[of_class] = (np.arange(len(of_class)) + 0.5) / len(of_class)
    by_rank = order[np.argsort(rank, kind="stable")]
    kept, judged = by_rank[:-held_out], by_rank[-held_out:]
    return Split(
        inputs=inputs[kept],
        targets=targets[kept],
        held_out_inputs=inputs[judged],
        held_out_targets=targets[judged],
        classes=int(targets.max()) + 1,
    )
