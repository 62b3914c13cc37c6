"""`fwconformance list`: what there is."""

from __future__ import annotations

import argparse
from typing import Mapping

from fwconformance.cli._errors import CommandError, Exit
from fwconformance.cli._output import out, table

NAME = "list"
SUMMARY = "list frameworks, capabilities, claims, environments or works"
DESCRIPTION = "List what the catalog and the registry hold. Imports no framework."
EXAMPLES = """\
examples:
  fwconformance list frameworks      # which are known, and which are installed here
  fwconformance list capabilities    # ids that --only takes, with their cases
  fwconformance list claims
  fwconformance list environments
  fwconformance list works           # what duels are held at
"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=("frameworks", "capabilities", "claims", "environments", "works"))


def execute(options: argparse.Namespace) -> int:
    from fwconformance.registry import RegistryError, load_registry

    if options.what == "frameworks":
        _frameworks()
        return Exit.MEASURED
    if options.what == "works":
        _works()
        return Exit.MEASURED
    try:
        registry = load_registry()
    except RegistryError as error:
        raise CommandError(f"the registry cannot be read: {error}") from error
    if options.what == "capabilities":
        rows = []
        for capability in registry.capabilities.values():
            cases = " ".join(case.id if case.required else f"{case.id}*" for case in capability.cases)
            rows.append((capability.id, "active" if capability.active else "planned", cases or "-", capability.title))
        out(table(rows, ("capability", "status", "cases (* variant)", "title")))
    elif options.what == "claims":
        out(
            table(
                [(claim.id, claim.kind, claim.paraphrase) for claim in registry.claims.values()],
                ("claim", "kind", "paraphrase"),
            )
        )
    else:
        declared = [
            (
                one.name,
                one.framework,
                one.backend or "-",
                one.device,
                one.era.value,
                "core" if one.core else "extra",
                _pins(one.expect),
            )
            for one in registry.environments.values()
        ]
        out(table(declared, ("environment", "framework", "backend", "device", "era", "set", "versions")))
    return Exit.MEASURED


def _pins(expect: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in expect.items())


def _works() -> None:
    from fwconformance.works import WORKS, operations

    rows = [(work.id, f"{operations(work) / 1e9:.3g}", work.title, work.source) for work in WORKS.values()]
    out(table(rows, ("work", "GFLOP a call", "title", "source")))


def _frameworks() -> None:
    from fwconformance.frameworks import CatalogError, entries

    try:
        known = entries()
    except CatalogError as error:
        raise CommandError(str(error)) from error
    rows = []
    for entry in known:
        for backend in entry.backends:
            missing = entry.missing(backend)
            here = "not installed: " + ", ".join(missing) if missing else _pins(entry.versions(backend)) or "installed"
            rows.append(
                (
                    entry.name,
                    ", ".join(entry.aliases) or "-",
                    backend or "-",
                    entry.tox_environment(backend) or "-",
                    here,
                )
            )
    out(table(rows, ("framework", "also", "backend", "tox environment", "here")))
