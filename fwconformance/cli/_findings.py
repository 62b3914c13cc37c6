"""`fwconformance findings`: whether the known faults still show."""

from __future__ import annotations

import argparse
import pathlib

from fwconformance.cli._arguments import seconds
from fwconformance.cli._errors import CommandError, Exit
from fwconformance.cli._output import err, out, table
from fwconformance.cli._run import add_target, target_of

NAME = "findings"
SUMMARY = "run the programs of the known faults of the framework that is installed"
DESCRIPTION = """\
Run the standalone program of every known finding that concerns this framework, backend and version, each in a fresh
process, with the
framework alone. A finding that no longer reproduces is an error: the fault is gone, and what it excused must be
looked at again."""
EXAMPLES = """\
examples:
  fwconformance findings --framework torch
  fwconformance findings --framework keras --backend jax --shard keras-jax.jsonl    # and keep the results in the shard
"""


def configure(parser: argparse.ArgumentParser) -> None:
    add_target(parser)
    parser.add_argument("--shard", type=pathlib.Path, metavar="PATH", help="append the results to this journal")
    parser.add_argument(
        "--timeout", type=seconds, default=300.0, metavar="S", help="seconds for one program (default 300)"
    )


def execute(options: argparse.Namespace) -> int:
    from fwconformance.cli._summary import nothing_verified
    from fwconformance.evidence import Outcome
    from fwconformance.registry import RegistryError, load_registry
    from fwconformance.shards import JournalError, ShardError, read_shard
    from fwconformance.supervisor import Refused, check_findings

    try:
        registry = load_registry()
        shard = read_shard(options.shard) if options.shard else None
    except (RegistryError, ShardError) as error:
        raise CommandError(str(error)) from error
    target = target_of(options, shard.header.device if shard else "cpu")
    if shard and (shard.header.framework, shard.header.backend) != (target.framework, target.backend):
        raise CommandError(
            f"{options.shard}: is of {shard.header.framework} {shard.header.backend}".rstrip()
            + "; name that framework, or another shard"
        )
    # Where every case failed there is something to explain; where none could be tried there is not.
    if shard and all(one.outcome is Outcome.UNAVAILABLE for one in shard.observations):
        out(f"NOTHING VERIFIED: {nothing_verified(shard.observations)}")
        return Exit.MEASURED
    try:
        results = check_findings(target, registry, journal=options.shard, limit=options.timeout)
    except (Refused, ShardError, JournalError) as error:
        raise CommandError(str(error)) from error
    if not results:
        out(f"no known finding concerns {target.framework}{' on ' + target.backend if target.backend else ''} here")
        return Exit.MEASURED
    out(table([(one.id, one.word, one.message) for one in results], ("finding", "result", "what it saw")))
    wrong = [one for one in results if one.word in ("gone", "error")]
    for one in wrong:
        what = (
            "no longer reproduces: take it out of findings.toml, or bound its versions"
            if one.word == "gone"
            else f"cannot be checked: {one.message}"
        )
        err(f"fwconformance: error: finding {one.id} {what}")
    return Exit.FAULTS if wrong else Exit.MEASURED
