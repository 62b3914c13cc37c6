"""Journal records as lines of JSON: sorted keys, no spaces, ASCII, no NaN.

Written by hand, not by `json.dumps`, because a start and an observation are written for every case and must not be
what a run waits for.
"""

from __future__ import annotations

import json
import math
from json.encoder import encode_basestring_ascii as quote
from typing import Any, Mapping, Sequence

from fwconformance.evidence import Details, Figure, Header, Level, Observation, Outcome, details_to_json

#: Schema of a journal: name and major version. Minor changes only add fields and record kinds, which readers ignore.
SCHEMA = "fwconformance.shard/1"

# Reading an enumeration's value is a call.
_WORDS: Mapping[Level | Outcome | None, str] = {
    None: "null",
    **{word: quote(word.value) for word in Level},
    **{word: quote(word.value) for word in Outcome},
}


def header_line(header: Header) -> str:
    """The first record."""
    return dump({"record": "header", "schema": SCHEMA, **header.to_json()})


def start_line(capability: str, case: str, attempt: int) -> str:
    """The record written before a case runs."""
    return f'{{"attempt":{attempt:d},"capability":{quote(capability)},"case":{quote(case)},"record":"start"}}\n'


def observation_line(observation: Observation) -> str:
    """The record of what a case saw. Raises ValueError for a figure or duration that is not finite."""
    return line_of(
        observation.attempt,
        observation.key.capability,
        observation.key.case,
        observation.details,
        observation.device_observed,
        observation.duration,
        observation.figures,
        observation.finding,
        observation.level,
        observation.message,
        observation.outcome,
    )


def line_of(  # noqa: PLR0917  in the order of the fields of an observation
    attempt: int,
    capability: str,
    case: str,
    details: Details,
    devices: Sequence[str],
    duration: float | None,
    measured: Mapping[str, Figure],
    finding: str | None,
    level: Level | None,
    message: str,
    outcome: Outcome,
) -> str:
    """`observation_line` of what is no `Observation` yet: making one for every case is half of what a case costs."""
    return (
        f'{{"attempt":{attempt:d},"capability":{quote(capability)},"case":{quote(case)}'
        f"{_details(details) if details else ''}"
        f',"device_observed":[{",".join(map(quote, devices))}]'
        f',"duration":{"null" if duration is None else number(duration)}'
        f',"figures":{figures(measured) if measured else "{}"}'
        f',"finding":{"null" if finding is None else quote(finding)}'
        f',"level":{_WORDS[level]},"message":{quote(message)},"outcome":{_WORDS[outcome]}'
        ',"record":"observation"}\n'
    )


def figures(values: Mapping[str, Figure]) -> str:
    """Figures by name, sorted."""
    return "{" + ",".join(f"{quote(name)}:{_figure(values[name])}" for name in sorted(values)) + "}"


def _details(details: Details) -> str:
    return f',"details":{dump(details_to_json(details)).rstrip()}'


def _figure(figure: Figure) -> str:
    low = "" if figure.low is None else f'"low":{number(figure.low)},'
    high = "" if figure.high is None else f'"high":{number(figure.high)},'
    return f'{{{high}{low}"unit":{quote(figure.unit)},"value":{number(figure.value)}}}'


def number(value: float) -> str:
    """`value` as JSON. Raises ValueError where JSON has no such number."""
    if not math.isfinite(value):
        raise ValueError(f"{value} is not a figure: JSON knows finite numbers only")
    return repr(float(value)) if not isinstance(value, int) else repr(int(value))


def dump(payload: Mapping[str, Any]) -> str:
    """A record that is written once or twice in a run."""
    return json.dumps(payload, sort_keys=True, allow_nan=False, separators=(",", ":")) + "\n"
