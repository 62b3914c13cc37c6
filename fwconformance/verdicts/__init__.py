"""The fold of cells, ratios and records into a verdict on a claim. Pure."""

from __future__ import annotations

from fwconformance.verdicts._decide import decide as decide
from fwconformance.verdicts._evaluate import CellEvidence as CellEvidence
from fwconformance.verdicts._evaluate import Evidence as Evidence
from fwconformance.verdicts._evaluate import evaluate as evaluate
from fwconformance.verdicts._ratios import Counted as Counted
from fwconformance.verdicts._ratios import MeasuredRatio as MeasuredRatio
from fwconformance.verdicts._ratios import MissingWorks as MissingWorks
from fwconformance.verdicts._records import fold_records as fold_records
from fwconformance.verdicts._truth import Truth as Truth
from fwconformance.verdicts._verdict import Answer as Answer
from fwconformance.verdicts._verdict import Basis as Basis
from fwconformance.verdicts._verdict import Indication as Indication
from fwconformance.verdicts._verdict import Part as Part
from fwconformance.verdicts._verdict import Verdict as Verdict
