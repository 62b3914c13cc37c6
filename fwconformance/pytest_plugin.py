"""The pytest entry point of fwconformance: options, and nothing else until `--framework` is given.

PYTEST_DONT_REWRITE: there is no assertion here, and every pytest run on this machine imports this module.
"""

from __future__ import annotations

import pytest

# Beside --framework and --fw-backend.
_OPTIONS = (
    ("--fw-device", "DEVICE", "cpu (default), cuda, tpu, or auto: the best that the framework sees"),
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
    """Only `--framework` is unprefixed; it alone switches the rest on.

    Every option costs every start of pytest on this machine. So here are two, and the rest when one of them is asked
    for.
    """
    if _is_taken(parser):
        return
    group = _group(parser)
    try:
        group.addoption(
            "--framework",
            action="append",
            metavar="NAME",
            help="run the bundled conformance suites against this framework instead of collecting tests here: "
            "pytorch (torch), tensorflow (tf), keras, mxnet, reference, or one that another package adds",
        )
    except ValueError:
        return  # another plugin owns --framework: pytest must start all the same, without us
    group.addoption("--fw-backend", metavar="NAME", help="backend of the framework (keras: tensorflow, torch, jax)")


def _is_taken(parser: pytest.Parser) -> bool:
    # Before pytest 9 one name in two groups is refused only as the command line is parsed, where nobody can catch it.
    if pytest.version_tuple >= (9,):
        return False
    groups = [*parser._groups, parser._anonymous]  # noqa: SLF001
    return any("--framework" in option.names() for group in groups for option in group.options)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, parser: pytest.Parser, args: list[str]) -> None:
    """The last moment before conftest files of the project are loaded."""
    known = early_config.known_args_namespace
    # Without our other option --framework is another plugin's.
    if not hasattr(known, "fw_backend"):
        return
    if known.framework or known.help or any(argument.startswith("--fw-") for argument in args):
        _add_the_rest(_group(parser))
        again = parser.parse_known_args(args)
        for name, value in vars(again).items():
            if name.startswith("fw_"):
                setattr(known, name, value)
        known.file_or_dir = again.file_or_dir  # without what now are values of our options
    if known.framework:
        from fwconformance.plugin import activate

        activate(early_config, parser)


def _group(parser: pytest.Parser) -> pytest.OptionGroup:
    return parser.getgroup("fwconformance", "conformance of deep-learning frameworks (only with --framework)")


def _add_the_rest(group: pytest.OptionGroup) -> None:
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
        "--fw-random", action="store_true", help="draw Hypothesis examples at random, not the same ones each time"
    )
