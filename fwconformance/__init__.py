"""Decide, by running the frameworks, which claims about deep-learning frameworks are true.

Importing this package imports nothing else: the public names are fetched on first use (PEP 562), because pytest imports
the package at every start, in projects that never ask for it. PYTEST_DONT_REWRITE: there is no assertion here.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fwconformance.matrix import Matrix as Matrix
    from fwconformance.matrix import load_matrix as load_matrix

__all__ = ["Matrix", "__version__", "load_matrix"]


def __getattr__(name: str) -> object:
    if name == "__version__":
        from fwconformance._version import __version__

        return __version__
    if name in __all__:
        from fwconformance import matrix

        return getattr(matrix, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
