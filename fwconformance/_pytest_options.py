"""The options, and the switch: with `--framework` the working plugin takes over. `pytest_plugin` registers this.

PYTEST_DONT_REWRITE: there is no assertion here.
"""

from __future__ import annotations

import pytest

# Beside those that are added one by one.
_OPTIONS = (
    ("--fw-backend", "NAME", "backend of the framework (keras: tensorflow, torch, jax)"),
    (
        "--fw-device",
        "DEVICE",
        "cpu (default), cuda, mps, xpu, tpu, xla, one of several (cuda:1), or auto: the best that the framework sees",
    ),
    ("--fw-profile", "PROFILE", "how much to run: smoke, standard (default), full"),
    ("--fw-shard", "PATH", "write the journal of observations there"),
    (
        "--fw-environment",
        "NAME",
        "name of this environment; default: the declared one for framework, backend and device",
    ),
    ("--fw-label", "TEXT", "label of this machine; default: device model, operating system and architecture"),
    ("--fw-seed", "N", "seed of every generator that the suites draw from (default 20200101)"),
    ("--fw-attempt", "N", "which attempt at its cases this run is (default 1)"),
    ("--fw-mutant", "NAME", "switch on a fault of the reference"),
    ("--fw-sabotage", "NAME", "plant a fault in the real framework"),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Only `--framework` is unprefixed; it alone switches the rest on."""
    if _is_taken(parser):
        return
    group = parser.getgroup("fwconformance", "conformance of deep-learning frameworks (only with --framework)")
    try:
        group.addoption(
            "--framework",
            action="append",
            metavar="NAME",
            help="run the bundled conformance suites against this framework instead of collecting tests here: "
            "pytorch (torch), tensorflow (tf), keras, mxnet, caffe, caffe2, reference, or one that another package "
            "adds",
        )
    except ValueError:
        return  # another plugin owns --framework: pytest must start all the same, without us
    for name, metavar, text in _OPTIONS:
        group.addoption(name, metavar=metavar, help=text)
    group.addoption("--fw-only", action="append", metavar="CAPABILITY[:CASE]", help="run only this; may be repeated")
    group.addoption(
        "--fw-require",
        action="append",
        metavar="SPEC",
        help="fail unless met: `hardware`, CAPABILITY or CAPABILITY:LEVEL; may be repeated; also FWCONFORMANCE_REQUIRE",
    )
    group.addoption(
        "--fw-resume", action="store_true", help="continue the journal at --fw-shard, leaving out what it holds"
    )
    group.addoption(
        "--fw-online", action="store_true", help="let tests fetch published weights; also FWCONFORMANCE_ONLINE=1"
    )
    group.addoption(
        "--fw-random", action="store_true", help="draw Hypothesis examples at random, not the same ones each time"
    )


def _is_taken(parser: pytest.Parser) -> bool:
    # Before pytest 9 one name in two groups is refused only as the command line is parsed, where nobody can catch it.
    if pytest.version_tuple >= (9,):
        return False
    groups = [*parser._groups, parser._anonymous]  # noqa: SLF001
    return any("--framework" in option.names() for group in groups for option in group.options)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, parser: pytest.Parser) -> None:
    """The last moment before conftest files of the project are loaded."""
    known = early_config.known_args_namespace
    # Without our other options --framework is another plugin's.
    if not hasattr(known, "fw_backend") or not known.framework:
        return
    from fwconformance._archive import ArchiveError

    try:
        from fwconformance.plugin import activate
    except ArchiveError as error:
        raise pytest.UsageError(str(error)) from error
    activate(early_config, parser)
