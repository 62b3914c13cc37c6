"""`fwconformance proofs`: whether every test can fail."""

from __future__ import annotations

import argparse
import pathlib
import sys
from typing import TYPE_CHECKING

from fwconformance.cli import _only
from fwconformance.cli._arguments import seconds
from fwconformance.cli._errors import CommandError, Exit
from fwconformance.cli._output import err, out, table
from fwconformance.cli._run import add_target, target_of

if TYPE_CHECKING:
    from fwconformance.shards import Shard
    from fwconformance.supervisor import Proof, Proofs

NAME = "proofs"
SUMMARY = "prove that the tests can fail: switch on each fault that is known to them"
DESCRIPTION = """\
For the reference, run every case under each of its mutants; for a real framework, under each sabotage that its
adapter offers. A fault is
killed where its case passes without it and fails by an assertion with it, in the same process. One that survives is
an error. One is idle where its case is unsupported or cannot be tried here: nothing is claimed that it could
disprove."""
EXAMPLES = """\
examples:
  fwconformance proofs --framework reference
  fwconformance proofs --framework keras --backend jax --shard keras-jax.jsonl    # and keep the results in the shard
  fwconformance proofs --framework torch --only rnn.lstm

exit code 1: a fault survived, a case of the reference has none, or there was none to try.
"""

# Which backend a framework runs on cannot be got wrong by the reference, which has none.
_WITHOUT_MUTANTS = "backend"


def configure(parser: argparse.ArgumentParser) -> None:
    add_target(parser)
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar=_only.METAVAR,
        help="only faults of that; repeatable" + _only.HELP,
    )
    parser.add_argument("--device", default="cpu", metavar="KIND", help="as of `run` (default: cpu)")
    parser.add_argument("--shard", type=pathlib.Path, metavar="PATH", help="append the results to this journal")
    parser.add_argument(
        "--profile", choices=("smoke", "standard", "full"), default="standard", help="default: standard"
    )
    parser.add_argument(
        "--jobs", type=int, metavar="N", help="processes side by side (default: 2 for the reference, else 1)"
    )
    parser.add_argument(
        "--timeout-per-case",
        type=seconds,
        metavar="S",
        default=300.0,
        help="seconds for one run of a case (default 300)",
    )


def execute(options: argparse.Namespace) -> int:
    from fwconformance.cli._summary import nothing_verified
    from fwconformance.registry import load_registry
    from fwconformance.shards import JournalError, ShardError, read_shard
    from fwconformance.supervisor import ChildError, Limits, Progress, Refused, keep_proofs, prove

    target = target_of(options, options.device)
    options.only = _only.expanded(options.only, load_registry())
    jobs = options.jobs if options.jobs is not None else 2 if target.framework == "reference" else 1
    if jobs < 1:
        raise CommandError(f"--jobs {jobs}: at least 1")
    try:
        shard = read_shard(options.shard) if options.shard else None
        if shard:
            reason = nothing_verified(shard.observations)
            if reason is not None:
                out(f"NOTHING VERIFIED: {reason}")
                return Exit.MEASURED
            _same(shard, target.framework, target.backend, target.device)
        proofs = prove(
            target,
            only=options.only,
            profile=options.profile,
            limits=Limits(case=options.timeout_per_case),
            workers=jobs,
            progress=Progress(sys.stderr, 0, target.framework),
        )
        if options.shard:
            keep_proofs(options.shard, proofs.proofs)
    except (Refused, ShardError, JournalError) as error:
        raise CommandError(str(error).replace("--fw-", "--")) from error
    except ChildError as error:
        err(error.log)
        raise CommandError(
            f"internal error: {error}; what was printed stands above; please report it", Exit.INTERNAL
        ) from error
    return _judge(proofs, target.framework, _tried(shard, options.profile, options.only))


def _same(shard: Shard, framework: str, backend: str, device: str) -> None:
    header = shard.header
    if device not in {header.device, "auto"}:
        raise CommandError(f"{shard.path}: is of device {header.device}; say --device {header.device}")
    if (header.framework, header.backend) != (framework, backend):
        of = f"{header.framework} on {header.backend}" if header.backend else header.framework
        raise CommandError(f"{shard.path}: is of {of}; name that framework, or another shard")


def _tried(shard: Shard | None, profile: str, only: list[str]) -> set[str]:
    """Areas with a case that passed in `shard`, of those cases whose faults were to be tried."""
    from fwconformance.evidence import Outcome, Profile
    from fwconformance.registry import load_registry

    if shard is None:
        return set()
    passed = {(one.key.capability, one.key.case) for one in shard.observations if one.outcome is Outcome.PASSED}
    chosen = {each.partition(":")[0] for each in only}
    return {
        capability.area
        for capability in load_registry().active()
        for case in capability.cases
        if (capability.id, case.id) in passed
        and (not chosen or capability.id in chosen)
        and Profile(profile).holds(case.profile)
    }


def _judge(proofs: Proofs, framework: str, passed: set[str]) -> int:
    if not proofs.offered:
        raise CommandError(
            f"{framework}: the adapter offers no sabotage: nothing proves that its cells can fail; "
            "see docs/third-party.md",
            Exit.FAULTS,
        )
    if not proofs.proofs:
        raise CommandError(
            f"{framework}: none of its {proofs.offered} faults is in a case that was selected, so nothing was proven; "
            "select more with --only or --profile",
            Exit.FAULTS,
        )
    rows = [(_word(one), f"{one.capability}:{one.case}", one.fault, _short(one.message)) for one in proofs.proofs]
    out(table(rows, ("result", "case", "fault", "what was seen")))
    tried = [one for one in proofs.proofs if not one.idle]
    survivors = [one for one in tried if not one.killed]
    gaps = _gaps(proofs, framework, passed)
    for one in survivors:
        err(f"fwconformance: error: {one.fault} survives {one.capability}:{one.case}: {one.message}")
    for gap in gaps:
        err(f"fwconformance: error: {gap}")
    idle = f"; {len(rows) - len(tried)} had nothing to disprove here" if len(rows) > len(tried) else ""
    out(f"{len(tried) - len(survivors)} of {len(tried)} faults killed{idle}")
    return Exit.FAULTS if survivors or gaps else Exit.MEASURED


def _word(proof: Proof) -> str:
    return "idle" if proof.idle else "killed" if proof.killed else "SURVIVED"


def _gaps(proofs: Proofs, framework: str, passed: set[str]) -> list[str]:
    """What no fault is planted for, and should be: each case of the reference; of a framework, each area in which a
    case `passed`.
    """
    if framework == "reference":
        return [
            f"{capability}:{case} has no mutant; add one to frameworks/reference"
            for capability, case in proofs.unproven
            if capability.split(".")[0] != _WITHOUT_MUTANTS
        ]
    proven = {one.capability.split(".")[0] for one in proofs.proofs if not one.idle}
    return [
        f"area {area}: its cases pass, and {framework} has no sabotage for them; add one"
        for area in sorted(passed - proven)
    ]


def _short(text: str) -> str:
    return text if len(text) <= 100 else text[:97] + "..."
