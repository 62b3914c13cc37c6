"""Pictures as SVG: one look, readable on paper and on a dark page, the same bytes for the same content."""

from __future__ import annotations

import contextlib
import importlib
import io
import re
from typing import Any, Iterator

#: Read on white paper and on a dark page alike: `_STYLE` turns ink light where the reader's page is dark.
INK = "#1f2328"
#: Two colours that people with any colour vision tell apart, and that a printer turns into two greys.
MARK, OTHER = "#2f6db5", "#d98b2b"
_STYLE = (
    "<style>@media (prefers-color-scheme: dark) {"
    f" [style*='stroke: {INK}'] {{ stroke: #e6edf3 !important; }}"
    " text { fill: #e6edf3 !important; stroke: none !important; } }</style>"
)


@contextlib.contextmanager
def drawn_figure(width: float, height: float) -> Iterator[Any]:
    """A Matplotlib figure of `width` by `height` inches. Raises ImportError where Matplotlib is missing."""
    mpl: Any = importlib.import_module("matplotlib")
    canvas: Any = importlib.import_module("matplotlib.figure")
    settings = {
        "svg.hashsalt": "fwconformance",
        "svg.fonttype": "none",
        "font.family": "sans-serif",
        "font.size": 9,
        **dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), INK),
    }
    with mpl.rc_context(settings):
        yield canvas.Figure(figsize=(width, height), layout="constrained")


def svg_of(figure: Any, title: str) -> bytes:
    """`figure` as SVG, inside its context; `title` is read out in place of the picture."""
    written = io.StringIO()
    metadata = {"Date": None, "Creator": None, "Title": title}
    figure.savefig(written, format="svg", transparent=True, metadata=metadata)
    return re.sub(r"(<defs>)", _STYLE + r"\1", written.getvalue(), count=1).encode()


def plain_axes(axes: Any, *hidden: str) -> None:
    """Without the frame's `hidden` sides ("top", ...)."""
    for side in hidden:
        axes.spines[side].set_visible(False)
