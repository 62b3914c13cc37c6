"""The version, in one place: the build reads it here, and so does a checkout that was never installed."""

__version__ = "0.1.0"
