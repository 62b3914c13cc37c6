"""Which tests there are: the suites collected in a child, none of them run."""

from __future__ import annotations

import contextlib
import json
import sys
import time

from fwconformance.processes import Child
from fwconformance.supervisor._config import Target, Workplace
from fwconformance.supervisor._plan import CaseId
from fwconformance.supervisor._supervise import ChildError, Refused
from fwconformance.supervisor._watch import Signals, watch

_LIMIT = 120.0  # seconds; it takes a few


def collect_marks(python: str = sys.executable) -> list[CaseId]:
    """(capability, case) of each test function of the bundled suites, once however often it is parametrised.

    Raises Refused where `python` lacks what the suites need, ChildError where they cannot be collected, Interrupted.
    """
    target = Target(framework="reference", backend="", device="cpu", python=python)
    with Signals().noted() as signals, contextlib.closing(Workplace()) as workplace:
        found = workplace.folder / "marks.json"
        arguments = ["--collect-only", "-q", "-p", "fwconformance.supervisor._marks", "--fw-profile", "full"]
        env = {**workplace.environment(), "FWCONFORMANCE_MARKS": str(found)}
        command = workplace.command(target, arguments, task="collect")
        with workplace.log.open("wb") as log:
            begun = time.monotonic()
            child = Child(command, cwd=workplace.cwd, env=env, log=log)
            watch(child, signals, look=lambda: begun + _LIMIT - time.monotonic())
        refusal = workplace.stage()
        if refusal.get("stage") == "refused":
            raise Refused(refusal["message"])
        if not found.is_file():
            raise ChildError("pytest could not collect them", workplace.log_tail())
        return [(capability, case) for capability, case in json.loads(found.read_text(encoding="utf-8"))]
