"""export.serving: the model that a framework saved, behind a server, asked over HTTP."""

from __future__ import annotations

import pytest

from fwconformance.suitekit import check_answers, check_bad_request, check_concurrent


@pytest.mark.capability("export.serving", "answers")
def test_answers(framework, oracle, case):
    """Batches of 1 and of 5 images that neither the writer nor the server has seen."""
    check_answers(case, framework, oracle)


@pytest.mark.capability("export.serving", "concurrent")
def test_concurrent(framework, oracle, case):
    """Eight clients at once, whose requests the server puts together."""
    check_concurrent(case, framework, oracle)


@pytest.mark.capability("export.serving", "bad-request")
def test_bad_request(framework, oracle, case):
    """Bodies that are no request, and images of a wrong shape."""
    check_bad_request(case, framework, oracle)
