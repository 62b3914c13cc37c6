"""``python -m fwconformance.frameworks.caffe.building``: build, or take the kept wheel, and install it here."""

from __future__ import annotations

import subprocess
import sys

from fwconformance.frameworks.caffe.building import BuildError, PackagesMissing, built_wheel


def main() -> int:
    """0 where pycaffe is installed afterwards, or packages are missing (its column says so then); 1 where it failed."""
    try:
        wheel = built_wheel(lambda line: print(line, flush=True))
    except PackagesMissing as error:
        print(f"caffe: {error}", file=sys.stderr)
        return 0
    except BuildError as error:
        print(f"caffe: {error}", file=sys.stderr)
        return 1
    install = ["-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--force-reinstall", str(wheel)]
    return subprocess.run([sys.executable, *install], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
