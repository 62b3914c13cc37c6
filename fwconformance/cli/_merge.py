"""`fwconformance merge`: shards into a matrix, a page and a folder that can be published."""

from __future__ import annotations

import argparse
import pathlib
import sys
from typing import TYPE_CHECKING, Any, Mapping

from fwconformance.cli._claims import add_claims, claim_files
from fwconformance.cli._errors import CommandError, Exit
from fwconformance.cli._output import err, out, terminal_width
from fwconformance.cli._records import unreadable, warn

if TYPE_CHECKING:
    from fwconformance.matrix import Matrix
    from fwconformance.registry import Registry
    from fwconformance.shards import Shard

NAME = "merge"
SUMMARY = "merge shards into a matrix"
DESCRIPTION = """\
Merge shards into DIR/matrix.json and DIR/README.md, with the raw shards beside them in DIR/shards/. Reads no clock,
host or path: the
same shards give the same bytes. DIR is written whole or not at all."""
EXAMPLES = """\
examples:
  fwconformance merge .tox/shards --expect core -o reports/2026-01-31-laptop
  fwconformance merge torch.jsonl keras.jsonl -o out --expect torch-cpu,keras-cpu,mxnet-cpu
  fwconformance merge .tox/shards --claims my-claims.toml -o out    # verdicts on claims of your own, too
  fwconformance merge old.jsonl new.jsonl --latest -o out      # where both report a case, the later run's word counts

exit code 1: a cell failed, broke, crashed or timed out and no known finding explains it, or a finding no longer
reproduces.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "shards", nargs="+", type=pathlib.Path, metavar="SHARD", help="a journal, or a folder of them (*.jsonl)"
    )
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True, metavar="DIR", help="the report's folder")
    parser.add_argument(
        "--expect",
        action="append",
        default=[],
        metavar="core|ENV,...",
        help="environments that must appear, untested where there is no shard; `core` is those of `tox run -m cpu`",
    )
    parser.add_argument(
        "--latest", action="store_true", help="where several runs report the same case, take the latest run's word"
    )
    parser.add_argument(
        "--allow-mixed",
        action="store_true",
        help="take shards of other suite revisions than this program's, and mark the columns",
    )
    add_claims(parser)
    parser.add_argument(
        "--duels",
        action="append",
        type=pathlib.Path,
        default=[],
        metavar="FILE",
        help="what `fwconformance duels` wrote: claims about speed rest on it, and the report shows it; repeatable",
    )


def execute(options: argparse.Namespace) -> int:
    import attrs

    from fwconformance._version import __version__
    from fwconformance.cli import _bundle
    from fwconformance.matrix import MatrixError, Suite, build_matrix
    from fwconformance.registry import RegistryError, load_registry, suite_content
    from fwconformance.report import render_markdown, summary
    from fwconformance.shards import ShardError, read_shard

    try:
        more_claims = claim_files(options)
        registry = load_registry(claim_files=more_claims)
        shards = [read_shard(path) for path in _files(options.shards)]
        measured, shown = _measured(options.duels, registry)
        matrix = build_matrix(
            shards,
            registry,
            expected_environments=_expected(options.expect, registry),
            latest=options.latest,
            allow_mixed=options.allow_mixed,
            **measured,
            judged_by=Suite(version=__version__, content=suite_content()),
        )
        matrix = attrs.evolve(matrix, **shown)
    except (RegistryError, ShardError, MatrixError) as error:
        raise CommandError(str(error)) from error
    for shard in shards:
        for warning in shard.warnings:
            warn(warning)
    _refuse_loss(options.output, shards)
    files = {
        _bundle.MATRIX: matrix.dumps().encode(),
        _bundle.PAGE: render_markdown(matrix).encode(),
        **_raw(shards),
        **{f"{_bundle.CLAIMS}/{path.name}": path.read_bytes() for path in more_claims},
        **_bundle.duels(options.duels, matrix),
    }
    _refuse_loss_of_duels(options.output, files)
    try:
        _bundle.write_report(options.output, files)
    except OSError as error:
        raise CommandError(
            f"{options.output}: the report cannot be written: {error.strerror or error}; nothing was changed; "
            "name another folder with -o, or make room"
        ) from error
    out(summary(matrix, width=terminal_width(), colour=sys.stdout.isatty()).rstrip("\n"))
    out(f"written: {options.output}")
    return _judge(matrix)


def _measured(paths: list[pathlib.Path], registry: Registry) -> tuple[dict[str, Any], dict[str, Any]]:
    """(what claims are judged by, what the matrix shows) of the duels in `paths`. Raises CommandError where they cannot
    be read.
    """
    if not paths:
        return {}, {}
    try:
        from fwconformance.duels import (
            RecordError,
            campaign_rows,
            limit_rows,
            measured_ratios,
            missing_works,
            read,
            rows,
            single_duels,
            throughputs,
        )
    except ImportError as error:
        raise CommandError(
            f"--duels needs {error.name}, which is not installed: pip install 'fwconformance[duels]'"
        ) from None
    try:
        duels, limits = read(paths, warn=warn)
        for path in paths:
            if not any(read([path])):
                warn(f"{path}: holds no duel")
    except RecordError as error:
        raise unreadable(error, "leave the file out") from None
    shown = {
        "duels": rows(duels),
        "campaigns": campaign_rows(duels),
        "throughputs": throughputs(single_duels(duels), limits),
        "limits": limit_rows(limits),
    }
    return {"ratios": measured_ratios(duels, registry), "missing": missing_works(duels, registry)}, shown


def _refuse_loss(folder: pathlib.Path, given: list[Shard]) -> None:
    """Raise CommandError where the report in `folder` holds shards that are neither given nor replaced: the new one
    would be without them. A run of the same environment and label replaces an older one.
    """
    from fwconformance.cli import _bundle
    from fwconformance.shards import ShardError, read_shard

    contents = {pathlib.Path(shard.path).read_bytes()[: shard.whole_bytes] for shard in given}
    columns = {(shard.header.environment, shard.header.label) for shard in given}
    lost = []
    for path in sorted((folder / _bundle.SHARDS).glob("*.jsonl")):
        if path.read_bytes() in contents:
            continue
        try:
            header = read_shard(path).header
        except ShardError:
            lost.append(f"{path} (which cannot be read)")
            continue
        if (header.environment, header.label) not in columns:
            lost.append(f"{path} ({header.environment}, {header.label})")
    if lost:
        raise CommandError(
            f"{folder}: the report there holds what is not among the shards given, and would be lost: "
            f"{', '.join(lost)}; name another folder with -o, or give those shards too"
        )


def _refuse_loss_of_duels(folder: pathlib.Path, files: Mapping[str, bytes]) -> None:
    """Raise CommandError where the report in `folder` holds duels that `files`, the new one's, lack: no run makes them
    again.
    """
    from fwconformance.cli import _bundle

    for name in (_bundle.DUELS, _bundle.CAMPAIGNS):
        try:
            there = (folder / name).read_bytes().splitlines()
        except OSError:
            continue
        lost = len(set(there) - set(files.get(name, b"").splitlines()))
        if lost:
            raise CommandError(
                f"{folder}: {name} there holds {lost} of {len(there)} lines that are not among the duels given, and "
                f"would be lost; give it too (--duels {folder / name}), or name another folder with -o"
            )


def _raw(shards: list[Shard]) -> dict[str, bytes]:
    """The journals as they are to lie in the report, up to their last whole line."""
    from fwconformance.cli import _bundle

    names = _bundle.shard_names(shards)
    return {
        f"{_bundle.SHARDS}/{names[shard.path]}": pathlib.Path(shard.path).read_bytes()[: shard.whole_bytes]
        for shard in shards
    }


def _files(given: list[pathlib.Path]) -> list[pathlib.Path]:
    found: list[pathlib.Path] = []
    for path in given:
        if path.is_dir():
            inside = sorted(path.glob("*.jsonl"))
            if not inside:
                raise CommandError(
                    f"{path}: holds no shards (*.jsonl); "
                    f"`fwconformance run --framework ... --shard {path}/NAME.jsonl` makes one"
                )
            found += inside
        elif path.exists():
            found.append(path)
        else:
            raise CommandError(
                f"{path}: there is no such shard; `fwconformance run --framework ... --shard {path}` makes one"
            )
    unique: dict[bytes, pathlib.Path] = {}
    for path in found:
        unique.setdefault(path.read_bytes(), path)  # the same journal given twice is one journal
    return list(unique.values())


def _expected(given: list[str], registry: Registry) -> list[str]:
    names: list[str] = []
    if given and not any(word.strip(" ,") for word in given):
        raise CommandError("--expect names no environment; `fwconformance list environments` names them")
    for word in ",".join(given).replace(" ", ",").split(","):
        if word == "core":
            names += [one.name for one in registry.environments.values() if one.core]
        elif word:
            names.append(word)
    return list(dict.fromkeys(names))


def _judge(matrix: Matrix) -> int:
    """Name what must not be published as it is: unexplained faults, and findings that are no longer true."""
    from fwconformance.matrix import new_faults, stale_findings

    new, stale = new_faults(matrix), stale_findings(matrix)
    for cell, case in new:
        err(f"new: {cell.environment}: {cell.capability}:{case.case}: {case.reason}; again with: {cell.rerun}")
    for finding, check in stale:
        err(
            f"stale: {check.environment}: finding {finding.id} no longer reproduces: {check.message}; "
            "remove it from fixtures/registry/findings.toml, or narrow its versions"
        )
    return Exit.FAULTS if new or stale else Exit.MEASURED
