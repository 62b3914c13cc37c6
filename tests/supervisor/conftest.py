from __future__ import annotations

import pytest

from fwconformance.evidence import Header


@pytest.fixture
def header():
    return Header(
        run="a1b2",
        environment="torch-cpu",
        label="a processor, Linux, x86_64",
        framework="pytorch",
        backend="",
        device="cpu",
        profile="standard",
        seed=20200101,
        versions={"torch": "2.15.0", "numpy": "2.4.6"},
        python="3.11.7",
        platform={"system": "Linux", "machine": "x86_64"},
        suite_version="0.1.0",
        suite_content="sha256:00",
        started="2026-11-22T20:00:00Z",
    )
