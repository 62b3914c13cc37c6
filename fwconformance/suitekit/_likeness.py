"""How alike two programs are once the names of their frameworks are mapped; the measure stands in docs/usability.md."""

from __future__ import annotations

import ast
import difflib
import functools
import keyword
import tokenize
from typing import Mapping

from fwconformance.frameworks._idiomatic import Idiom
from fwconformance.registry import fixtures_dir
from fwconformance.registry._read import read_toml
from fwconformance.suitekit._program_counts import imports_of, tokens_of


def likeness(one: tuple[str, str], other: tuple[str, str]) -> float:
    """From 0 to 1 for two (program, framework): the share of `words` that match in order, both directions."""
    sides = words(*one), words(*other)
    ratios = [difflib.SequenceMatcher(None, *order, autojunk=False).ratio() for order in (sides, sides[::-1])]
    return sum(ratios) / len(ratios)


def words(text: str, framework: str) -> list[str]:
    """The program's tokens in neutral words.

    A chain that starts at an import of the framework, or an attribute, is what `fixtures/usability/names.toml` says it
    stands for, else its last part; names of the program's own are "name", numbers "number", texts "text".
    """
    roots = Idiom(framework=framework).roots
    meanings = _meanings()
    imports = {local: full for local, full in imports_of(ast.parse(text)).items() if full.split(".")[0] in roots}
    found: list[str] = []
    tokens = tokens_of(text)
    place = 0
    while place < len(tokens):
        token = tokens[place]
        if token.type == tokenize.NUMBER:
            found.append("number")
        elif token.type == tokenize.STRING:
            found.append("text")
        elif token.type != tokenize.NAME or keyword.iskeyword(token.string):
            found.append(token.string)
        elif token.string in imports:
            name = imports[token.string]
            while (
                place + 2 < len(tokens) and tokens[place + 1].string == "." and tokens[place + 2].type == tokenize.NAME
            ):
                name, place = f"{name}.{tokens[place + 2].string}", place + 2
            found.append(meanings.get(name, name.rsplit(".", 1)[-1]))
        elif place and tokens[place - 1].string == ".":
            found.append(meanings.get(f".{token.string}", token.string))
        else:
            found.append("name")
        place += 1
    return found


@functools.lru_cache(maxsize=None)
def _meanings() -> Mapping[str, str]:
    """A framework's name to the neutral word."""
    problems: list[str] = []
    table = read_toml(fixtures_dir() / "usability" / "names.toml", problems)
    if problems:
        raise ValueError("; ".join(problems))
    return {name: neutral for neutral, names in table["names"].items() for name in names}
