"""The piece "auto-pytorch" by the classes of before 0.1, with the real library: tox -e autopytorch-2020-cpu has it."""

from __future__ import annotations

import pytest

pytest.importorskip(
    "autoPyTorch.core.autonet_classes",
    reason="Auto-PyTorch pins PyTorch: that of 2020 is in autopytorch-2020-cpu, in no other environment",
)

from fwconformance.frameworks import create
from fwconformance.frameworks.pytorch._sabotages_autonets import AUTONETS_SABOTAGES, automl_sabotages

# What the libraries below it warn of is none of ours.
pytestmark = pytest.mark.filterwarnings("ignore")
PATCHED = (
    ("autoPyTorch.core.api", "AutoNet.fit"),
    ("autoPyTorch.core.api", "AutoNet.get_hyperparameter_search_space"),
    ("hpbandster.core.result", "Result.get_incumbent_trajectory"),
    ("torch", "nn.Module.__setstate__"),
)


@pytest.fixture(scope="module")
def piece():
    return create("pytorch", "", "cpu").piece("auto-pytorch")


def test_its_faults_are_those_of_the_library_that_is_here():
    assert automl_sabotages() is AUTONETS_SABOTAGES


@pytest.mark.parametrize("sabotage", AUTONETS_SABOTAGES, ids=lambda sabotage: sabotage.name)
def test_it_plants_a_fault_and_takes_it_away(sabotage, check_fault, values_at):
    check_fault(sabotage, lambda: values_at(PATCHED))


@pytest.mark.parametrize("task", ["text", "series"])
def test_a_task_that_it_has_not_is_refused_by_its_own_names(piece, task, refused):
    absent, _ = refused(piece, task, r"which has AutoNetClassification.* has none of: AutoNet").run()
    assert absent


def test_the_probe_flips_where_the_task_exists(piece, monkeypatch, refused):
    import autoPyTorch

    probe = refused(piece, "text")
    monkeypatch.setattr(autoPyTorch, "AutoNetTextClassification", object, raising=False)
    absent, evidence = probe.run()
    assert not absent
    assert "has AutoNetTextClassification" in evidence


def test_a_search_gives_its_trials_and_a_file_that_answers_alike(piece, check_search):
    check_search(piece, epochs=2)


def test_a_seed_chooses_the_configurations(piece, clusters, tmp_path):
    found = []
    for number, seed in enumerate((1, 1, 2)):
        folder = tmp_path / str(number)
        folder.mkdir()
        told = piece.search("tabular", *clusters, clusters[0][:9], trials=2, epochs=1, seed=seed, folder=str(folder))
        found.append([trial["settings"] for trial in told["trials"]])
    assert found[0] == found[1]
    assert found[0] != found[2]
