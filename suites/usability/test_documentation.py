"""docs.*: what the framework says of itself."""

from __future__ import annotations

import pytest

from fwconformance.suitekit import check_documented


@pytest.mark.capability("docs.docstring-coverage", "public-api")
def test_docstring_coverage(framework, case):
    """The share of public names with a docstring is measured."""
    check_documented(case, framework)
