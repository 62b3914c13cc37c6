"""Rules: what decides a claim, as an expression over capabilities, ratios and records.

Plain data; the folding is in `verdicts`. `rule_to_data` writes the TOML form (see docs/architecture.md), which
`_rule_parser` reads.
"""

from __future__ import annotations

from typing import Any, Union

import attrs

DEFAULT_MODES = ("default",)


@attrs.frozen(kw_only=True)
class Atom:
    """One capability's cell: of `subject` (None: the claim's own) in its primary environment, or in `environment`."""

    capability: str
    subject: str | None = None
    environment: str | None = None

    def capabilities(self) -> tuple[str, ...]:
        return (self.capability,)


@attrs.frozen(kw_only=True)
class All:
    """Every part holds."""

    parts: tuple[Rule, ...]

    def capabilities(self) -> tuple[str, ...]:
        return _rest(self.parts)


@attrs.frozen(kw_only=True)
class Any_:  # noqa: N801 - typing.Any stands beside it
    """At least one part holds."""

    parts: tuple[Rule, ...]

    def capabilities(self) -> tuple[str, ...]:
        return _rest(self.parts)


@attrs.frozen(kw_only=True)
class None_:  # noqa: N801 - None is taken
    """No part holds, each shown to be unsupported: a failing cell does not count as absence."""

    parts: tuple[Rule, ...]

    def capabilities(self) -> tuple[str, ...]:
        return _rest(self.parts)


@attrs.frozen(kw_only=True)
class AtLeast:
    """At least `n` of the parts hold."""

    n: int
    parts: tuple[Rule, ...]

    def capabilities(self) -> tuple[str, ...]:
        return _rest(self.parts)


@attrs.frozen(kw_only=True)
class More:
    """`subject` supports more of the capabilities `of` than each in `than` does, in their primary environments."""

    of: tuple[str, ...]
    subject: str
    than: tuple[str, ...]

    def capabilities(self) -> tuple[str, ...]:
        return tuple(sorted(set(self.of)))


@attrs.frozen(kw_only=True)
class Ratio:
    """A measured ratio, quantity(`of`) / quantity(each of `over`), the median over `works`, against one margin.

    Attributes:
        measure: id of the capability that measures it; a planned one means that nothing measures it yet.
        of, over: subjects. works: names of what both do, in the words of the measure.
        modes: "default", "best", ...: it must hold in each of them.
        quantity: what is compared ("time", "throughput", "size", ...), in the words of the measure.
        above: holds where the interval's lower bound lies above this.
        at_most: holds where its upper bound is not above this. Exactly one of the two margins is given.
        some: for how many of `over` it must hold; None for all of them.
    """

    measure: str
    of: str
    over: tuple[str, ...]
    works: tuple[str, ...]
    quantity: str
    modes: tuple[str, ...] = DEFAULT_MODES
    above: float | None = None
    at_most: float | None = None
    some: int | None = None

    def capabilities(self) -> tuple[str, ...]:
        return (self.measure,)

    @property
    def needed(self) -> int:
        """For how many of `over` it must hold."""
        return len(self.over) if self.some is None else self.some


@attrs.frozen(kw_only=True)
class Lacks:
    """`subject` lacks at least `n` things that `than` has: of what case `case` of the capability `of` looks at one by
    one, those that it found "right" in one and "lacking" in the other (`Case.detail`), in their primary environments.
    """

    of: str
    case: str
    subject: str
    than: str
    n: int = 1

    def capabilities(self) -> tuple[str, ...]:
        return (self.of,)


@attrs.frozen(kw_only=True)
class RecordRule:
    """The dated records of the claim itself, in the era asked for."""

    def capabilities(self) -> tuple[str, ...]:
        return ()


@attrs.frozen(kw_only=True)
class Opinion:
    """Nothing decides it; `reason` is what the verdict says."""

    reason: str

    def capabilities(self) -> tuple[str, ...]:
        return ()


Rule = Union[Atom, All, Any_, None_, AtLeast, More, Lacks, Ratio, RecordRule, Opinion]


def _rest(parts: tuple[Rule, ...]) -> tuple[str, ...]:
    return tuple(sorted({capability for part in parts for capability in part.capabilities()}))


def walk_rule(rule: Rule) -> tuple[Rule, ...]:
    """`rule` and every rule inside it, outermost first, in the order written."""
    inner: tuple[Rule, ...] = getattr(rule, "parts", ())
    return (rule, *(found for part in inner for found in walk_rule(part)))


def rule_to_data(rule: Rule) -> Any:
    """The TOML (and JSON) form of `rule`; `parse_rule` gives the rule back."""
    if isinstance(rule, Atom):
        if rule.subject is None and rule.environment is None:
            return rule.capability
        return {key: value for key, value in attrs.asdict(rule).items() if value is not None}
    if isinstance(rule, All):
        return {"all": [rule_to_data(part) for part in rule.parts]}
    if isinstance(rule, Any_):
        return {"any": [rule_to_data(part) for part in rule.parts]}
    if isinstance(rule, None_):
        return {"none": [rule_to_data(part) for part in rule.parts]}
    if isinstance(rule, AtLeast):
        return {"at_least": {"n": rule.n, "of": [rule_to_data(part) for part in rule.parts]}}
    if isinstance(rule, More):
        return {"more": {"of": list(rule.of), "subject": rule.subject, "than": list(rule.than)}}
    if isinstance(rule, Lacks):
        return {"lacks": attrs.asdict(rule)}
    if isinstance(rule, Ratio):
        fields = attrs.asdict(rule)
        given = {key: value for key, value in fields.items() if value is not None}
        return {"ratio": {key: list(value) if isinstance(value, tuple) else value for key, value in given.items()}}
    if isinstance(rule, RecordRule):
        return {"record": True}
    return {"opinion": rule.reason}
