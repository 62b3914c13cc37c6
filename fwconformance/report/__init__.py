"""Pages for people, made from the matrix and nothing else."""

from __future__ import annotations

from fwconformance.report._forest import render_forest as render_forest
from fwconformance.report._markdown import render_markdown as render_markdown
from fwconformance.report._summary import summary as summary
