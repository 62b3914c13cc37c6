"""What a suite test gets as `case`. It lives with the plugin, which must not wait for what the suites import."""

from __future__ import annotations

from fwconformance.plugin._case import Case as Case  # noqa: PLC0414  re-exported
