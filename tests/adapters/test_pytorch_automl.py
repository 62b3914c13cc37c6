"""The piece "auto-pytorch", with the real library: tox -e autopytorch-cpu has it."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

pytest.importorskip(
    "autoPyTorch.api", reason="Auto-PyTorch pins PyTorch: it is in autopytorch-cpu, in no other environment"
)

from fwconformance.frameworks import Unsupported, create
from fwconformance.frameworks.pytorch._sabotages_automl import AUTOML_SABOTAGES

# What the libraries below it warn of is none of ours.
pytestmark = pytest.mark.filterwarnings("ignore")
PATCHED = (
    ("autoPyTorch.api.tabular_classification", "TabularClassificationTask.search"),
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


@pytest.fixture(scope="module")
def rows():
    draws = np.random.RandomState(2020)
    labels = np.repeat(np.arange(3), 20)
    return (draws.normal(size=(60, 4)) + labels[:, None]).astype("float32"), labels


@pytest.mark.parametrize("sabotage", AUTOML_SABOTAGES, ids=lambda sabotage: sabotage.name)
def test_it_plants_a_fault_and_takes_it_away(sabotage, values_at):
    before = values_at(PATCHED)
    with sabotage.apply():
        assert values_at(PATCHED) != before
    assert values_at(PATCHED) == before


@pytest.mark.parametrize("task", ["image", "text"])
def test_a_task_that_it_has_not_is_refused_by_its_own_names(piece, task, tmp_path):
    with pytest.raises(Unsupported, match=f"tabular_classification.* has none of: {task}_classification") as caught:
        piece.space(task, np.zeros((2, 8)), np.zeros(2), str(tmp_path))
    absent, _ = caught.value.probe.run()
    assert absent


def test_the_probe_flips_where_the_task_exists(piece, monkeypatch, tmp_path):
    import autoPyTorch.api

    with pytest.raises(Unsupported) as caught:
        piece.space("image", np.zeros((2, 8)), np.zeros(2), str(tmp_path))
    monkeypatch.setattr(autoPyTorch.api, "image_classification", object, raising=False)
    absent, evidence = caught.value.probe.run()
    assert not absent
    assert "has image_classification" in evidence


def test_the_space_is_the_whole_one_with_its_conditions(piece, rows, tmp_path):
    known = {one["name"]: one for one in piece.space("tabular", *rows, str(tmp_path))}
    assert "ResNetBackbone" in known["network_backbone:__choice__"]["values"]
    rate = known["optimizer:AdamOptimizer:lr"]
    assert rate["values"] == []
    assert np.isinf(rate["count"].values)
    assert rate["where"] == [["optimizer:__choice__", ["AdamOptimizer"]]]
    second = known["network_head:fully_connected:units_layer_2"]
    assert second["where"] == [["network_head:fully_connected:num_layers", ["3", "4"]]]


def test_a_search_gives_its_trials_and_a_file_that_answers_alike(piece, rows, tmp_path):
    inputs, labels = rows
    found = piece.search("tabular", inputs, labels, inputs[:9], trials=2, epochs=2, seed=1, folder=str(tmp_path))
    assert [sorted(trial) for trial in found["trials"]] == [["family", "score", "settings"]] * 2
    assert found["trials"][0]["family"] == "ShapedMLPBackbone"
    scores = [float(trial["score"].values) for trial in found["trials"]]
    assert int(found["best"].values) == int(np.argmin(scores))
    again = piece.reloaded("tabular", found["file"], inputs[:9])
    assert np.array_equal(again["predictions"].values, found["predictions"].values)


def test_guesses_that_it_takes_are_no_model(piece, rows, monkeypatch, tmp_path):
    """Its first pipeline, number 1, tells the most frequent label."""
    ensemble = importlib.import_module("autoPyTorch.ensemble.ensemble_selection").EnsembleSelection
    monkeypatch.setattr(ensemble, "get_selected_model_identifiers", lambda _: [(1, 1, 50.0)])
    found = piece.search("tabular", *rows, rows[0][:9], trials=1, epochs=2, seed=1, folder=str(tmp_path))
    assert int(found["best"].values) == -1
    assert not found["weights"]
    assert not found["predictions"].values.size
