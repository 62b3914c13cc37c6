"""PyTorch's piece "bindings": what C++ is given and what comes back, without a compiler."""

from __future__ import annotations

import shutil

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed here: tox runs these tests in torch-cpu")

import numpy as np  # noqa: E402

from fwconformance.frameworks import (  # noqa: E402
    Activation,
    Dense,
    Network,
    NotAdapted,
    Project,
    Releases,
    Seam,
    Unsupported,
    create,
)

NETWORK = Network(
    layers=(Dense(units=4), Activation(kind="tanh"), Dense(units=2, bias=False)),
    input_shape=(3,),
)


@pytest.fixture
def seam():
    return Seam(create("pytorch"))


@pytest.fixture
def piece(seam):
    return seam.piece("bindings")


def test_the_program_is_told_which_torch_it_is_for(piece):
    (project,) = [Project.from_json(one) for one in piece.projects("cpp")]
    assert project.settings["TORCH_BUILD"] == torch.__version__
    assert torch.__version__.startswith(project.version)
    assert "+" not in project.version


def test_another_language_is_our_gap(piece):
    with pytest.raises(NotAdapted, match="no program in scala yet"):
        piece.projects("scala")


@pytest.fixture
def in_c():
    if not any(shutil.which(name) for name in ("cc", "gcc", "clang")):
        pytest.skip("no C compiler is on the path")


def test_its_headers_are_no_interface_in_c(piece, in_c):
    with pytest.raises(Unsupported, match=r"no interface in C: .*none that a C compiler takes: torch/csrc/") as refused:
        piece.projects("c")
    assert torch.__path__[0] not in str(refused.value)


def test_a_torch_with_headers_in_c_would_be_our_gap(piece, in_c, monkeypatch, tmp_path):
    headers = tmp_path / "include" / "torch"
    (headers / "c").mkdir(parents=True)
    (headers / "script.h").write_text("class Torch {};\n")
    (headers / "c" / "api.h").write_text('#ifdef __cplusplus\nextern "C"\n#endif\nint torch_add(int);\n')
    monkeypatch.setattr(torch, "__file__", str(tmp_path / "__init__.py"))
    with pytest.raises(NotAdapted, match=r"though a C compiler takes torch/c/api\.h"):
        piece.projects("c")


@pytest.mark.filterwarnings("ignore:.*torch.jit:FutureWarning")
def test_what_it_exports_takes_any_batch(seam, piece, tmp_path, rng):
    model = seam.build(NETWORK)
    files = piece.export({}, model, rng.normal(size=(4, 3)), str(tmp_path))
    inputs = rng.normal(size=(5, 3)).astype(np.float32)
    outputs = torch.jit.load(str(tmp_path / files["model"]))(torch.tensor(inputs))
    assert np.allclose(outputs.detach().numpy(), model.forward(inputs), atol=1e-6)


@pytest.mark.filterwarnings("ignore:.*torch.jit:FutureWarning")
def test_it_reads_what_a_module_of_that_shape_saved(seam, piece, tmp_path, rng):
    class TwoLayers(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.first = torch.nn.Linear(3, 4)
            self.second = torch.nn.Linear(4, 2, bias=False)

        def forward(self, x):
            return self.second(torch.tanh(self.first(x)))

    module = TwoLayers()
    torch.jit.save(torch.jit.script(module), str(tmp_path / "trained.pt"))
    inputs = rng.normal(size=(5, 3)).astype(np.float32)
    outputs = piece.restored({}, NETWORK, {"weights": "trained.pt"}, str(tmp_path), inputs)
    assert np.allclose(outputs, module(torch.tensor(inputs)).detach().numpy(), atol=1e-6)


def test_it_reads_what_java_saved_in_numpys_format(piece, tmp_path, rng):
    """The weights by the ladder's names, units in columns."""
    weights = {"w1": (3, 4), "b1": (4,), "w2": (4, 2)}
    values = {name: rng.normal(size=shape).astype(np.float32) for name, shape in weights.items()}
    np.savez(tmp_path / "trained.npz", **values)
    inputs = rng.normal(size=(5, 3)).astype(np.float32)
    outputs = piece.restored({"language": "java"}, NETWORK, {"weights": "trained.npz"}, str(tmp_path), inputs)
    expected = np.tanh(inputs @ values["w1"] + values["b1"]) @ values["w2"]
    assert np.allclose(outputs, expected, atol=1e-5)


def test_it_reads_a_state_dictionary(piece, tmp_path, rng):
    w1, b1, w2 = (torch.tensor(rng.normal(size=size), dtype=torch.float32) for size in ((3, 4), (4,), (4, 2)))
    saved = {"first.weight": w1.t(), "first.bias": b1, "second.weight": w2.t()}
    torch.save(saved, str(tmp_path / "trained.pth"))
    x = rng.normal(size=(5, 3)).astype(np.float32)
    outputs = piece.restored({"language": "python"}, NETWORK, {"weights": "trained.pth"}, str(tmp_path), x)
    expected = np.tanh(x @ w1.numpy() + b1.numpy()) @ w2.numpy()
    np.testing.assert_allclose(outputs, expected, rtol=1e-5, atol=1e-6)


def test_two_releases_are_compared_by_one_program(piece):
    (pair,) = [Releases.from_json(one) for one in piece.releases()]
    assert pair.case == "java-community"
    assert (pair.older.folder, pair.older.rungs) == (pair.newer.folder, pair.newer.rungs)
    assert pair.older.version != pair.newer.version


def test_java_is_offered_by_the_project_and_by_a_community(piece):
    official, community = [Project.from_json(one) for one in piece.projects("java")]
    assert (official.lineage, community.lineage) == ("official", "community")
    assert official.refusal
    assert not community.refusal
