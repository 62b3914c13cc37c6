"""A matrix in which not all is well, its Markdown page, and how parts of the page are found."""

from __future__ import annotations

import re

import pytest

from fwconformance.evidence import Outcome
from fwconformance.matrix import build_matrix
from fwconformance.report import render_markdown

FAILED = {"outcome": Outcome.FAILED, "message": "outputs differ at [0, 1] | <b>far</b>"}
EXCUSED = {**FAILED, "finding": "keras-dense-nan"}
PROOFS = [
    {"sabotage": "ignored-bias", "capability": "layers.dense", "case": "forward", "killed": True, "message": "it fell"},
    {"sabotage": "no-step", "capability": "train.sgd", "case": "three-steps", "killed": False, "message": "it stood"},
]
FINDING = {"id": "keras-dense-nan", "reproduced": True, "message": "NaN"}


@pytest.fixture
def matrix(world):
    outcomes = {
        ("layers.dense", "gradients"): EXCUSED,
        ("train.sgd", "three-steps"): [{"outcome": Outcome.CRASHED, "message": "SIGSEGV"}, Outcome.PASSED],
        ("train.sgd", "nesterov"): FAILED,
        ("backend.own", "tensors"): Outcome.BROKEN,
    }
    shards = [
        world.shard(outcomes=outcomes, proofs=PROOFS, findings=[FINDING]),
        world.shard("keras-jax-cpu", versions={"keras": "3.0.0"}),
    ]
    return build_matrix(shards, world.registry, expected_environments=["torch-cpu"])


@pytest.fixture
def page(matrix):
    return render_markdown(matrix)


@pytest.fixture(scope="session")
def tables():
    """The tables of a page, each as rows of cells; bars that are escaped belong to their cell."""

    def find(page):
        blocks = re.findall(r"(?:^\|.*\|$\n?)+", page, re.MULTILINE)
        return [[re.split(r"(?<!\\)\|", row)[1:-1] for row in block.strip().split("\n")] for block in blocks]

    return find


@pytest.fixture(scope="session")
def section():
    """The section of a page by its title."""

    def find(page, title):
        return page.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]

    return find
