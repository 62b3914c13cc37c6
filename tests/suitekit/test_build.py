"""What a build says of GPUs counts only beside a step that was seen to be right, and where it says anything."""

from __future__ import annotations

import contextlib

import pytest

from fwconformance.evidence import Level
from fwconformance.frameworks import NotAdapted, Seam, Unavailable, create
from fwconformance.frameworks._builds import Build
from fwconformance.frameworks.reference import _optimizers
from fwconformance.suitekit import check_declared, keep_build

CUDA = Build(kind="CUDA 13.2", architectures=("sm_80", "sm_90"), libraries={"cuDNN": "92600", "NCCL": ""})
GAP = Unavailable("no XLA in the runtimes")


@pytest.fixture
def case(make_case):
    return make_case("device.gpu-training", "train-step", tolerance=(1e-4, 1e-5))


def built(build):
    """The reference, with the build of another framework."""
    seam = Seam(create("reference"))
    if build is not None:
        seam.adapter.parts.pieces["build"] = lambda: build
    return seam


@pytest.fixture(autouse=True)
def _pieces_as_they_were():
    pieces = create("reference").parts.pieces
    kept = dict(pieces)
    yield
    with contextlib.suppress(KeyError):
        pieces.pop("build")
    assert dict(pieces) == kept


def test_a_build_for_gpus_is_declared_evidence(case):
    check_declared(case, built(CUDA), Seam(create("reference")), GAP)
    assert case.stated is Level.DECLARED
    assert case.compared > 0


def test_a_build_for_cpus_leaves_the_gap_as_it_was(case):
    with pytest.raises(Unavailable, match="no XLA in the runtimes"):
        check_declared(case, built(Build()), Seam(create("reference")), GAP)
    assert case.stated is None
    assert not case.figures
    assert not case.details


def test_an_adapter_that_reads_no_build_leaves_the_gap_as_it_was(case):
    with pytest.raises(NotAdapted, match="not yet"):
        check_declared(case, built(None), Seam(create("reference")), NotAdapted("not yet"))


def test_a_build_says_nothing_for_a_framework_whose_step_is_wrong(case, monkeypatch):
    """Metadata of a framework that cannot train is worth nothing."""
    framework, sound = built(CUDA), Seam(create("reference"))
    step = _optimizers.SGD.apply
    wrong = []

    def first_only(self, *arguments):
        if not wrong:
            wrong.append(True)
            return None
        return step(self, *arguments)

    monkeypatch.setattr(_optimizers.SGD, "apply", first_only)
    with pytest.raises(AssertionError, match="weights after a step on the CPU"):
        check_declared(case, framework, sound, GAP)
    assert case.stated is None


def test_what_it_says_is_kept(case):
    keep_build(case, built(CUDA))
    assert case.figures["architectures"].value == 2
    assert case.details == {
        "built for": {"CUDA 13.2": "sm_80, sm_90"},
        "built with": {"cuDNN": "92600", "NCCL": "no version is named"},
    }
