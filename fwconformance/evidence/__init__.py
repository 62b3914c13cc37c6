"""Plain data: what was observed, how strongly, and how cases fold into a cell. Knows neither pytest nor a framework."""

from __future__ import annotations

from fwconformance.evidence._cell import CaseResult as CaseResult
from fwconformance.evidence._cell import CaseState as CaseState
from fwconformance.evidence._cell import CellFold as CellFold
from fwconformance.evidence._cell import fold_case as fold_case
from fwconformance.evidence._cell import fold_cell as fold_cell
from fwconformance.evidence._cell import outcome_in_words as outcome_in_words
from fwconformance.evidence._names import environment_name as environment_name
from fwconformance.evidence._observation import Details as Details
from fwconformance.evidence._observation import Figure as Figure
from fwconformance.evidence._observation import Header as Header
from fwconformance.evidence._observation import Key as Key
from fwconformance.evidence._observation import Observation as Observation
from fwconformance.evidence._observation import details_to_json as details_to_json
from fwconformance.evidence._vocabulary import Era as Era
from fwconformance.evidence._vocabulary import Level as Level
from fwconformance.evidence._vocabulary import Outcome as Outcome
from fwconformance.evidence._vocabulary import Profile as Profile
from fwconformance.evidence._vocabulary import ShownBy as ShownBy
from fwconformance.evidence._vocabulary import Status as Status
from fwconformance.evidence._vocabulary import best as best
from fwconformance.evidence._vocabulary import weakest as weakest
