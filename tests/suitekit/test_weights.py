"""Weights that packages ship: what is failed, what is unsupported, and what is unknown."""

from __future__ import annotations

import pytest

from fwconformance.evidence import Level, Profile
from fwconformance.frameworks import Unavailable, Unsupported
from fwconformance.libraries import Installed, State, Used
from fwconformance.suitekit import _libraries, check_weights


class Seen:
    """A framework as a seam shows it."""

    def __init__(self, name="pytorch", version="2.15.0+cpu"):
        self.name, self.device, self.backend, self._version = name, "cpu", "", version

    def versions(self):
        return {"torch": self._version}


@pytest.fixture
def case(make_case):
    return make_case("ecosystem.packaged-weights", "faces", profile=Profile.FULL)


@pytest.fixture
def found(monkeypatch, tmp_path):
    """What became of the installation and the use, to be changed; all well by default."""
    world = {
        "installed": Installed(state=State.INSTALLED, versions={"torch": "2.15.0"}),
        "used": Used(works=True, why="", compared=38, furthest=0.4, seconds=20.0),
    }
    monkeypatch.setenv("FWCONFORMANCE_CACHE", str(tmp_path))
    monkeypatch.setattr(_libraries, "installed", lambda *_: world["installed"])
    monkeypatch.setattr(_libraries, "used", lambda *_, **__: world["used"])
    return world


def test_right_answers_pass(case, found):
    check_weights(case, Seen(), "faces")
    assert case.stated is Level.HARDWARE
    assert case.figures["numbers compared"].value == 38
    assert case.figures["allowed by its own requirements"].value == 1


def test_a_package_against_its_own_requirements_says_so(case, found):
    found["installed"] = Installed(state=State.INSTALLED, versions={}, against="torch<2.3")
    check_weights(case, Seen(), "faces")
    assert case.figures["allowed by its own requirements"].value == 0


def test_wrong_answers_fail(case, found):
    found["used"] = Used(works=False, why="faces in the portrait: 0, not 1", wrong=True)
    with pytest.raises(AssertionError, match=r"facenet-pytorch==2\.6\.0 .* gives wrong numbers: faces in"):
        check_weights(case, Seen(), "faces")


def test_what_does_not_run_or_install_is_unsupported(case, found):
    found["used"] = Used(works=False, why="RuntimeError: no")
    with pytest.raises(Unsupported, match="does not run: RuntimeError: no"):
        check_weights(case, Seen(), "faces")
    found["installed"] = Installed(state=State.REFUSED, said="because of it")
    with pytest.raises(Unsupported, match="cannot be installed: because of it"):
        check_weights(case, Seen(), "faces")


@pytest.mark.parametrize(
    ("framework", "kind", "why"),
    [
        (Seen("mxnet"), "faces", "no package with such weights is in the list: .*MXNet"),
        (Seen("pytorch"), "expression", "no package with such weights is in the list: .*PyTorch"),
        (Seen("example"), "faces", "nobody looked for one"),
        (Seen(version="1.7.1"), "faces", r"holds torch 2\.15\.0, and this environment has 1\.7\.1"),
    ],
)
def test_where_no_package_is_known_or_the_release_is_another_nothing_is_known(case, found, framework, kind, why):
    with pytest.raises(Unavailable, match=why):
        check_weights(case, framework, kind)


def test_what_was_not_prepared_is_unknown(case, found):
    found["installed"] = None
    with pytest.raises(Unavailable, match="tox -e libraries"):
        check_weights(case, Seen(), "faces")
