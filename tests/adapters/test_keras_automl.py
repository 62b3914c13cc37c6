"""The piece "autokeras", with the real library: tox -e autokeras-cpu has it."""

from __future__ import annotations

import os

import pytest

pytest.importorskip("autokeras", reason="AutoKeras pins Keras: it is in autokeras-cpu, in no other environment")
os.environ["KERAS_BACKEND"] = "tensorflow"

from fwconformance.frameworks import create
from fwconformance.frameworks.keras._sabotages_automl import AUTOML_SABOTAGES
from fwconformance.suitekit import configurations

# What the libraries below it warn of is none of ours.
pytestmark = pytest.mark.filterwarnings("ignore")
PATCHED = (
    ("autokeras", "TextClassifier.fit"),
    ("autokeras", "StructuredDataClassifier.fit"),
    ("autokeras", "StructuredDataRegressor.fit"),
    ("autokeras", "AutoModel.export_model"),
    ("autokeras.engine.tuner", "AutoTuner.get_best_model"),
    ("autokeras.tuners.greedy", "GreedyOracle.populate_space"),
    ("keras_tuner", "Oracle.get_best_trials"),
    ("keras_tuner.src.tuners.randomsearch", "RandomSearchOracle.populate_space"),
)


@pytest.fixture(scope="module")
def piece():
    return create("keras", "tensorflow", "cpu").piece("autokeras")


@pytest.mark.parametrize("sabotage", AUTOML_SABOTAGES, ids=lambda sabotage: sabotage.name)
def test_it_plants_a_fault_and_takes_it_away(sabotage, check_fault, values_at):
    check_fault(sabotage, lambda: values_at(PATCHED))


def test_a_task_that_it_has_not_is_refused_by_its_own_names(piece, refused):
    absent, _ = refused(piece, "series", r"autokeras .*ImageClassifier.* has none of: TimeseriesForecaster").run()
    assert absent


def test_the_probe_flips_where_the_task_exists(piece, monkeypatch, refused):
    import autokeras

    probe = refused(piece, "series")
    monkeypatch.setattr(autokeras, "TimeseriesForecaster", object, raising=False)
    absent, evidence = probe.run()
    assert not absent
    assert "has TimeseriesForecaster" in evidence


def test_a_search_gives_its_trials_and_a_file_that_answers_alike(piece, check_search):
    found = check_search(piece, epochs=1)
    assert found["trials"][0]["family"] == "dense"


def test_the_space_knows_what_hangs_on_the_number_of_layers(piece, clusters, tmp_path):
    space = piece.space("tabular", *clusters, str(tmp_path))
    known = {one["name"]: one for one in space}
    third = known["structured_data_block_1/dense_block_1/units_2"]
    assert [[name.rpartition("/")[2], values] for name, values in third["where"]] == [["num_layers", ["3"]]]
    widths = len(third["values"])
    plain = [{**one, "count": float(one["count"].values)} for one in space]
    others = configurations([one for one in plain if "units_" not in one["name"] and "num_layers" not in one["name"]])
    assert configurations(plain) == others * (widths + widths**2 + widths**3)
