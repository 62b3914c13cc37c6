"""Whether a run may reach beyond its machine."""

from __future__ import annotations

import pytest

from fwconformance.frameworks import Unavailable
from fwconformance.frameworks._online import ONLINE, require_online


@pytest.mark.parametrize("said", ["", "0", None])
def test_it_may_not_unless_it_was_allowed(monkeypatch, said):
    monkeypatch.delenv(ONLINE, raising=False)
    if said is not None:
        monkeypatch.setenv(ONLINE, said)
    with pytest.raises(Unavailable, match="published weights need network access: allow it with --online"):
        require_online("published weights")


def test_it_may_where_it_was_allowed(monkeypatch):
    monkeypatch.setenv(ONLINE, "1")
    require_online("published weights")
