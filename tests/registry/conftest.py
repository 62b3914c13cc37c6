"""A small registry on disk that tests change one thing of."""

from __future__ import annotations

from pathlib import Path
from typing import Callable

import pytest

from fwconformance.registry import RegistryError, load_registry

FILES = {
    "capabilities.toml": """
[[capability]]
id = "rnn.lstm"
title = "LSTM layer"
acceptance = "Outputs equal the oracle's."
status = "active"
tolerance = { rtol = 1e-4, atol = 1e-5, because = "float32 sums" }
[[capability.case]]
id = "forward"
required = true
profile = "smoke"
sees = "Outputs."
[[capability.case]]
id = "peephole"
required = false
profile = "full"
sees = "Outputs with peepholes."
[[capability.inapplicable]]
framework = "keras"
backend = "jax"
reason = "no recurrence there"
""",
    "planned.toml": """
[[capability]]
id = "export.onnx"
title = "Export"
acceptance = "Another runtime gives the same outputs."
status = "planned"
""",
    "claims.toml": """
source = "article"
[[claim]]
id = "keras.recurrent"
subject = "keras"
section = "features"
paraphrase = "Keras has an LSTM."
kind = "capability"
revision = 1
rule = "rnn.lstm"
""",
    "records.toml": """
[[record]]
claim = "keras.recurrent"
era = "2020"
stance = "supports"
strength = "fair"
date = "2020-06"
read = "2026-11-22"
text = "The guide has an LSTM."
sources = [{ title = "Guide", url = "https://example.org/guide", date = "undated" }]
""",
    "environments.toml": """
[[environment]]
name = "keras-cpu"
framework = "keras"
backend = "tensorflow"
device = "cpu"
era = "current"
core = true
expect = { keras = "3.15.1", tensorflow-cpu = "2.21.0" }
uploaded = "2026-07-29"
[[subject]]
id = "keras"
title = "Keras"
primary = [{ era = "current", device = "cpu", environment = "keras-cpu" }]
newest = [
  { era = "current", distribution = "keras", version = "3.15.1", uploaded = "2026-07-29", checked = "2026-11-22" },
]
[[subject]]
id = "overall"
title = "Compared"
""",
    "findings.toml": """
[[finding]]
id = "lstm-peephole"
framework = "keras"
backend = "tensorflow"
capability = "rnn.lstm"
cases = ["peephole"]
versions = ">=3.12,<3.16"
outcome = "failed"
exception = "ValueError"
message = "peephole .* unknown"
program = "peephole.py"
summary = "Peepholes are refused."
""",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A valid fixtures folder with one entry of each kind."""
    (tmp_path / "registry").mkdir()
    (tmp_path / "findings").mkdir()
    (tmp_path / "findings" / "peephole.py").write_text("raise SystemExit(0)\n")
    for name, text in FILES.items():
        (tmp_path / "registry" / name).write_text(text.lstrip("\n"))
    return tmp_path


@pytest.fixture
def change(root: Path) -> Callable[[str, str, str], None]:
    """Replace text in one of the registry's files; the text must be there."""

    def replace(name: str, old: str, new: str) -> None:
        path = root / "registry" / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    return replace


@pytest.fixture
def add(root: Path) -> Callable[[str, str], None]:
    """Append text to one of the registry's files."""

    def append(name: str, text: str) -> None:
        path = root / "registry" / name
        path.write_text(path.read_text() + "\n" + text)

    return append


@pytest.fixture
def problems(root: Path) -> Callable[[], tuple[str, ...]]:
    """Load the registry, which must fail, and give the problems."""

    def load() -> tuple[str, ...]:
        with pytest.raises(RegistryError) as caught:
            load_registry(root=root)
        return caught.value.problems

    return load
