"""Which suites are run, and how they are collected: files named one by one, under node ids of their own, each test
with its mark.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Iterable, Iterator, Sequence

import attrs
import pytest

from fwconformance.plugin._finders import give_specs

if TYPE_CHECKING:
    from fwconformance.registry import Registry

#: First part of every node id, wherever the suites lie.
PREFIX = "suites"

#: On items whose mark was found right: its (capability, case).
PAIR = pytest.StashKey["tuple[str, str]"]()


def _resolved(path: str | os.PathLike[str]) -> Path:
    return Path(path).resolve()


@attrs.frozen(kw_only=True)
class Suites:
    """Suites and what they test.

    Attributes:
        directory: holds the test files, `test_*.py` at any depth.
        registry: declares their capabilities and cases.
        content: "sha256:..." over what decides a result, for the header.
        pairs: (capability, case) of all that may have a test.
    """

    directory: Path = attrs.field(converter=_resolved)
    registry: Registry
    content: str
    pairs: frozenset[tuple[str, str]] = attrs.field(init=False, repr=False, eq=False)

    @pairs.default
    def _pairs(self) -> frozenset[tuple[str, str]]:
        return frozenset((one.id, case.id) for one in self.registry.active() for case in one.cases)

    @classmethod
    def bundled(cls) -> Suites:
        """The suites of this package. Raises pytest.UsageError where they or the registry are damaged."""
        from fwconformance import registry

        try:
            return cls(
                directory=registry.suites_dir(),
                registry=registry.load_registry(judging=False),
                content=registry.suite_content(),
            )
        except (FileNotFoundError, registry.RegistryError) as error:
            raise pytest.UsageError(str(error)) from error

    def files(self) -> list[Path]:
        """Every test file, sorted."""
        return sorted(path for path in self.directory.rglob("test_*.py") if "__pycache__" not in path.parts)

    def select(self, paths: Sequence[str], working: Path) -> list[str]:
        """Arguments for pytest: every test file, or those that `paths` (files, folders, node ids below suites/) name.

        Raises pytest.UsageError for a path that is none of the suites.
        """
        files = self.files()
        if not files:
            raise pytest.UsageError(f"there is no test file in the suites at {self.directory}; reinstall fwconformance")
        if not paths:
            return [str(path) for path in files]
        chosen: dict[str, None] = {}
        for given in paths:
            name, separator, rest = given.partition("::")
            path = self._inside(name, working)
            if path is None:
                raise pytest.UsageError(
                    f"{given}: --framework runs the bundled suites only, and this is none of them; leave it out, or "
                    "name a file or folder "
                    f"below {PREFIX}/ (your own tests run without --framework)"
                )
            found = [file for file in files if file == path or path in file.parents]
            if not found or (separator and path not in found):
                raise pytest.UsageError(
                    f"{given}: the suites have no such test file; `pytest --framework=... --collect-only -q` lists them"
                )
            chosen.update(dict.fromkeys(f"{file}{separator}{rest}" for file in found))
        return list(chosen)

    def _inside(self, name: str, working: Path) -> Path | None:
        candidates = [(working / name).resolve()]
        parts = Path(name).parts
        if parts[:1] == (PREFIX,):
            candidates.insert(0, self.directory.joinpath(*parts[1:]).resolve())
        for path in candidates:
            if path == self.directory or self.directory in path.parents:
                return path
        return None

    def holds(self, path: Path) -> bool:
        """Whether `path` lies in the suites."""
        return self.directory in path.parents

    def node_id(self, path: Path) -> str:
        """Node id of a file: the same in a checkout and in an installation."""
        return "/".join((PREFIX, *path.relative_to(self.directory).parts))


class SuiteModule(pytest.Module):
    """A file of the suites. Its tests are checked against the registry as they are collected."""

    suites: Suites

    def collect(self) -> Iterator[Any]:
        give_specs()
        for node in super().collect():
            if isinstance(node, pytest.Item):
                problem = check_mark(node, self.suites)
                if problem:
                    raise self.CollectError(problem)
            yield node


class AbsentModule(pytest.Module):
    """Stands for all suites where nothing can run: one item for each case, no suite is imported."""

    cases: Iterable[tuple[str, str]]
    reason: str

    def collect(self) -> Iterator[Any]:
        for capability, case in self.cases:
            item = AbsentCase.from_parent(self, name=f"{capability}:{case}")
            item.add_marker(pytest.mark.capability(capability, case))
            yield item


class AbsentCase(pytest.Item):
    """A case that cannot run here at all."""

    parent: AbsentModule

    def runtest(self) -> None:
        from fwconformance.frameworks import Unavailable

        raise Unavailable(self.parent.reason)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, self.name


def check_mark(item: pytest.Item, suites: Suites) -> str:
    """What is wrong with the capability mark of `item`; "" where nothing is."""
    marks = [mark for mark in item.own_markers if mark.name == "capability"]
    if len(marks) != 1:
        marks = list(item.iter_markers("capability"))  # also those of its class and module
    where = item.name + ":"  # the error of the collection names the file
    usage = '@pytest.mark.capability("area.name", "case")'
    if len(marks) != 1:
        return f"{where} carries {len(marks) or 'no'} capability marks; a suite test carries one: {usage}"
    mark = marks[0]
    if len(mark.args) != 2 or mark.kwargs or not all(isinstance(argument, str) for argument in mark.args):
        return f"{where} its mark is {mark.args}; write {usage}"
    name, case = mark.args
    if (name, case) in suites.pairs:
        item.stash[PAIR] = (name, case)
        return ""
    registry = suites.registry
    capability = registry.capabilities.get(name)
    if capability is None:
        area = sorted(known for known in registry.capabilities if known.split(".")[0] == name.split(".")[0])
        known = ", ".join(area or sorted({f"{known.split('.')[0]}.*" for known in registry.capabilities}))
        return (
            f"{where} unknown capability {name!r}; there are: {known}. Declare it in capabilities.toml or "
            "correct the mark"
        )
    if not capability.active:
        return f"{where} capability {name!r} is planned; make it active in capabilities.toml"
    cases = ", ".join(one.id for one in capability.cases)
    return f"{where} capability {name!r} has no case {case!r}; it has: {cases}"


def pair_of(item: pytest.Item) -> tuple[str, str]:
    """(capability, case) that `item` is marked with."""
    pair = item.stash.get(PAIR, None)
    if pair is None:
        mark = item.get_closest_marker("capability")
        assert mark is not None
        pair = item.stash[PAIR] = (mark.args[0], mark.args[1])
    return pair
