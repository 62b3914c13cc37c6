"""`fwconformance proofs`: what is killed, what survives, and what takes the process with it."""

from __future__ import annotations

from fwconformance.shards import read_shard

# The misbehaving framework with sabotages of its own.
SABOTAGED = """
import contextlib
from fwconformance.frameworks import Sabotage
import misbehaving

@contextlib.contextmanager
def during(deed):
    misbehaving.DEEDS["Embedding"] = deed
    try:
        yield
    finally:
        del misbehaving.DEEDS["Embedding"]

class Sabotaged(misbehaving.Misbehaving):
    name = "sabotaged"

    def sabotages(self):
        def planted(name, deed, case="forward"):
            return Sabotage(name=name, kills="layers.embedding", case=case, apply=lambda: during(deed),
            description=name)
        return [planted("wrong-table", "wrong"), planted("nothing", "slow"), planted("dies", "kill"),
                planted("raises", "raise"), planted("wrong-gradient", "wrong", "gradients")]

def create(backend, device):
    return Sabotaged()
"""


def install_sabotaged(command, folder) -> None:
    metadata = folder / "sabotaged-1.0.dist-info"
    metadata.mkdir(parents=True)
    (folder / "sabotaged.py").write_text(SABOTAGED)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: sabotaged\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[fwconformance.frameworks]\nsabotaged = sabotaged:create\n")
    command.path.append(str(folder))


def test_each_fault_is_judged_by_itself_and_kept_in_the_shard(command, tmp_path):
    install_sabotaged(command, tmp_path / "sabotaged")
    ran = command("run", "--framework", "sabotaged", "--only", "layers.embedding", "--shard", "s.jsonl")
    assert ran.returncode == 0, ran.stderr
    done = command("proofs", "--framework", "sabotaged", "--shard", "s.jsonl")
    assert done.returncode == 1, done.stderr
    kept = {one.sabotage: (one.killed, one.message) for one in read_shard(command.folder / "s.jsonl").proofs}
    assert {name: killed for name, (killed, _) in kept.items()} == {
        "wrong-table": True,
        "wrong-gradient": True,
        "nothing": False,
        "raises": False,
        "dies": False,
    }
    assert "outputs" in kept["wrong-table"][1]
    assert "with the fault it is passed" in kept["nothing"][1]
    assert "with the fault it is broken: RuntimeError" in kept["raises"][1]
    assert "with the fault it is crashed: SIGKILL" in kept["dies"][1]
    assert done.stdout.splitlines()[-1] == "2 of 5 faults killed"
    assert len(read_shard(command.folder / "s.jsonl").observations) == 2


def test_a_mutant_of_the_reference_is_killed(command):
    done = command("proofs", "--framework", "reference", "--only", "layers.embedding", "--jobs", "1")
    assert done.returncode == 0, done.stderr
    assert "SURVIVED" not in done.stdout
    assert "layers.embedding:forward" in done.stdout


def test_proofs_on_another_device_than_the_shards_are_refused(command):
    shard = str(command.folder / "s.jsonl")
    run = command("run", "--framework", "reference", "--only", "layers.embedding", "--shard", shard)
    assert run.returncode == 0, run.stderr
    done = command("proofs", "--framework", "reference", "--device", "tpu", "--shard", shard)
    assert done.returncode == 2
    assert "is of device cpu; say --device cpu" in done.stderr


def test_a_small_profile_tries_the_faults_of_its_own_cases(command):
    """losses.regression:huber is not in it."""
    tried = {}
    for profile in ("smoke", "standard"):
        done = command("proofs", "--framework", "reference", "--only", "losses.regression", "--profile", profile)
        assert done.returncode == 0, done.stderr
        tried[profile] = {line.split()[1] for line in done.stdout.splitlines() if line.startswith("killed")}
    assert tried["smoke"] < tried["standard"]
    assert "losses.regression:huber" in tried["standard"] - tried["smoke"]


def test_an_adapter_without_sabotages_proves_nothing_and_that_is_1(command):
    done = command("proofs", "--framework", "misbehaving", "--only", "layers.embedding")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "fwconformance: error: misbehaving: the adapter offers no sabotage: "
        "nothing proves that its cells can fail; see docs/third-party.md"
    )


def test_a_selection_without_faults_proves_nothing_and_that_is_1(command, tmp_path):
    install_sabotaged(command, tmp_path / "sabotaged")
    done = command("proofs", "--framework", "sabotaged", "--only", "layers.dense:forward")
    assert done.returncode == 1
    assert "none of its 5 faults is in a case that was selected" in done.stderr


def test_an_area_is_asked_for_faults_of_the_profile_that_is_tried(command, tmp_path):
    """Cases of a larger profile passed too; their faults were not to be tried."""
    install_sabotaged(command, tmp_path / "sabotaged")
    selected = ("--only", "layers.embedding", "--only", "tasks.tabular")
    ran = command("run", "--framework", "sabotaged", *selected, "--shard", "s.jsonl")
    assert ran.returncode == 0, ran.stderr
    smoke, standard = (
        command("proofs", "--framework", "sabotaged", "--shard", "s.jsonl", "--profile", profile)
        for profile in ("smoke", "standard")
    )
    assert "area tasks" not in smoke.stderr
    assert "area tasks: its cases pass, and sabotaged has no sabotage for them; add one" in standard.stderr
