# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Exports that Caffe2 has nothing for, each with the look-up that shows it."""

from __future__ import annotations

import pkgutil
from typing import Any, Iterable, NoReturn

import attrs
import caffe2.python

from fwconformance.frameworks._pieces_export import EXPORTS
from fwconformance.frameworks._probes import refuse

#: What a module that writes the format would have in its name; formats that Caffe2 does have a module for are not here.
_WORDS = {
    "export-torchscript": ("torchscript", "torch_script"),
    "export-torch-export": ("torch_export", "exported_program"),
    "export-aot-inductor": ("inductor",),
    "export-saved-model": ("saved_model", "savedmodel"),
    "export-keras-file": ("keras",),
    "export-hdf5": ("hdf5", "h5"),
    "export-litert": ("tflite", "litert"),
    "export-tensorflow-js": ("tfjs", "tensorflowjs"),
    "export-stablehlo": ("stablehlo", "hlo"),
    "export-openvino": ("openvino",),
    "export-coreml": ("coreml",),
    "export-executorch": ("executorch",),
    "export-symbol-params": ("mxnet",),
}


@attrs.frozen(kw_only=True)
class Modules:
    """Looks for modules below caffe2.python with one of `words` in their names; `listed` gives the names."""

    words: tuple[str, ...]
    listed: Any = None

    def run(self) -> tuple[bool, str]:
        """(none of them is there, the evidence in words)."""
        names: Iterable[str] = self.listed() if self.listed else _modules()
        names = list(names)
        found = sorted(name for name in names if any(word in name.lower() for word in self.words))
        if found:
            return False, f"caffe2.python has {', '.join(found)}"
        return True, f"caffe2.python has {len(names)} modules, and none with {' or '.join(self.words)} in its name"


def _modules() -> list[str]:
    # Packages below it are not imported to look into them; their own names are among these.
    return [module.name for module in pkgutil.iter_modules(caffe2.python.__path__)]


NAMES = tuple(name for name in EXPORTS if name in _WORDS)


def piece(name: str) -> NoReturn:
    """Raises `Unsupported` with the evidence, NotAdapted where there is such a module."""
    refuse(Modules(words=_WORDS[name]))
