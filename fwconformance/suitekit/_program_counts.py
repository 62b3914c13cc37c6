"""What is counted of a program: tokens, names of the framework, statements. The rules stand in docs/usability.md."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from typing import Iterator, Sequence

import attrs

_LAYOUT = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}
_MODEL, _RESULT = "# Model and training", "# Result"
_PROTOTXT = re.compile(r"#[^\n]*|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|[-+.\w]+|[{}:\[\],;<>]")


@attrs.frozen(kw_only=True)
class Counts:
    """Of one program.

    Attributes:
        tokens: of Python's tokenizer, without comments, docstrings, imports and layout.
        names: of the framework, each once, sorted: qualified ("torch.nn.Linear"), or ".backward" of an object.
        statements: of its syntax tree without docstrings and imports, those inside others counted too.
        model_statements: of these, those between the lines "# Model and training" and "# Result".
    """

    tokens: int
    names: tuple[str, ...]
    statements: int
    model_statements: int


def count_program(text: str, roots: Sequence[str], *, prototxt: Sequence[str] = ()) -> Counts:
    """Count the Python program `text`, whose framework's top-level modules are `roots`.

    Args:
        text: source.
        roots: an import of one of them, or of what is in them, makes its names the framework's.
        prototxt: texts of the prototxt files that it reads; their tokens and statements are added, and each type of
            layer that they name is a name.

    Raises SyntaxError where it is no Python, ValueError where the two lines that divide it are not there once each.
    """
    tree = ast.parse(text)
    lines = text.splitlines()
    for mark in (_MODEL, _RESULT):
        if lines.count(mark) != 1:
            raise ValueError(f"a program has the line {mark!r} once, this one {lines.count(mark)} times")
    first, last = lines.index(_MODEL) + 1, lines.index(_RESULT) + 1
    statements = list(_statements(tree))
    within = [node for node in statements if first < node.lineno < last]
    return Counts(
        tokens=len(tokens_of(text)) + sum(len(prototxt_tokens(one)) for one in prototxt),
        names=tuple(sorted({*names_of(tree, roots), *(name for one in prototxt for name in _layer_types(one, roots))})),
        statements=len(statements) + sum(prototxt_tokens(one).count(":") for one in prototxt),
        model_statements=len(within),
    )


def tokens_of(text: str) -> list[tokenize.TokenInfo]:
    """The tokens of `text` that count."""
    left_out = [(node.lineno, node.end_lineno or node.lineno) for node in _left_out(ast.parse(text))]
    return [
        token
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type not in _LAYOUT and not any(first <= token.start[0] <= last for first, last in left_out)
    ]


def prototxt_tokens(text: str) -> list[str]:
    """Names, numbers, strings and punctuation of a text in Protocol Buffers' text format, comments left out."""
    return [token for token in _PROTOTXT.findall(text) if not token.startswith("#")]


def names_of(tree: ast.AST, roots: Sequence[str]) -> set[str]:
    """Names of the framework in a program.

    A chain that starts at an import of the framework is one qualified name. An attribute of anything else counts by
    itself (".backward"), but for the program's own (assigned or defined in it), those of other imports and of the data
    that a task gives, and the methods of Python's own containers.
    """
    imports = imports_of(tree)
    framework = {local: full for local, full in imports.items() if full.split(".")[0] in roots}
    foreign = set(imports) - set(framework)
    foreign |= _data(tree, foreign)
    own = _own_attributes(tree)
    found: set[str] = set()
    for node in _outermost(tree):
        if isinstance(node, ast.Name):
            if node.id in framework:
                found.add(framework[node.id])
            continue
        base, chain = _chain(node)
        if isinstance(base, ast.Name) and base.id in framework:
            found.add(".".join((framework[base.id], *chain)))
        elif _root(base) not in foreign:
            found.update(f".{name}" for name in chain if name not in own and not name.startswith("__"))
    return found


def _chain(node: ast.Attribute) -> tuple[ast.expr, list[str]]:
    """What the attributes hang on, and their names from there on."""
    chain: list[str] = []
    here: ast.expr = node
    while isinstance(here, ast.Attribute):
        chain.insert(0, here.attr)
        here = here.value
    return here, chain


def _root(node: ast.AST) -> str:
    """The name that an expression of attributes, calls and subscripts starts at; "" for another."""
    while isinstance(node, (ast.Attribute, ast.Call, ast.Subscript)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _data(tree: ast.AST, foreign: set[str]) -> set[str]:
    """Variables that hold what a call of a foreign import gave: the arrays of the task."""
    return {
        name.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and _root(node.value) in foreign
        for target in node.targets
        for name in ast.walk(target)
        if isinstance(name, ast.Name)
    }


def _outermost(tree: ast.AST) -> Iterator[ast.Name | ast.Attribute]:
    """Names and the outermost attribute of each chain; what is inside a chain's base is walked too."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.Attribute):
            yield child
            base, _ = _chain(child)
            if not isinstance(base, ast.Name):
                yield from _outermost(ast.Expr(value=base))
        elif isinstance(child, ast.Name):
            yield child
        else:
            yield from _outermost(child)


def imports_of(tree: ast.AST) -> dict[str, str]:
    """Local name to what it stands for."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                found[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                found[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return found


def _own_attributes(tree: ast.AST) -> set[str]:
    stored = {
        node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    }
    defined = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    of_python = {name for kind in (str, list, dict, tuple) for name in dir(kind)}
    return stored | defined | of_python


def _statements(tree: ast.AST) -> Iterator[ast.stmt]:
    left_out = {id(node) for node in _left_out(tree)}
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and id(node) not in left_out:
            yield node


def _left_out(tree: ast.AST) -> Iterator[ast.stmt]:
    """Imports and docstrings."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield node
        if (
            isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
            and ast.get_docstring(node, clean=False) is not None
        ):
            yield node.body[0]


def _layer_types(text: str, roots: Sequence[str]) -> Iterator[str]:
    tokens = prototxt_tokens(text)
    for key, colon, value in zip(tokens, tokens[1:], tokens[2:]):
        if (key, colon) == ("type", ":") and value[:1] in "\"'":
            yield f"{roots[0]}.layers.{value[1:-1]}"
