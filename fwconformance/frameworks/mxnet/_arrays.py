# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""NumPy arrays into MXNet's."""

from __future__ import annotations

import contextlib
import warnings
from typing import Any, Iterator

from mxnet import nd


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """Around what makes arrays of NumPy's.

    On its way mx.nd.array asks SciPy for a class by a name deprecated since: a warning for every array, and
    an error where warnings are errors. It says nothing about the case, so it is not let out.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


def to_array(values: Any, context: Any, dtype: str) -> Any:
    """`values` as an NDArray of `dtype` on `context`."""
    with quietly():
        return nd.array(values, ctx=context, dtype=dtype)
