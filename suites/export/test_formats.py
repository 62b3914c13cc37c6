"""export.*: every format goes through the same cases, each in the runtime that loads it."""

from __future__ import annotations

import pytest

from fwconformance.frameworks import EXPORTS
from fwconformance.suitekit import check_convolutional, check_dynamic_batch, check_quantized, check_recurrent

RUN = sorted(EXPORTS)
# Where a framework's own guides offer quantisation after training, for the format.
QUANTIZED = ["export-litert", "export-symbol-params", "export-torch-export"]


def each(pieces, case):
    """One parameter a piece, with the mark of its capability."""
    return [pytest.param(piece, id=piece, marks=pytest.mark.capability(EXPORTS[piece], case)) for piece in pieces]


@pytest.mark.parametrize("piece", each(RUN, "convolutional"))
def test_convolutional(framework, oracle, case, piece):
    """Images that the exporter did not see: convolutions, batch normalisation, dropout and pooling, in inference."""
    check_convolutional(case, framework, oracle, piece)


@pytest.mark.parametrize("piece", each(RUN, "dynamic-batch"))
def test_dynamic_batch(framework, oracle, case, piece):
    """Batches of 1 and 5 images, exported with 3."""
    check_dynamic_batch(case, framework, oracle, piece)


@pytest.mark.parametrize("piece", each(RUN, "recurrent"))
def test_recurrent(framework, oracle, case, piece):
    """Sequences through two stacked LSTM layers."""
    check_recurrent(case, framework, oracle, piece)


@pytest.mark.parametrize("piece", each(QUANTIZED, "quantized"))
def test_quantized(framework, case, piece):
    """A trained network in 8-bit integers reads held-out digits about as well as in float32."""
    check_quantized(case, framework, piece)
