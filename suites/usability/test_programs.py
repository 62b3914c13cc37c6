"""usability.*: the same tasks as each framework's guides write them, run, and then counted."""

from __future__ import annotations

import pytest

from fwconformance.suitekit import BOUNDS, check_alike, check_few_statements, check_program, counts


def each(capability):
    """A parameter for each task, marked as the case of that name."""
    return [pytest.param(task, id=task, marks=pytest.mark.capability(capability, task)) for task in BOUNDS]


@pytest.mark.parametrize("task", each("usability.idiomatic-programs"))
def test_reaches_its_bound(framework, case, task):
    """The program, in a process of its own, is right about enough of what was held out."""
    check_program(case, framework, task)


@pytest.mark.parametrize("task", each("usability.program-size"))
def test_size(framework, case, task):
    """Tokens and statements of the program that reached its bound here."""
    found = counts(case, framework, task)
    assert found.tokens > 0, "a program without a token was counted"
    case.figure("tokens", found.tokens, "1")
    case.figure("statements", found.statements, "1")


@pytest.mark.parametrize("task", each("usability.concepts"))
def test_concepts(framework, case, task):
    """Different names of the framework in the program that reached its bound here."""
    found = counts(case, framework, task)
    assert found.names, "no name of the framework was found in a program that it ran"
    case.figure("names", len(found.names), "1")


@pytest.mark.capability("usability.few-statements", "image-classifier")
def test_few_statements(framework, case):
    """The image classifier is defined and trained in ten statements at most."""
    check_few_statements(case, framework)


@pytest.mark.capability("usability.similar-to-keras", "programs")
def test_similar_to_keras(framework, case):
    """The programs are more alike to those of Keras than the median pair of frameworks is."""
    check_alike(case, framework, "keras")


@pytest.mark.capability("usability.similar-to-pytorch", "programs")
def test_similar_to_pytorch(framework, case):
    """The programs are more alike to those of PyTorch than the median pair of frameworks is."""
    check_alike(case, framework, "pytorch")
