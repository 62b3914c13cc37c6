"""Frameworks: the seam every adapter is reached through, and the catalog of those that exist.

Importing this package imports neither NumPy nor a framework: `Seam` is fetched on first use (PEP 562).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fwconformance.frameworks._catalog import CatalogError as CatalogError
from fwconformance.frameworks._catalog import Entry as Entry
from fwconformance.frameworks._catalog import NotInstalled as NotInstalled
from fwconformance.frameworks._catalog import UnknownBackend as UnknownBackend
from fwconformance.frameworks._catalog import UnknownFramework as UnknownFramework
from fwconformance.frameworks._catalog import create as create
from fwconformance.frameworks._catalog import entries as entries
from fwconformance.frameworks._catalog import find_entry as find_entry
from fwconformance.frameworks._catalog import known_names as known_names
from fwconformance.frameworks._network import GRU as GRU
from fwconformance.frameworks._network import LSTM as LSTM
from fwconformance.frameworks._network import SGD as SGD
from fwconformance.frameworks._network import STATE_ROLES as STATE_ROLES
from fwconformance.frameworks._network import Activation as Activation
from fwconformance.frameworks._network import AdaDelta as AdaDelta
from fwconformance.frameworks._network import AdaGrad as AdaGrad
from fwconformance.frameworks._network import Adam as Adam
from fwconformance.frameworks._network import BatchNorm as BatchNorm
from fwconformance.frameworks._network import Conv2D as Conv2D
from fwconformance.frameworks._network import ConvTranspose2D as ConvTranspose2D
from fwconformance.frameworks._network import Dense as Dense
from fwconformance.frameworks._network import Dropout as Dropout
from fwconformance.frameworks._network import Embedding as Embedding
from fwconformance.frameworks._network import Flatten as Flatten
from fwconformance.frameworks._network import Layer as Layer
from fwconformance.frameworks._network import LayerNorm as LayerNorm
from fwconformance.frameworks._network import LocalResponseNorm as LocalResponseNorm
from fwconformance.frameworks._network import Loss as Loss
from fwconformance.frameworks._network import Network as Network
from fwconformance.frameworks._network import Optimizer as Optimizer
from fwconformance.frameworks._network import Pool2D as Pool2D
from fwconformance.frameworks._network import RMSProp as RMSProp
from fwconformance.frameworks._network import Route as Route
from fwconformance.frameworks._network import SelfAttention as SelfAttention
from fwconformance.frameworks._network import Shortcut as Shortcut
from fwconformance.frameworks._network import weight_shapes as weight_shapes
from fwconformance.frameworks._pieces import PIECES as PIECES
from fwconformance.frameworks._pieces_bindings import RUNGS as RUNGS
from fwconformance.frameworks._pieces_bindings import Project as Project
from fwconformance.frameworks._pieces_bindings import Releases as Releases
from fwconformance.frameworks._pieces_export import EXPORTS as EXPORTS
from fwconformance.frameworks._pieces_export import Artifact as Artifact
from fwconformance.frameworks._probes import Lookup as Lookup
from fwconformance.frameworks._probes import Probe as Probe
from fwconformance.frameworks._probes import Refusal as Refusal
from fwconformance.frameworks._probes import Seen as Seen
from fwconformance.frameworks._probes import refuse as refuse
from fwconformance.frameworks._protocol import Framework as Framework
from fwconformance.frameworks._protocol import Model as Model
from fwconformance.frameworks._protocol import NotAdapted as NotAdapted
from fwconformance.frameworks._protocol import Sabotage as Sabotage
from fwconformance.frameworks._protocol import TensorInfo as TensorInfo
from fwconformance.frameworks._protocol import Trainer as Trainer
from fwconformance.frameworks._protocol import Unavailable as Unavailable
from fwconformance.frameworks._protocol import Unsupported as Unsupported
from fwconformance.frameworks._shapes import output_shape as output_shape
from fwconformance.frameworks._shapes import shapes_along as shapes_along
from fwconformance.frameworks._training import Training as Training

if TYPE_CHECKING:
    from fwconformance.frameworks._remote import Remote as Remote
    from fwconformance.frameworks._remote import Worker as Worker
    from fwconformance.frameworks._remote import WorkerDied as WorkerDied
    from fwconformance.frameworks._remote import WorkerFailed as WorkerFailed
    from fwconformance.frameworks._seam import Seam as Seam
    from fwconformance.frameworks._seam import SeamModel as SeamModel
    from fwconformance.frameworks._seam import SeamPiece as SeamPiece
    from fwconformance.frameworks._seam import SeamTrainer as SeamTrainer
    from fwconformance.frameworks._seam import SeamViolation as SeamViolation

_SEAM = frozenset({"Seam", "SeamModel", "SeamPiece", "SeamTrainer", "SeamViolation"})
_REMOTE = frozenset({"Remote", "Worker", "WorkerDied", "WorkerFailed"})


def __getattr__(name: str) -> object:
    if name in _SEAM:
        from fwconformance.frameworks import _seam

        return getattr(_seam, name)
    if name in _REMOTE:
        from fwconformance.frameworks import _remote

        return getattr(_remote, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
