"""What a build can end in but a wheel."""

from __future__ import annotations


class BuildError(Exception):
    """Caffe could not be built; the message says which step, why, and where the log lies."""


class PackagesMissing(BuildError):
    """System packages are missing and may not be installed; the message has the command that does."""
