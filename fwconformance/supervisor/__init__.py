"""The supervised run: children with a private configuration, watched, and what only their parent can know written down.

Imports no framework and no pytest.
"""

from __future__ import annotations

from fwconformance.processes import Interrupted as Interrupted
from fwconformance.processes import how_it_ended as how_it_ended
from fwconformance.supervisor._collect import collect_marks as collect_marks
from fwconformance.supervisor._config import Target as Target
from fwconformance.supervisor._findings import FindingResult as FindingResult
from fwconformance.supervisor._findings import check_findings as check_findings
from fwconformance.supervisor._plan import SelectionError as SelectionError
from fwconformance.supervisor._plan import planned_cases as planned_cases
from fwconformance.supervisor._progress import Line as Line
from fwconformance.supervisor._progress import Progress as Progress
from fwconformance.supervisor._proofs import Proof as Proof
from fwconformance.supervisor._proofs import Proofs as Proofs
from fwconformance.supervisor._proofs import keep_proofs as keep_proofs
from fwconformance.supervisor._proofs import prove as prove
from fwconformance.supervisor._session import RunRequest as RunRequest
from fwconformance.supervisor._session import RunResult as RunResult
from fwconformance.supervisor._session import run_suites as run_suites
from fwconformance.supervisor._supervise import ChildError as ChildError
from fwconformance.supervisor._supervise import Limits as Limits
from fwconformance.supervisor._supervise import Refused as Refused
