"""`fwconformance check`: the registry and the suites agree."""

from __future__ import annotations

import argparse

from fwconformance.cli._claims import add_claims, claim_files
from fwconformance.cli._errors import CommandError, Exit
from fwconformance.cli._output import err, out

NAME = "check"
SUMMARY = "check the registry, and that each case has its one test"
DESCRIPTION = """\
Check the registry for itself (ids, rules, references) and against the suites: an active capability without a test, a
planned
one with a test, a test for an unknown capability. Collects the suites with pytest; runs none of them, imports no
framework."""
EXAMPLES = """\
examples:
  fwconformance check
  fwconformance check --claims my-claims.toml    # another claim file beside the bundled one
"""


def configure(parser: argparse.ArgumentParser) -> None:
    add_claims(parser)


def execute(options: argparse.Namespace) -> int:
    from fwconformance.registry import RegistryError, check_tests, load_registry
    from fwconformance.supervisor import ChildError, Refused, collect_marks

    try:
        registry = load_registry(claim_files=claim_files(options))
        problems = []
    except RegistryError as error:
        registry = None
        problems = list(error.problems)
    if registry is not None:
        try:
            problems += check_tests(registry, collect_marks())
        except Refused as error:
            raise CommandError(str(error)) from error
        except ChildError as error:
            err(error.log)
            problems.append(f"the suites cannot be collected: {error}")
    for problem in problems:
        err(f"fwconformance: error: {problem}")
    if registry is None or problems:
        # A registry that cannot be read is bad input; one that can and disagrees with the suites is a finding.
        return Exit.USAGE if registry is None else Exit.FAULTS
    cases = sum(len(capability.cases) for capability in registry.active())
    planned = len(registry.capabilities) - len(registry.active())
    out(
        f"{len(registry.claims)} claims, {len(registry.active())} active capabilities, "
        f"{cases} cases with as many tests, "
        f"{planned} planned, {len(registry.environments)} environments, {len(registry.findings)} findings: all agree"
    )
    return Exit.MEASURED
