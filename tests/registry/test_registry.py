"""Questions that others ask of a registry."""

from __future__ import annotations

from pathlib import Path
from typing import Callable

import attrs
import pytest

from fwconformance.evidence import Era, Header
from fwconformance.registry import load_registry

HEADER = Header(
    run="r",
    environment="keras-cpu",
    label="l",
    framework="keras",
    backend="tensorflow",
    device="cpu",
    profile="smoke",
    seed=1,
    versions={"keras": "3.15.1", "tensorflow": "2.21.0", "numpy": "2.0"},
    python="3.11.7",
    platform={},
    suite_version="1",
    suite_content="sha256:0",
    started="2026-11-22T00:00:00Z",
)


def test_the_declared_era_holds_where_the_versions_are_the_declared_ones(root: Path) -> None:
    """tensorflow-cpu was declared: the module calls itself tensorflow."""
    assert load_registry(root=root).era_of(HEADER) == (Era.CURRENT, "")


def test_a_local_build_of_the_release_is_the_release(root: Path) -> None:
    """2.21.0+cu130 is 2.21.0."""
    header = attrs.evolve(HEADER, versions={"Keras": "3.15.1", "tensorflow_cpu": "2.21.0+local"})
    assert load_registry(root=root).era_of(header) == (Era.CURRENT, "")


@pytest.mark.parametrize(
    ("versions", "why"),
    [
        ({"keras": "3.15.0", "tensorflow": "2.21.0"}, "keras is 3.15.0, keras-cpu expects 3.15.1"),
        ({"keras": "3.15.1"}, "tensorflow-cpu is not among the versions, keras-cpu expects 2.21.0"),
        ({"keras": "3.15.1rc0", "tensorflow": "2.21.0"}, "keras is 3.15.1rc0, keras-cpu expects 3.15.1"),
    ],
)
def test_other_versions_are_pinned_and_say_why(root: Path, versions: dict[str, str], why: str) -> None:
    """A pinned shard decides no claim."""
    assert load_registry(root=root).era_of(attrs.evolve(HEADER, versions=versions)) == (Era.PINNED, why)


def test_an_undeclared_environment_is_pinned(root: Path) -> None:
    """Whatever its versions."""
    header = attrs.evolve(HEADER, environment="mine")
    assert load_registry(root=root).era_of(header) == (Era.PINNED, "mine is no declared environment")


def test_a_declared_name_on_another_backend_is_pinned(root: Path) -> None:
    """The name alone makes no era true."""
    era, why = load_registry(root=root).era_of(attrs.evolve(HEADER, backend="jax"))
    assert (era, why) == (Era.PINNED, "backend is jax, keras-cpu is declared for tensorflow")


def test_a_numbered_device_is_of_its_kind(root: Path, change: Callable[[str, str, str], None]) -> None:
    """cuda:1 is a CUDA device."""
    change("environments.toml", 'device = "cpu"', 'device = "cuda"')
    registry = load_registry(root=root)
    assert registry.era_of(attrs.evolve(HEADER, device="cuda:1")) == (Era.CURRENT, "")
    assert registry.environment_for("keras", "tensorflow", "cuda:1") is registry.environments["keras-cpu"]


def test_an_environment_is_found_by_framework_backend_and_device(root: Path) -> None:
    """And none where none is declared."""
    registry = load_registry(root=root)
    found = registry.environment_for("keras", "tensorflow", "cpu")
    assert found is not None
    assert found.name == "keras-cpu"
    assert registry.environment_for("keras", "tensorflow", "cuda") is None


def test_the_current_environment_is_the_default(root: Path, add: Callable[[str, str], None]) -> None:
    """An older one of the same framework, backend and device comes after it."""
    text = (root / "registry" / "environments.toml").read_text().split("[[subject]]")[0]
    add("environments.toml", text.replace("keras-cpu", "a-2020").replace('era = "current"', 'era = "2020"'))
    found = load_registry(root=root).environment_for("keras", "tensorflow", "cpu")
    assert found is not None
    assert found.name == "keras-cpu"


def test_a_subject_speaks_through_its_primary_environment(root: Path) -> None:
    """An era or device without one has none, and neither has a subject that is nothing that runs."""
    registry = load_registry(root=root)
    primary = registry.primary("keras", Era.CURRENT, "cpu")
    assert primary is registry.environments["keras-cpu"]
    assert registry.primary("keras", Era.Y2020, "cpu") is None
    assert registry.primary("keras", Era.CURRENT, "tpu") is None
    assert registry.primary("overall", Era.CURRENT, "cpu") is None


@pytest.mark.parametrize(
    ("other", "found"),
    [
        ({}, 1),
        ({"version": "3.16"}, 0),
        ({"version": "3.15.0rc1"}, 1),
        ({"version": "git-abc"}, 0),
        ({"backend": "torch"}, 0),
        ({"framework": "pytorch"}, 0),
        ({"case": "forward"}, 0),
    ],
)
def test_a_finding_explains_only_its_own_cases_backends_and_versions(
    root: Path, other: dict[str, str], found: int
) -> None:
    """Anything else stays unexplained."""
    asked = {"framework": "keras", "backend": "tensorflow", "version": "3.13.0", "case": "peephole", **other}
    assert len(load_registry(root=root).findings_for("rnn.lstm", **asked)) == found


def test_what_speaks_of_a_library_is_not_the_default(root: Path, add: Callable[[str, str], None]) -> None:
    """However early it comes by name and era."""
    text = (root / "registry" / "environments.toml").read_text().split("[[subject]]")[0]
    add("environments.toml", text.replace("keras-cpu", "a-library") + 'subject = "overall"\n')
    registry = load_registry(root=root)
    assert registry.environments["a-library"].subject == "overall"
    found = registry.environment_for("keras", "tensorflow", "cpu")
    assert found is not None
    assert found.name == "keras-cpu"


def test_a_library_that_is_no_subject_is_told(
    problems: Callable[[], tuple[str, ...]], change: Callable[[str, str, str], None]
) -> None:
    """With the nearest one."""
    change(
        "environments.toml",
        'uploaded = "2026-07-29"\n[[subject]]',
        'uploaded = "2026-07-29"\nsubject = "kers"\n[[subject]]',
    )
    assert any("keras-cpu: subject 'kers' is unknown (did you mean keras?)" in problem for problem in problems())
