"""Reading rules from their TOML form (see docs/architecture.md), with every fault and its place."""

from __future__ import annotations

from typing import Any, Callable, Mapping

import attrs

from fwconformance.registry._rules import (
    DEFAULT_MODES,
    All,
    Any_,
    AtLeast,
    Atom,
    Lacks,
    More,
    None_,
    Opinion,
    Ratio,
    RecordRule,
    Rule,
)


class RuleError(ValueError):
    """A rule that cannot be read. `problems`: every fault, each with its place in the rule ("rule.all[1]: ...")."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


def parse_rule(value: Any) -> Rule:
    """The rule that `value` (as TOML or JSON gives it) states. Raises RuleError with every fault and its place."""
    problems: list[str] = []
    rule = _parse(value, "rule", problems)
    if problems or rule is None:
        raise RuleError(problems)
    return rule


FORMS = '"area.name", capability, all, any, none, at_least, more, lacks, ratio, record, opinion'


def _parse(value: Any, where: str, problems: list[str]) -> Rule | None:
    if isinstance(value, str):
        return Atom(capability=value) if _capability(value, where, problems) else None
    if not isinstance(value, Mapping):
        problems.append(f"{where}: {value!r} is not a rule; write one of {FORMS}")
        return None
    if "capability" in value:
        return _parse_atom(value, where, problems)
    if len(value) != 1:
        keys = ", ".join(sorted(map(str, value))) or "nothing"
        problems.append(f"{where}: a rule has exactly one form, this has {keys}; write one of {FORMS}")
        return None
    ((form, inner),) = value.items()
    parser = _PARSERS.get(form)
    if parser is None:
        problems.append(f"{where}: {form!r} is not a form of rule; write one of {FORMS}")
        return None
    return parser(inner, f"{where}.{form}", problems)


def _parse_atom(value: Mapping[str, Any], where: str, problems: list[str]) -> Rule | None:
    before = len(problems)
    _only(value, ("capability", "subject", "environment"), where, problems)
    _capability(value["capability"], f"{where}.capability", problems)
    subject = _text(value, "subject", where, problems, needed=False)
    environment = _text(value, "environment", where, problems, needed=False)
    if subject and environment:
        problems.append(f"{where}: names both a subject and an environment; name one")
    if len(problems) > before:
        return None
    return Atom(capability=value["capability"], subject=subject, environment=environment)


def _parse_parts(value: Any, where: str, problems: list[str]) -> tuple[Rule, ...]:
    if not isinstance(value, (list, tuple)) or not value:
        problems.append(f"{where}: must be a list of at least one rule, not {value!r}")
        return ()
    parts = []
    for index, item in enumerate(value):
        part = _parse(item, f"{where}[{index}]", problems)
        if part is None:
            continue
        if part in parts:
            problems.append(f"{where}[{index}]: stands in this list twice; write it once")
        parts.append(part)
    return tuple(parts)


def _parse_all(value: Any, where: str, problems: list[str]) -> Rule | None:
    return All(parts=_parse_parts(value, where, problems))


def _parse_any(value: Any, where: str, problems: list[str]) -> Rule | None:
    return Any_(parts=_parse_parts(value, where, problems))


def _parse_none(value: Any, where: str, problems: list[str]) -> Rule | None:
    return None_(parts=_parse_parts(value, where, problems))


def _parse_at_least(value: Any, where: str, problems: list[str]) -> Rule | None:
    if not _table(value, ("n", "of"), where, problems):
        return None
    parts = _parse_parts(value.get("of"), f"{where}.of", problems)
    n = _count(value.get("n"), len(parts), f"{where}.n", problems)
    return AtLeast(n=n, parts=parts)


def _parse_more(value: Any, where: str, problems: list[str]) -> Rule | None:
    if not _table(value, ("of", "subject", "than"), where, problems):
        return None
    of = _texts(value, "of", where, problems)
    for index, capability in enumerate(of):
        _capability(capability, f"{where}.of[{index}]", problems)
    subject = _text(value, "subject", where, problems)
    than = _texts(value, "than", where, problems)
    if subject in than:
        problems.append(f"{where}: compares {subject!r} with itself; take it out of than")
    return More(of=of, subject=subject or "", than=than)


def _parse_lacks(value: Any, where: str, problems: list[str]) -> Rule | None:
    if not _table(value, tuple(field.name for field in attrs.fields(Lacks)), where, problems):
        return None
    of = _text(value, "of", where, problems) or ""
    if of:
        _capability(of, f"{where}.of", problems)
    case, subject, than = (_text(value, name, where, problems) or "" for name in ("case", "subject", "than"))
    if subject and subject == than:
        problems.append(f"{where}: compares {subject!r} with itself; name another in than")
    n = value.get("n", 1)
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        problems.append(f"{where}.n: must be a whole number from 1 on, not {n!r}")
        n = 1
    return Lacks(of=of, case=case, subject=subject, than=than, n=n)


def _parse_ratio(value: Any, where: str, problems: list[str]) -> Rule | None:
    if not _table(value, tuple(field.name for field in attrs.fields(Ratio)), where, problems):
        return None
    measure = _text(value, "measure", where, problems) or ""
    if measure:
        _capability(measure, f"{where}.measure", problems)
    of = _text(value, "of", where, problems) or ""
    over = _texts(value, "over", where, problems)
    if of and of in over:
        problems.append(f"{where}: compares {of!r} with itself; take it out of over")
    works = _texts(value, "works", where, problems)
    modes = _texts(value, "modes", where, problems) if "modes" in value else DEFAULT_MODES
    quantity = _text(value, "quantity", where, problems) or ""
    above = _margin(value, "above", where, problems)
    at_most = _margin(value, "at_most", where, problems)
    if ("above" in value) == ("at_most" in value):
        problems.append(f"{where}: needs one margin, above or at_most; for both write two ratios under all")
    some = _count(value["some"], len(over), f"{where}.some", problems) if "some" in value else None
    return Ratio(
        measure=measure,
        of=of,
        over=over,
        works=works,
        modes=modes,
        quantity=quantity,
        above=above,
        at_most=at_most,
        some=some,
    )


def _parse_record(value: Any, where: str, problems: list[str]) -> Rule | None:
    if value is not True:
        problems.append(f"{where}: must be true, not {value!r}; the records themselves stand in records.toml")
        return None
    return RecordRule()


def _parse_opinion(value: Any, where: str, problems: list[str]) -> Rule | None:
    if not isinstance(value, str) or not value.strip():
        problems.append(f'{where}: must say why nothing decides it ("a preference"), not {value!r}')
        return None
    return Opinion(reason=value)


_PARSERS: dict[str, Callable[[Any, str, list[str]], Rule | None]] = {
    "all": _parse_all,
    "any": _parse_any,
    "none": _parse_none,
    "at_least": _parse_at_least,
    "more": _parse_more,
    "lacks": _parse_lacks,
    "ratio": _parse_ratio,
    "record": _parse_record,
    "opinion": _parse_opinion,
}


def _capability(value: Any, where: str, problems: list[str]) -> bool:
    if isinstance(value, str) and len(value.split(".")) >= 2 and all(part.strip() for part in value.split(".")):
        return True
    problems.append(f'{where}: {value!r} is not a capability id; write "area.name"')
    return False


def _table(value: Any, names: tuple[str, ...], where: str, problems: list[str]) -> bool:
    if not isinstance(value, Mapping):
        problems.append(f"{where}: must be a table with {', '.join(names)}, not {value!r}")
        return False
    _only(value, names, where, problems)
    return True


def _only(value: Mapping[str, Any], names: tuple[str, ...], where: str, problems: list[str]) -> None:
    unknown = sorted(set(map(str, value)) - set(names))
    problems.extend(f"{where}: has no field {name!r}; its fields are {', '.join(names)}" for name in unknown)


def _text(value: Mapping[str, Any], name: str, where: str, problems: list[str], *, needed: bool = True) -> str | None:
    found = value.get(name)
    if found is None and not needed:
        return None
    if isinstance(found, str) and found.strip():
        return found
    problems.append(f"{where}: {name} is missing" if found is None else f"{where}.{name}: must be text, not {found!r}")
    return None


def _texts(value: Mapping[str, Any], name: str, where: str, problems: list[str]) -> tuple[str, ...]:
    found = value.get(name)
    listed = found if isinstance(found, (list, tuple)) else ()
    if not listed or not all(isinstance(item, str) and item.strip() for item in listed):
        problems.append(f"{where}.{name}: must be a list of at least one text, not {found!r}")
        return ()
    if len(set(listed)) != len(listed):
        problems.append(f"{where}.{name}: names one thing twice; write it once")
    return tuple(listed)


def _margin(value: Mapping[str, Any], name: str, where: str, problems: list[str]) -> float | None:
    found = value.get(name)
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, (int, float)) or not 0 < found < float("inf"):
        problems.append(f"{where}.{name}: must be a number above 0, not {found!r}")
        return None
    return float(found)


def _count(found: Any, of: int, where: str, problems: list[str]) -> int:
    if isinstance(found, bool) or not isinstance(found, int) or not 1 <= found <= max(of, 1):
        problems.append(f"{where}: must be a whole number from 1 to {of}, not {found!r}")
        return 1
    return found
