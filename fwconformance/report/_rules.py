"""A claim's rule in words, from the form in which the claim file and the matrix have it."""

from __future__ import annotations

from typing import Any, Iterator, Mapping

_STEP = "  "
_PARTS = {"all": "all of:", "any": "at least one of:", "none": "none of:"}


def rule_in_words(rule: Any) -> str:
    """`rule` as an outline, a line for each part, parts of parts indented."""
    return "\n".join(_lines(rule, ""))


def _lines(rule: Any, indent: str) -> Iterator[str]:
    if isinstance(rule, str):
        yield indent + rule
    elif "capability" in rule:
        yield indent + _atom(rule)
    else:
        ((form, inner),) = rule.items()
        if form in _PARTS:
            yield indent + _PARTS[form]
            yield from _parts(inner, indent)
        elif form == "at_least":
            yield f"{indent}at least {inner['n']} of:"
            yield from _parts(inner["of"], indent)
        elif form == "more":
            yield f"{indent}{inner['subject']} supports more of these than {_listed(inner['than'], ' and ')}:"
            yield from _parts(inner["of"], indent)
        elif form == "lacks":
            yield (
                f"{indent}{inner['subject']} lacks {inner['n']} or more of what {inner['than']} has, "
                f"by {inner['of']}:{inner['case']}"
            )
        elif form == "ratio":
            yield indent + _ratio(inner)
        elif form == "record":
            yield indent + "the dated records of this claim"
        elif form == "opinion":
            yield f"{indent}an opinion, which nothing decides: {inner}"
        else:  # of a newer minor version
            yield f"{indent}{form}: {inner}"


def _parts(parts: Any, indent: str) -> Iterator[str]:
    for part in parts:
        yield from _lines(part, indent + _STEP)


def _atom(rule: Mapping[str, Any]) -> str:
    if rule.get("environment"):
        return f"{rule['capability']} in {rule['environment']}"
    return f"{rule['capability']} of {rule['subject']}" if rule.get("subject") else str(rule["capability"])


def _ratio(rule: Mapping[str, Any]) -> str:
    margin = f"above {rule['above']:g}" if "above" in rule else f"at most {rule['at_most']:g}"
    over = _listed(rule["over"], ", ")
    if len(rule["over"]) > 1:
        over = f"{rule.get('some') or 'each'} of {over}"
    modes = [mode for mode in rule.get("modes", ()) if mode != "default"]
    named = f", in each of the modes {_listed(rule['modes'], ', ')}" if modes else ""
    return (
        f"{rule['quantity']} of {rule['of']} over {over}, {margin}{named}; "
        f"by {rule['measure']} at {_listed(rule['works'], ', ')}"
    )


def _listed(names: Any, between: str) -> str:
    return between.join(map(str, names))
