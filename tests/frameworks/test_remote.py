"""Calls of a piece in other processes, on the reference."""

from __future__ import annotations

import numpy as np
import pytest

from fwconformance.frameworks import NotAdapted, Seam, create


@pytest.fixture
def seam():
    return Seam(create("reference"))


def two_layer():
    rng = np.random.default_rng(7)
    weights = {"w1": rng.normal(size=(3, 4)), "b1": rng.normal(size=4), "w2": rng.normal(size=(4, 2))}
    return weights, rng.normal(size=(5, 3)), rng.normal(size=(5, 2))


def test_a_call_elsewhere_gives_what_it_gives_here(seam):
    arguments = two_layer()
    here = seam.piece("low-level").two_layer(*arguments)
    (there,) = seam.elsewhere("low-level", "two_layer", *arguments)
    assert there[0] == here[0]
    assert {name: value.tolist() for name, value in there[1].items()} == {
        name: value.tolist() for name, value in here[1].items()
    }


def test_each_of_several_workers_returns_a_result(seam):
    assert len(seam.elsewhere("low-level", "two_layer", *two_layer(), devices=2)) == 2


def test_what_a_workers_seam_saw_counts_as_seen(seam):
    seam.elsewhere("low-level", "two_layer", *two_layer())
    assert seam.seen == 4
    assert seam.observed == {"cpu"}
    assert seam.native_types == {"fwconformance.frameworks.reference._tensor.Tensor"}


def test_an_error_in_a_worker_keeps_its_name_and_message(seam):
    weights, inputs, targets = two_layer()
    with pytest.raises(Exception, match=r"mismatch|align|shape") as caught:
        seam.elsewhere("low-level", "two_layer", weights, inputs[:, :2], targets)
    assert "ValueError" in [kind.__name__ for kind in type(caught.value).__mro__]
    assert "WorkerFailed" in [kind.__name__ for kind in type(caught.value).__mro__]


def test_a_piece_that_is_not_there_is_said_before_anything_starts(seam):
    with pytest.raises(NotAdapted):
        seam.elsewhere("no-such-piece", "train")


def test_a_mutant_is_the_same_mutant_in_a_worker():
    from fwconformance.frameworks.reference._mutants import MUTANTS

    name = next(one.name for one in MUTANTS.values() if one.capability == "extend.low-level")
    arguments = two_layer()
    here = Seam(create("reference", mutant=name)).piece("low-level").two_layer(*arguments)
    sound = Seam(create("reference")).piece("low-level").two_layer(*arguments)
    (there,) = Seam(create("reference", mutant=name)).elsewhere("low-level", "two_layer", *arguments)

    def flat(result):
        return np.concatenate([np.ravel(result[0]), *(np.ravel(result[1][key]) for key in sorted(result[1]))])

    assert (flat(there) == flat(here)).all()
    assert (flat(there) != flat(sound)).any()


def test_the_folder_of_a_call_is_gone_afterwards(seam):
    with seam.start("low-level", "two_layer", *two_layer()) as remote:
        remote.results()
        folder = remote.folder
    assert not folder.exists()
