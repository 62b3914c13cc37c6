"""The claim file that docs/claims.md shows."""

from __future__ import annotations

import re
from pathlib import Path

from fwconformance.registry import load_registry

DOCUMENT = Path(__file__).parents[2] / "docs" / "claims.md"


def test_the_documents_claims_are_loaded_beside_the_articles(tmp_path):
    (found,) = re.findall(r"```toml\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "mine.toml").write_text(found, encoding="utf-8")
    claims = load_registry(claim_files=[tmp_path / "mine.toml"]).claims
    own = {name for name, claim in claims.items() if claim.source != "article-2020"}
    assert own == {"keras.trains-our-models", "keras.runs-on-jax"}
