"""Duels on the Markdown page: the picture, every interval, and what was run."""

from __future__ import annotations

import statistics

from fwconformance.matrix import CampaignRow, DuelRow, Matrix, RateRow, Side
from fwconformance.report._tables import escape, table
from fwconformance.report._words import in_words, number_of

_READING = (
    "Two processes took turns at the same work on one machine, each halted while the other worked; outputs and "
    "gradients were the oracle's before and after. A ratio is A's time over B's, the middle of what pairs of processes "
    "gave (both sides are built anew every few rounds and started anew every few builds, since where things lie in "
    "memory moves times), with an interval over these pairs, at 99 %. Of two duels of one pair the newer decides. "
    "Every round is in [duels.jsonl](duels.jsonl)."
)
_CONTROLS = (
    "The same contestant on both sides: the true ratio is 1, and what the interval says instead is the instrument's."
)
_TITLE = "## Duels: who takes longer at the same work"
_CAMPAIGNS = (
    "Many duels of one contestant with itself. Without a slowdown, whatever is called different is a false alarm; with "
    "one, which is that much more of the same work on one side, whatever is not is a miss. Beside what the interval "
    "says stands what others would have said of the very same rounds: their medians compared with a threshold of 5 %, "
    "and an unpaired Mann-Whitney test at p < 0.002. Bounds are one-sided, at 95 % (Clopper and Pearson). Every round "
    "is in [campaigns.jsonl](campaigns.jsonl)."
)


_BESIDE = (
    "Medians over the duels of each contestant: seconds until the framework was imported, to build the network from "
    "given weights, and of the first call, when frameworks compile and choose (of training, after gradients were taken "
    "once to be checked); and the process's largest resident memory. Single readings, without an interval."
)
_NO_COMPARISON = (
    "No two contestants were compared: what was run are controls, or the suite beside programs written by hand. They "
    "say how good the instrument is, and nothing of the frameworks."
)
_TAX = (
    "The suite's own way of doing a work (A) against a minimal program in the same framework, written by hand (B): the "
    "ratio is what the suite adds to every time above. Where both were in one process, which counts as a pair here, "
    "how two processes of one program differ is no part of it."
)


def duels_section(matrix: Matrix) -> str:
    """Empty where there are none."""
    if not matrix.duels:
        return "\n\n".join([_TITLE, *_campaigns(matrix)]) if matrix.campaigns else ""
    between = [row for row in matrix.duels if row.is_comparison]
    tax = [row for row in matrix.duels if not row.control and not row.is_comparison]
    controls = [row for row in matrix.duels if row.control]
    machines = sorted({row.machine for row in matrix.duels})
    parts = [_TITLE, _READING, f"Measured on: {escape('; '.join(machines))}."]
    if between:
        parts += [f"![{_alternative(between)}](duels.svg)", _intervals(between)]
    else:
        parts.append(_NO_COMPARISON)
    parts.append(
        "![Examples a second of every contestant at every work, beside what the machine's matrix products allow]"
        "(throughput.svg)\n\nEvery round in the order it was taken: [rounds.svg](rounds.svg)."
    )
    parts += _throughputs(matrix)
    if controls:
        parts += ["### Controls", _CONTROLS, _intervals(controls)]
    parts += _campaigns(matrix)
    if tax:
        parts += ["### What the suite itself costs", _TAX, _intervals(tax)]
    parts += _beside(matrix)
    parts += ["### What was run", _ran(matrix)]
    return "\n\n".join(parts)


def _throughputs(matrix: Matrix) -> list[str]:
    if not matrix.throughputs:
        return []
    limits = [
        f"{in_words(each.products / 1e9)} GFLOP/s in float32 matrix products and {in_words(each.copying / 1e9)} GB/s "
        f"in copying, with {each.threads} threads ({escape(each.by)}; {each.started})"
        for each in matrix.limits
    ]
    cells = [
        [
            f"`{row.work}`",
            escape(row.contestant),
            in_words(row.examples),
            "-" if row.share is None else f"{row.share:.1%}",
        ]
        for row in matrix.throughputs
    ]
    return [
        "### Examples a second, and the machine's limit",
        (
            f"The machine's own: {'; '.join(limits) or 'not measured'}. The share is of what its matrix products "
            "allow; it decides nothing."
        ),
        table(["work", "contestant", "examples a second", "share of the limit"], cells, right=(2, 3)),
    ]


def _campaigns(matrix: Matrix) -> list[str]:
    if not matrix.campaigns:
        return []
    titles = [
        "contestant",
        "threads",
        "work",
        "slowdown",
        "duels",
        "called different",
        "by medians and 5 %",
        "by Mann-Whitney",
    ]
    cells = [
        [
            escape(row.contestant),
            str(row.threads or "-"),
            f"`{row.work}`",
            f"{row.slowdown:.0%}",
            str(row.different.duels),
            *map(_rate, (row.different, row.threshold, row.unpaired)),
        ]
        for row in matrix.campaigns
    ]
    return [
        "### How often the instrument is wrong",
        _CAMPAIGNS,
        f"![{escape(_campaigns_alternative(matrix.campaigns))}](campaigns.svg)",
        table(titles, cells, right=(1, 3, 4)),
    ]


def _campaigns_alternative(rows: tuple[CampaignRow, ...]) -> str:
    return "; ".join(f"{row.different.duels} intervals at a slowdown of {row.slowdown:.0%}" for row in rows)


def _rate(rate: RateRow) -> str:
    return f"{rate.hits}: {rate.hits / rate.duels:.1%} (from {rate.at_least:.1%} to {rate.at_most:.1%})"


def _alternative(between: list[DuelRow]) -> str:
    duels = number_of(len(between), "duel", "duels")
    works = number_of(len({row.work for row in between}), "work", "works")
    return escape(f"Ratios of times, {duels} at {works}; the table below has the intervals")


def _intervals(found: list[DuelRow]) -> str:
    titles = [
        "work",
        "A",
        "B",
        "threads",
        "A's time over B's",
        "A, a call",
        "B, a call",
        "rounds",
        "builds",
        "pairs of processes",
        "ended by",
        "others' processors",
        "held",
    ]
    cells = [
        [
            f"`{row.work}`",
            escape(row.a.name),
            escape(row.b.name),
            " and ".join(map(str, sorted({row.a.threads, row.b.threads}))),
            ratio_in_words(row),
            _time(row.a.median),
            _time(row.b.median),
            str(row.rounds),
            str(row.builds or 1),
            str(row.processes or 1),
            row.stopped,
            "-" if row.others is None else f"{row.others:.2f}",
            row.started.replace("T", " ")[:16],
        ]
        for row in found
    ]
    return table(titles, cells, right=(3, 4, 5, 6, 7, 8, 9, 11))


def ratio_in_words(row: DuelRow) -> str:
    """The ratio to three digits with its interval."""
    low, high = row.ratio.low, row.ratio.high
    return f"{row.ratio.value:.3f} [{low:.3f}, {high:.3f}]" if low and high else f"{row.ratio.value:.3f}"


def _time(seconds: float) -> str:
    return f"{seconds:.3g} s" if seconds >= 1 else f"{seconds * 1e3:.3g} ms"


def _ran(matrix: Matrix) -> str:
    """A table of every contestant: its mode in words, versions, threads."""
    sides: dict[tuple[str, int], Side] = {}
    for row in matrix.duels:
        for side in (row.a, row.b):
            sides[side.name, side.threads] = side
    cells = [
        [
            escape(side.name),
            escape(side.means) + (" (recommended for speed)" if side.best else ""),
            escape(", ".join(f"{name} {version}" for name, version in sorted(side.versions.items()))),
            escape(side.arithmetic) or "-",
            escape(side.layout) or "-",
            escape(side.device),
            str(side.threads),
        ]
        for _, side in sorted(sides.items())
    ]
    titles = ["contestant", "mode", "versions", "arithmetic by", "images", "device", "threads"]
    return table(titles, cells, right=(6,))


def _beside(matrix: Matrix) -> list[str]:
    """What the turns do not show: medians over the duels of each contestant at each work, on so many threads."""
    found: dict[tuple[str, str, int], list[Side]] = {}
    for row in matrix.duels:
        for side in (row.a, row.b):
            if side.start_seconds and not side.script:
                found.setdefault((row.work, side.name, side.threads), []).append(side)
    if not found:
        return []

    def median(sides: list[Side], name: str) -> float:
        return float(statistics.median(getattr(side, name) for side in sides))

    cells = [
        [
            f"`{work}`",
            escape(who),
            str(threads),
            *(_time(median(sides, f"{name}_seconds")) for name in ("start", "build", "first")),
            _time(median(sides, "median")),
            f"{median(sides, 'peak_bytes') / 2**20:,.0f} MiB",
        ]
        for (work, who, threads), sides in sorted(found.items())
    ]
    titles = ["work", "contestant", "threads", "import", "build", "first call", "a later call", "peak memory"]
    return ["### Beside the turns", _BESIDE, table(titles, cells, right=(2, 3, 4, 5, 6, 7))]
