"""Decide, by running the frameworks, which claims about deep-learning frameworks are true.

Importing this package imports nothing else: the public names are fetched on first use (PEP 562), because pytest imports
the package at every start, in projects that never ask for it. PYTEST_DONT_REWRITE: there is no assertion here.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fwconformance.matrix import Matrix as Matrix
    from fwconformance.matrix import load_matrix as load_matrix

__all__ = ["Matrix", "__version__", "load_matrix"]


class _Path(list):  # type: ignore[type-arg]
    """Where modules of the package lie: here, and in a wheel the unpacked archive, which is not looked for before."""

    def __iter__(self):  # type: ignore[no-untyped-def]  # noqa: ANN204
        yield from list.__iter__(self)
        from fwconformance._archive import unpacked

        root = unpacked()
        if root is not None:
            yield str(root / "fwconformance")


__path__ = _Path(__path__)


def __getattr__(name: str) -> object:
    if name == "__version__":
        from fwconformance._version import __version__

        return __version__
    if name in __all__:
        from fwconformance import matrix

        return getattr(matrix, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
