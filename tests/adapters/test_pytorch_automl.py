"""The piece "auto-pytorch", with the real library: tox -e autopytorch-cpu has it."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

pytest.importorskip(
    "autoPyTorch.api", reason="Auto-PyTorch pins PyTorch: it is in autopytorch-cpu, in no other environment"
)

from fwconformance.frameworks import create
from fwconformance.frameworks.pytorch._sabotages_automl import AUTOML_SABOTAGES

# What the libraries below it warn of is none of ours.
pytestmark = pytest.mark.filterwarnings("ignore")
PATCHED = (
    ("autoPyTorch.api.tabular_classification", "TabularClassificationTask.search"),
    ("autoPyTorch.api.tabular_classification", "TabularClassificationTask.predict"),
    ("autoPyTorch.api.tabular_regression", "TabularRegressionTask.search"),
    ("autoPyTorch.api.time_series_forecasting", "TimeSeriesForecastingTask.search"),
    ("autoPyTorch.api.base_task", "BaseTask.get_dataset"),
    ("autoPyTorch.ensemble.ensemble_selection", "EnsembleSelection.get_selected_model_identifiers"),
    ("autoPyTorch.pipeline.components.setup.network_backbone", "NetworkBackboneChoice.get_available_components"),
    ("torch", "nn.Module.__setstate__"),
)


@pytest.fixture(scope="module")
def piece():
    return create("pytorch", "", "cpu").piece("auto-pytorch")


@pytest.mark.parametrize("sabotage", AUTOML_SABOTAGES, ids=lambda sabotage: sabotage.name)
def test_it_plants_a_fault_and_takes_it_away(sabotage, check_fault, values_at):
    check_fault(sabotage, lambda: values_at(PATCHED))


@pytest.mark.parametrize("task", ["image", "text"])
def test_a_task_that_it_has_not_is_refused_by_its_own_names(piece, task, refused):
    absent, _ = refused(piece, task, f"tabular_classification.* has none of: {task}_classification").run()
    assert absent


def test_the_probe_flips_where_the_task_exists(piece, monkeypatch, refused):
    import autoPyTorch.api

    probe = refused(piece, "image")
    monkeypatch.setattr(autoPyTorch.api, "image_classification", object, raising=False)
    absent, evidence = probe.run()
    assert not absent
    assert "has image_classification" in evidence


def test_the_space_is_the_whole_one_with_its_conditions(piece, clusters, tmp_path):
    known = {one["name"]: one for one in piece.space("tabular", *clusters, str(tmp_path))}
    assert "ResNetBackbone" in known["network_backbone:__choice__"]["values"]
    rate = known["optimizer:AdamOptimizer:lr"]
    assert rate["values"] == []
    assert np.isinf(rate["count"].values)
    assert rate["where"] == [["optimizer:__choice__", ["AdamOptimizer"]]]
    second = known["network_head:fully_connected:units_layer_2"]
    assert second["where"] == [["network_head:fully_connected:num_layers", ["3", "4"]]]


def test_a_search_gives_its_trials_and_a_file_that_answers_alike(piece, check_search):
    found = check_search(piece, epochs=2)
    assert found["trials"][0]["family"] == "ShapedMLPBackbone"


def test_guesses_that_it_takes_are_no_model(piece, clusters, monkeypatch, tmp_path):
    """Its first pipeline, number 1, tells the most frequent label."""
    ensemble = importlib.import_module("autoPyTorch.ensemble.ensemble_selection").EnsembleSelection
    monkeypatch.setattr(ensemble, "get_selected_model_identifiers", lambda _: [(1, 1, 50.0)])
    found = piece.search("tabular", *clusters, clusters[0][:9], trials=1, epochs=2, seed=1, folder=str(tmp_path))
    assert int(found["best"].values) == -1
    assert not found["weights"]
    assert not found["predictions"].values.size
