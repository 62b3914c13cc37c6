"""A program in another language: built, called, its answers compared. What ladders and bridges have in common."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Mapping

import attrs
import numpy as np

from fwconformance.bindings import Answer, BuildFailed, Built, ProgramFailed, ProgramLate, build, run, version
from fwconformance.frameworks import Project, Seen, Unavailable, refuse
from fwconformance.registry import fixtures_dir

if TYPE_CHECKING:
    from fwconformance.suitekit._cases import Case

Array = Any


@attrs.frozen(kw_only=True)
class Program:
    """A program that was built, for a case."""

    case: Case
    built: Built

    def answer(
        self,
        rung: str,
        tensors: Mapping[str, Array],
        numbers: Mapping[str, float] | None = None,
        files: Mapping[str, str] | None = None,
    ) -> Answer:
        """What the program gives. Raises AssertionError where it dies, ends with an error or leaves no answer,
        Unavailable where it does not end: what a program would have said is not known.
        """
        try:
            given = run(self.built, rung, self.case.tmp_path, tensors=tensors, numbers=numbers, files=files)
        except ProgramLate as late:
            raise Unavailable(str(late)) from late
        except ProgramFailed as failed:
            raise AssertionError(str(failed)) from failed
        self.case.figure(f"{self.built.project.folder} {rung}", given.seconds, "s")
        if given.unsupported:
            refuse(Seen(absent=True, evidence=f"{self.built.project.artifact}: {given.unsupported}"))
        return given

    def close(self, answer: Answer, name: str, expected: Array, what: str) -> None:
        """Assert that the program wrote a tensor `name`, and that it is `expected`."""
        assert name in answer.tensors, (
            f"the program wrote no tensor {name!r} but {', '.join(sorted(answer.tensors)) or 'none'}"
        )
        language = self.built.project.language
        self.case.assert_close(answer.tensors[name], np.asarray(expected), what=f"{what} from {language}")

    def says_its_version(self) -> str:
        """The version that it prints. Raises AssertionError where that is not what it should run with."""
        project = self.built.project
        try:
            said = version(self.built)
        except ProgramLate as late:
            raise Unavailable(str(late)) from late
        except ProgramFailed as failed:
            raise AssertionError(str(failed)) from failed
        assert said == project.version, (
            f"the program says that it runs with version {said!r} of {project.artifact}, installed is "
            f"{project.version!r}"
        )
        return said

    def met(self, answer: Answer, name: str, words: tuple[str, ...]) -> None:
        """Assert that the program caught an error `name` of its language, which has one of `words` in its message."""
        assert name in answer.errors, f"the program met no error of the language for a wrong {name}"
        kind, message = answer.errors[name]["type"], answer.errors[name]["message"]
        assert kind, f"the error for a wrong {name} has no type"
        assert any(word in message for word in words), (
            f"the error for a wrong {name}, {kind}, does not name {' or '.join(words)}: {message!r}"
        )


def built(project: Project) -> Built:
    """`project`, built. Raises what `build` does; Unsupported where the binding itself refused, in the tool's words."""
    try:
        return build(project, fixtures_dir() / "bindings")
    except BuildFailed as failed:
        if not project.refusal or not re.search(project.refusal, str(failed)):
            raise
        # Without paths and addresses, which are those of one machine, and without where Maven sends for help.
        said = re.sub(r" -> \[Help \d+\].*|; its log is .*| \(https?://[^)]*\)", "", str(failed))
        refuse(
            Seen(absent=True, evidence=f"{project.artifact} cannot be had, or does not fit what is installed: {said}")
        )
