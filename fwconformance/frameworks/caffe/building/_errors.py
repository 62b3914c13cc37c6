"""What a build can end in but a wheel."""

from __future__ import annotations


class BuildError(Exception):
    """Caffe could not be built; the message says which step, why, and where the log lies."""


class Missing(BuildError):
    """This machine lacks what a build starts from: nothing is known of Caffe then, and nothing is wrong with it."""


class PackagesMissing(Missing):
    """System packages are missing, and may not or cannot be installed; the message has the command that does."""


class SourceMissing(Missing):
    """No source could be reached; the message has what was tried, and how to name a copy."""
