"""From an exception to an outcome."""

from __future__ import annotations

import os.path
import re
from typing import TYPE_CHECKING, Iterator

import attrs
import pytest

from fwconformance.evidence import Outcome
from fwconformance.frameworks import NotAdapted, Unavailable, Unsupported

if TYPE_CHECKING:
    from types import TracebackType

    from fwconformance.registry import Finding

# Libraries through which a suite may assert: frames of theirs say nothing about whose assertion it was.
_ASSERTING = re.compile(
    r"[\\/](numpy[\\/](testing|_utils)|unittest|hypothesis|_pytest|contextlib\.py|_hypothesis_pytestplugin\.py"
    r"|fwconformance[\\/]plugin[\\/]_case\.py)"
)


class FrameworkNotMade(Exception):
    """The framework's import or its adapter's constructor raised, which says nothing about any case."""


@attrs.frozen(kw_only=True)
class Classified:
    """What an exception amounts to.

    Attributes:
        outcome: of the case.
        message: the reason, not yet scrubbed.
        finding: id of the known finding that explains it, else None.
    """

    outcome: Outcome
    message: str
    finding: str | None = None


class Classifier:
    """Tells the framework's faults from ours.

    Args:
        ours: folders whose assertions are verdicts on the framework: the suites, and what they assert with.
    """

    def __init__(self, ours: tuple[str, ...]) -> None:
        self._ours = tuple(os.path.realpath(folder) + os.sep for folder in ours)

    def __call__(
        self, error: BaseException, trace: TracebackType | None, findings: tuple[Finding, ...] = ()
    ) -> Classified:
        """What `error`, raised with `trace`, amounts to, given the findings known of this case."""
        text = _text(error)
        if isinstance(error, Unsupported) and error.probe is None:
            message = f"our adapter does not do this yet: it says so without a probe: {text}"
            return Classified(outcome=Outcome.UNAVAILABLE, message=message.rstrip(": "))
        if isinstance(error, Unsupported):
            return Classified(outcome=Outcome.UNSUPPORTED, message=text or "without a reason")
        if isinstance(error, NotAdapted):
            prefix = "" if text.startswith("our adapter") else "our adapter does not do this yet: "
            return Classified(outcome=Outcome.UNAVAILABLE, message=(prefix + text).rstrip(": "))
        if isinstance(error, Unavailable):
            return Classified(outcome=Outcome.UNAVAILABLE, message=text or "without a reason")
        if isinstance(error, pytest.skip.Exception):
            return Classified(outcome=Outcome.UNAVAILABLE, message=text or "skipped without a reason")
        if isinstance(error, FrameworkNotMade):
            return Classified(outcome=Outcome.BROKEN, message=text)
        if type(error).__name__ == "SeamViolation" and hasattr(error, "kind"):
            outcome = Outcome.FAILED if error.kind == "device" else Outcome.BROKEN
            return self._explained(outcome, error, text, findings)
        if isinstance(error, (AssertionError, pytest.fail.Exception)) and self._is_ours(trace):
            return self._explained(Outcome.FAILED, error, text or "an assertion without a message", findings)
        return self._explained(Outcome.BROKEN, error, f"{type(error).__name__}: {text}".rstrip(": "), findings)

    def _explained(
        self, outcome: Outcome, error: BaseException, message: str, findings: tuple[Finding, ...]
    ) -> Classified:
        """An exception from inside a framework is the framework's fault only where a finding says so."""
        for finding in findings:
            if any(_matches(finding, cause, outcome) for cause in _causes(error)):
                return Classified(outcome=Outcome.FAILED, message=message, finding=finding.id)
        return Classified(outcome=outcome, message=message)

    def _is_ours(self, trace: TracebackType | None) -> bool:
        for path in reversed(_files(trace)):
            if path.startswith("<") or _ASSERTING.search(path):
                continue
            return os.path.realpath(path).startswith(self._ours)
        return True


def _matches(finding: Finding, error: BaseException, outcome: Outcome) -> bool:
    names = {kind.__name__ for kind in type(error).__mro__} | {
        f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__
    }
    if finding.outcome != Outcome.FAILED.value:  # a crash leaves no exception
        return False
    if finding.exception:
        if finding.exception not in names:
            return False
    elif outcome is not Outcome.FAILED:  # a measured deviation is seen by an assertion of the suites
        return False
    text = str(error)
    return not finding.message or bool(
        re.search(finding.message, text) or re.search(finding.message, " ".join(text.split()))
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exception, and those that it was raised from."""
    seen: list[int] = []
    here: BaseException | None = error
    while here is not None and id(here) not in seen:
        seen.append(id(here))
        yield here
        here = here.__cause__


def _files(trace: TracebackType | None) -> list[str]:
    files = []
    while trace is not None:
        files.append(trace.tb_frame.f_code.co_filename)
        trace = trace.tb_next
    return files


def _text(error: BaseException) -> str:
    text = getattr(error, "msg", None) if isinstance(error, (pytest.skip.Exception, pytest.fail.Exception)) else None
    try:
        text = str(error) if text is None else str(text)
    except Exception as second:  # an exception of a framework may fail to describe itself
        text = f"(its message cannot be had: {type(second).__name__})"
    # Hypothesis adds the example that failed as a note.
    notes = [
        note
        for note in getattr(error, "__notes__", ())
        if isinstance(note, str) and note.lstrip().startswith("Falsifying example")
    ]
    return " ".join([text, *notes])
