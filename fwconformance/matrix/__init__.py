"""The merged document: build it from shards, write it, read it back as typed objects."""

from __future__ import annotations

from fwconformance.matrix._build import build_matrix as build_matrix
from fwconformance.matrix._build import new_faults as new_faults
from fwconformance.matrix._build import stale_findings as stale_findings
from fwconformance.matrix._duels import PAIRED_TIME as PAIRED_TIME
from fwconformance.matrix._duels import CampaignRow as CampaignRow
from fwconformance.matrix._duels import DuelRow as DuelRow
from fwconformance.matrix._duels import LimitRow as LimitRow
from fwconformance.matrix._duels import RateRow as RateRow
from fwconformance.matrix._duels import Side as Side
from fwconformance.matrix._duels import ThroughputRow as ThroughputRow
from fwconformance.matrix._load import load_matrix as load_matrix
from fwconformance.matrix._load import matrix_from_json as matrix_from_json
from fwconformance.matrix._merge import MergeError as MergeError
from fwconformance.matrix._model import SCHEMA as SCHEMA
from fwconformance.matrix._model import Attempt as Attempt
from fwconformance.matrix._model import CapabilityRow as CapabilityRow
from fwconformance.matrix._model import Cell as Cell
from fwconformance.matrix._model import CellCase as CellCase
from fwconformance.matrix._model import ClaimRow as ClaimRow
from fwconformance.matrix._model import Column as Column
from fwconformance.matrix._model import FindingRow as FindingRow
from fwconformance.matrix._model import Matrix as Matrix
from fwconformance.matrix._model import MatrixError as MatrixError
from fwconformance.matrix._model import Proof as Proof
from fwconformance.matrix._model import RecordRow as RecordRow
from fwconformance.matrix._model import Run as Run
from fwconformance.matrix._model import Suite as Suite
