"""What a suite test gets as `case`; it lives with the plugin, which makes one for each test and must not wait for NumPy."""

from __future__ import annotations

from fwconformance.plugin._case import Case as Case
