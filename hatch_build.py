"""Build hook: in the wheel, what only a run needs is one archive (`fwconformance/_archive.py` says why)."""

from __future__ import annotations

import importlib.util
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ArchiveHook(BuildHookInterface[Any]):
    """Brings the archive; the wheel target leaves out what only it holds."""

    scratch = ""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Nothing in an editable install, which uses the folders where they lie."""
        if version == "editable":
            return
        root = Path(self.root)
        # By its path: the build environment may have another release installed.
        spec = importlib.util.spec_from_file_location("archive", root / "fwconformance" / "_archive.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        self.scratch = tempfile.mkdtemp(prefix="fwconformance-build-")
        target = Path(self.scratch, module.ARCHIVE.name)
        module.write_archive(target, module.roots(root))
        build_data["force_include"][str(target)] = f"fwconformance/{target.name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """The wheel is written."""
        if self.scratch:
            shutil.rmtree(self.scratch, ignore_errors=True)
