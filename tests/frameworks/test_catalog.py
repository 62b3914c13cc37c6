"""The catalog of frameworks: names, needs, errors."""

from __future__ import annotations

import subprocess
import sys

import pytest

from fwconformance.frameworks import (
    CatalogError,
    NotInstalled,
    UnknownBackend,
    UnknownFramework,
    create,
    entries,
    find_entry,
    known_names,
)
from fwconformance.frameworks import _catalog as catalog

BUILT_IN = ("pytorch", "tensorflow", "keras", "mxnet", "caffe", "caffe2", "reference")


@pytest.fixture
def provide(tmp_path, monkeypatch):
    """Put a distribution with one entry point of our group on the path: ``provide(name, point, module_text)``."""

    def make(name, point, text="", value=""):
        module = name.replace("-", "_")
        root = tmp_path / name
        (root / f"{module}-1.5.dist-info").mkdir(parents=True)
        (root / f"{module}-1.5.dist-info" / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.5\n"
        )
        value = value or f"{module}:create"
        (root / f"{module}-1.5.dist-info" / "entry_points.txt").write_text(f"[{catalog.GROUP}]\n{point} = {value}\n")
        if text:
            (root / f"{module}.py").write_text(text)
        monkeypatch.syspath_prepend(str(root))

    return make


def test_known_names():
    """The built-in frameworks are known, in this order."""
    assert known_names()[: len(BUILT_IN)] == BUILT_IN


@pytest.mark.parametrize(("alias", "name"), [("torch", "pytorch"), ("tf", "tensorflow"), ("keras", "keras")])
def test_find_entry(alias, name):
    """An entry is found by name and by alias."""
    assert find_entry(alias).name == name


def test_an_unknown_name_lists_the_known():
    """The error names every framework and alias, and where others come from."""
    with pytest.raises(UnknownFramework) as caught:
        find_entry("caffe3")
    for name in (*BUILT_IN, "torch", "tf", catalog.GROUP, "'caffe3'"):
        assert name in str(caught.value)


@pytest.mark.parametrize(
    ("name", "backend", "message"),
    [("keras", "theano", "it has tensorflow, torch, jax"), ("pytorch", "x", "no backend to choose")],
)
def test_an_unknown_backend_lists_the_known(name, backend, message):
    """The error says which backends there are, or that there is none to choose."""
    with pytest.raises(UnknownBackend, match=message):
        create(name, backend)


def test_what_is_not_installed_says_how_to_get_it(monkeypatch):
    """Modules that are missing, what to install, and which tox environment has it, by backend and device."""
    monkeypatch.setattr(catalog, "_importable", lambda module: module != "jax")
    with pytest.raises(NotInstalled) as caught:
        create("keras", "jax", "cuda")
    assert str(caught.value) == (
        "keras on jax is not importable here: no module 'jax'. Install it with `pip install keras jax`, "
        "or use the tox environment that has it: `tox -e keras-jax-gpu`."
    )


def test_what_no_registry_has_names_the_environment_alone(monkeypatch):
    """Caffe is built there, not installed from anywhere."""
    monkeypatch.setattr(catalog, "_importable", lambda _: False)
    with pytest.raises(NotInstalled) as caught:
        create("caffe")
    assert str(caught.value) == (
        "caffe is not importable here: no module 'caffe'. Use the tox environment that has it: `tox -e caffe-cpu`."
    )


@pytest.mark.parametrize(
    ("name", "backend", "device", "environment"),
    [
        ("torch", "", "cpu", "torch-cpu"),
        ("torch", "", "cuda:1", "torch-gpu"),
        ("keras", "", "cpu", "keras-cpu"),
        ("keras", "torch", "cuda", "keras-torch-gpu"),
        ("reference", "", "cpu", "reference"),
    ],
)
def test_tox_environment(name, backend, device, environment):
    """Each choice has an environment of this project."""
    assert find_entry(name).tox_environment(backend, device) == environment


def test_a_folder_is_no_framework(tmp_path, monkeypatch):
    """A project's folder named like a module does not count as installed."""
    (tmp_path / "some_folder_of_mine").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    assert not catalog._importable("some_folder_of_mine")
    assert catalog._importable("numpy")
    assert not catalog._importable("no_such_module_at_all")


def test_versions_by_metadata():
    """Versions come from what is installed, distributions that are not are left out."""
    import numpy as np

    assert find_entry("reference").versions()["numpy"] == np.__version__
    assert "mxnet-cu112" not in find_entry("mxnet").versions()


def test_create_takes_only_an_entry_s_options():
    """The reference takes a mutant; an empty option counts as none; others are errors."""
    assert create("reference", mutant="").parts != create("reference", mutant="gelu-by-tanh").parts
    with pytest.raises(CatalogError, match="reference takes no option 'color'"):
        create("reference", color="red")


def test_a_third_party_s_framework(provide):
    """An entry point adds a framework: its name, its distribution's version, its factory."""
    provide("seven-frames", "seven", "def create(backend, device):\n    return (backend, device)\n")
    assert "seven" in known_names()
    entry = find_entry("seven")
    assert entry.provider == "seven-frames"
    assert entry.versions() == {"seven-frames": "1.5"}
    assert create("seven", "", "auto") == ("", "auto")


def test_a_third_party_s_module_may_be_missing(provide):
    """Metadata without the module is not installed, and the error names the distribution."""
    provide("half-frames", "half")
    with pytest.raises(NotInstalled, match="pip install half-frames"):
        create("half")


def test_a_third_party_s_factory_may_be_missing(provide):
    """A module without the function is named."""
    provide("odd-frames", "odd", "x = 1\n")
    with pytest.raises(CatalogError, match="odd_frames has no create"):
        create("odd")


@pytest.mark.parametrize("name", ["pytorch", "tf"])
def test_a_name_has_one_provider(provide, name):
    """A third party cannot take over a built-in framework's name or alias: both are named."""
    provide("bold-frames", name)
    with pytest.raises(CatalogError, match=f"'{name}' is claimed by bold-frames and by fwconformance itself"):
        entries()


def test_the_first_on_the_path_hides_the_same_distribution(provide, tmp_path, monkeypatch):
    """The same distribution twice on the path is one, as with its modules."""
    provide("twin-frames", "twin")
    provide_again = tmp_path / "again" / "twin_frames-0.1.dist-info"
    provide_again.mkdir(parents=True)
    (provide_again / "METADATA").write_text("Metadata-Version: 2.1\nName: twin-frames\nVersion: 0.1\n")
    (provide_again / "entry_points.txt").write_text(f"[{catalog.GROUP}]\ntwin = twin_frames:create\n")
    monkeypatch.syspath_prepend(str(provide_again.parent))
    assert known_names().count("twin") == 1


def test_looking_imports_nothing():
    """Names, needs and versions of every framework are told without NumPy, pytest or a framework."""
    code = (
        "import sys, fwconformance.frameworks as f\n"
        "[(e.missing(b), e.versions(b)) for e in f.entries() for b in e.backends]\n"
        "heavy = {'numpy', 'pytest', 'torch', 'tensorflow', 'keras', 'mxnet', 'jax'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
