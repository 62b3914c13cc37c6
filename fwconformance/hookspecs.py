"""Every hook that fwconformance offers to pytest plugins. They exist only in runs with `--framework`.

Mark implementations `optionalhook=True`, so that pytest accepts them in runs without `--framework` too. They are
called in plugins (an entry point, or `-p`), not in the conftest files of a project: a conformance run loads none of
those.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from fwconformance.evidence import Header, Observation
    from fwconformance.plugin import Suites


@pytest.hookspec(firstresult=True)
def pytest_fwconformance_suites(config: pytest.Config) -> Suites | None:
    """Bring other suites than the bundled ones, with the capabilities that they test.

    When: before any conftest is loaded and before anything is collected, in the controller and in every xdist worker.
    Return: a `fwconformance.plugin.Suites`, or None to leave it to the next plugin; the first answer counts, and the
    default is the bundled suites.

    Example::

        @pytest.hookimpl(optionalhook=True)
        def pytest_fwconformance_suites(config):
            from fwconformance.plugin import Suites
            from fwconformance.registry import load_registry

            registry = load_registry(root=HERE / "fixtures")
            return Suites(directory=HERE / "suites", registry=registry, content="sha256:...")
    """


def pytest_fwconformance_header(config: pytest.Config, header: Header) -> None:
    """Learn what a run is about to observe: framework, environment, versions, seed.

    When: once, at the start of the session and before the journal's first line, in the controller only.
    Return: nothing.

    Example::

        @pytest.hookimpl(optionalhook=True)
        def pytest_fwconformance_header(config, header):
            print("observing", header.framework, header.versions)
    """


def pytest_fwconformance_observation(config: pytest.Config, observation: Observation) -> None:
    """Learn what one case saw.

    When: after each case, once it stands in the journal (if one is written), in the controller only; under xdist in
    the order in which results arrive. Also for a case whose xdist worker died.
    Return: nothing.

    Example::

        @pytest.hookimpl(optionalhook=True)
        def pytest_fwconformance_observation(config, observation):
            if observation.outcome.is_new_fault and not observation.finding:
                notify(observation.key.capability, observation.message)
    """
