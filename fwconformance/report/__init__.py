"""Pages for people, made from the matrix and nothing else."""

from __future__ import annotations

from fwconformance.report._forest import render_forest as render_forest
from fwconformance.report._markdown import render_markdown as render_markdown
from fwconformance.report._rules import rule_in_words as rule_in_words
from fwconformance.report._summary import summary as summary
from fwconformance.report._svg import INK as INK
from fwconformance.report._svg import MARK as MARK
from fwconformance.report._svg import OTHER as OTHER
from fwconformance.report._svg import drawn_figure as drawn_figure
from fwconformance.report._svg import plain_axes as plain_axes
from fwconformance.report._svg import svg_of as svg_of
from fwconformance.report._words import answer_in_words as answer_in_words
from fwconformance.report._words import in_words as in_words
from fwconformance.report._words import number_of as number_of
