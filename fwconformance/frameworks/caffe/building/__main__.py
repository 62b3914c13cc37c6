"""``python -m fwconformance.frameworks.caffe.building [--device cuda]``: build, or take the kept wheel, and install
it.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Sequence

from fwconformance.frameworks.caffe.building import BuildError, Missing, built_wheel, placeholder


def main(arguments: Sequence[str] = ()) -> int:
    """0 where pycaffe, or what says that packages or the source are missing, is installed; 1 where the build failed."""
    parser = argparse.ArgumentParser(prog="python -m fwconformance.frameworks.caffe.building")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="what to build it for (default: cpu)")
    asked = parser.parse_args(arguments)
    try:
        wheel = built_wheel(lambda line: print(line, flush=True), device=asked.device)
    except Missing as error:
        print(f"caffe: {error}", file=sys.stderr)
        with tempfile.TemporaryDirectory() as folder:
            return _install(placeholder(str(error), Path(folder)))
    except BuildError as error:
        print(f"caffe: {error}", file=sys.stderr)
        return 1
    return _install(wheel)


def _install(wheel: Path) -> int:
    install = ["-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--force-reinstall", str(wheel)]
    return subprocess.run([sys.executable, *install], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
