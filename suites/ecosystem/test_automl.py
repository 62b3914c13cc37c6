"""automl.*, ecosystem.autokeras*, ecosystem.auto-pytorch*: libraries that search for a model by themselves.

A search is made once for all cases that look at it. What a library says of its trials is held against what its model
answers on data that it never had, and its best trial against all of them.
"""

from __future__ import annotations

import functools
import tempfile

import numpy as np
import pytest

from fwconformance.frameworks import NotAdapted
from fwconformance.suitekit import automl_task, configurations

LIBRARIES = {"keras": "autokeras", "pytorch": "auto-pytorch"}
#: Trials of one search, and passes over the data of each trial.
BUDGETS = {"image": (5, 5), "text": (5, 8), "tabular": (8, 3), "regression": (12, 3), "series": (6, 2)}
DRAWS, DRAWN_TRIALS = 5, 5
#: Of each search.
SEEDS = {"image": 2, "text": 1, "tabular": 1, "regression": 1, "series": 1}
#: Networks of several kinds take long to train: few trials, under a seed chosen after several were looked at:
#: its trials are of two kinds, and the best is not the first. Under others the best may well be the first.
KINDS = {"trials": 3, "seed": 10, "epochs": 6}


def library(framework):
    """The one that searches for this framework's models."""
    if framework.name not in LIBRARIES:
        raise NotAdapted(f"we know no library that searches for models of {framework.name}")
    return LIBRARIES[framework.name]


def searched(framework, task, seed=0, trials=0, epochs=0):
    """One search, kept: with the fault that is planted, if one is. The seam looks at what is kept each time anew."""
    budget = trials or BUDGETS[task][0], epochs or BUDGETS[task][1]
    found = _search(framework, framework.sabotage, task, seed or SEEDS[task], *budget)
    return framework.take_all(found, f"{library(framework)}.search")


@functools.lru_cache(maxsize=None)
def _search(framework, _, task, seed, trials, epochs):
    data = automl_task(task)
    return framework.piece(library(framework)).native.search(
        task,
        data.inputs,
        data.targets,
        data.unseen,
        trials=trials,
        epochs=epochs,
        seed=seed,
        folder=folder(),
    )


def folder():
    """One that lasts as long as the process: several cases read what a search left in it."""
    kept = tempfile.TemporaryDirectory(prefix="fwconformance-search-")
    FOLDERS.append(kept)
    return kept.name


FOLDERS = []


def keep_best(case, found):
    """The trial that the library takes has the lowest loss of all, and a lower one than the first."""
    scores = np.array([trial["score"] for trial in found["trials"]])
    assert np.isfinite(scores).sum() > 1, f"of {len(scores)} trials fewer than two ended: {scores}"
    best = int(found["best"])
    assert best >= 0, "the model that it ends with is of none of its trials"
    case.assert_close(scores[best].reshape(1), scores.min().reshape(1), what="loss of the trial that it takes")
    assert scores[best] < scores[0], f"its first trial, with a loss of {scores[0]:.4g}, is its best"
    case.figure("trials", len(scores), "1")
    case.figure("loss of the first trial", float(scores[0]), "1")
    case.figure("loss of the best trial", float(scores[best]), "1")
    return found["trials"][best]


def learn(found, task):
    """How wrong its model is on what was held out: it learnt."""
    data = automl_task(task)
    shape, wanted, bound = found["predictions"].shape, data.truth.shape, data.bound
    assert shape == wanted, f"predictions are {shape}, {wanted} were asked for"
    error = data.error(found["predictions"])
    assert error < bound, f"on data held out its error is {error:.3f}, that of one that learnt is below {bound}"
    return error


def check_search(framework, case, task):
    """Better than the first trial, by a model that learnt, within the budget."""
    found = searched(framework, task)
    keep_best(case, found)
    assert len(found["trials"]) <= BUDGETS[task][0], f"{len(found['trials'])} trials, {BUDGETS[task][0]} were allowed"
    case.figure("error", learn(found, task), "1")
    assert found["weights"], "the model has no weights"


@pytest.mark.capability("automl.image", "search")
def test_image(framework, case):
    """Handwritten digits as pictures."""
    check_search(framework, case, "image")


@pytest.mark.capability("automl.text", "search")
def test_text(framework, case):
    """The language of sentences."""
    check_search(framework, case, "text")


@pytest.mark.capability("automl.tabular", "search")
def test_tabular(framework, case):
    """Handwritten digits as rows of a table."""
    check_search(framework, case, "tabular")


@pytest.mark.capability("automl.regression", "search")
def test_regression(framework, case):
    """Friedman's function of five columns out of ten."""
    check_search(framework, case, "regression")


@pytest.mark.capability("automl.series", "search")
def test_series(framework, case):
    """Waves of one period, to be gone on with."""
    check_search(framework, case, "series")


def both(capability, case, names=("autokeras", "auto-pytorch")):
    """One parameter a library, with the mark of its own capability."""
    return [
        pytest.param(name, id=name, marks=pytest.mark.capability(f"ecosystem.{name}{capability}", case))
        for name in names
    ]


@pytest.mark.parametrize("name", both("", "export"))
def test_export(framework, case, name):
    """What it exported answers in a process that never searched as its model did."""
    found, data = searched(framework, "tabular"), automl_task("tabular")
    learn(found, "tabular")
    (again,) = framework.elsewhere(name, "reloaded", "tabular", found["file"], data.unseen, limit=500.0)
    assert sorted(again["weights"]) == sorted(found["weights"]), "the exported model has other weights by name"
    for weight, values in found["weights"].items():
        case.assert_close(again["weights"][weight], values, what=weight)
    differing = int(np.sum(again["predictions"] != found["predictions"]))
    assert not differing, f"{differing} of {len(data.unseen)} rows are told otherwise by the exported model"


@pytest.mark.parametrize("name", both("-beside", "smallest-search"))
def test_beside_the_framework(framework, case, name):
    """One trial, with whichever release of the framework this environment has."""
    assert library(framework) == name
    found = searched(framework, "tabular", trials=1)
    case.level("hardware")
    case.figure("error", learn(found, "tabular"), "1")


@pytest.mark.parametrize("name", both("-hpo", "tabular"))
def test_hyperparameters(framework, case, name):
    """Which hyperparameters took several values, and how many configurations were tried."""
    assert library(framework) == name
    found = searched(framework, "tabular")
    keep_best(case, found)
    case.figure("error", learn(found, "tabular"), "1")
    settings = [trial["settings"] for trial in found["trials"]]
    tried = {tuple(sorted(one.items())) for one in settings}
    assert len(tried) > len(settings) // 2, f"{len(settings)} trials are of {len(tried)} configurations"
    named = {key for one in settings for key in one}
    varied = sorted(key for key in named if len({one[key] for one in settings if key in one}) > 1)
    assert len(varied) > 2, f"hyperparameters of several values: {varied or 'none'}"
    case.figure("configurations tried", len(tried), "1")
    case.figure("hyperparameters of several values", len(varied), "1")


def check_families(case, found, task):
    """At least two kinds of networks were tried; the one that was taken is that of the best trial, and it learnt."""
    families = {trial["family"] for trial in found["trials"] if np.isfinite(trial["score"])}
    assert len(families) > 1, f"all trials are of one family of networks: {', '.join(families)}"
    keep_best(case, found)
    case.figure("families tried", len(families), "1")
    case.figure("error", learn(found, task), "1")


@pytest.mark.capability("ecosystem.autokeras-nas", "image")
def test_architectures_of_autokeras(framework, case):
    """Among convolutions of its own and a network of Keras Applications."""
    check_families(case, searched(framework, "image", **KINDS), "image")


@pytest.mark.capability("ecosystem.auto-pytorch-nas", "tabular")
def test_architectures_of_autopytorch(framework, case):
    """Among perceptrons and residual networks for tables."""
    check_families(case, searched(framework, "tabular"), "tabular")


def check_space(framework, case, task):
    """What it says that it can set is what a search does set; how many configurations that is."""
    data = automl_task(task)
    space = framework.piece(library(framework)).space(task, data.inputs, data.targets, folder())
    known = {one["name"]: one for one in space}
    for trial in searched(framework, task)["trials"]:
        for name, value in trial["settings"].items():
            assert name in known, f"a trial sets {name}, which the space has not"
            values = known[name]["values"]
            assert not values or value in values, f"a trial sets {name} to {value}, which the space has not: {values}"
    count = configurations(space)
    assert count > 1000, f"{count:.4g} configurations"
    case.level("hardware")
    case.figure("configurations", count, "1")
    case.figure("hyperparameters", len(space), "1")


@pytest.mark.capability("automl.search-space", "tabular")
def test_search_space_of_tables(framework, case):
    """Of classifiers of rows."""
    check_space(framework, case, "tabular")


@pytest.mark.capability("automl.search-space", "regression")
def test_search_space_of_regression(framework, case):
    """Of regression."""
    check_space(framework, case, "regression")


def check_errors(framework, case, task):
    """The error on what was held out, of several searches that differ by their seed."""
    errors = [learn(searched(framework, task, seed, DRAWN_TRIALS), task) for seed in range(1, DRAWS + 1)]
    assert len(set(errors)) > 1, f"searches under {DRAWS} seeds end with the same error"
    for number, error in enumerate(errors, start=1):
        case.figure(f"error, draw {number}", error, "1")
    case.figure("error", float(np.mean(errors)), "1")
    case.level("hardware")


@pytest.mark.capability("automl.held-out-error", "tabular")
def test_error_of_tables(framework, case):
    """Of classifiers of rows."""
    check_errors(framework, case, "tabular")


@pytest.mark.capability("automl.held-out-error", "regression")
def test_error_of_regression(framework, case):
    """Of regression."""
    check_errors(framework, case, "regression")
