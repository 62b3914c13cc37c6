"""What the installed plugin adds to the start of pytest where nobody asks for it: at most 2 %.

    python benchmarks/startup.py WHEEL [rounds]

Makes two environments of one pytest, one of them with the wheel, and runs a project of one test in both, interleaved
A B B A, in fresh processes with bytecode compiled. Both are made by `uv` where it is on the path, else by `venv` and
pip. An A/A pair is the control: what it shows beyond 1 is noise.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from _sampling import interleave, report

LIMIT = 1.02


def environment(folder, *packages):
    """A fresh environment with `packages`; its interpreter."""
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    uv = shutil.which("uv") or os.environ.get("UV")
    if uv:
        subprocess.run([uv, "venv", "-q", "-p", sys.executable, str(folder)], check=True)
        subprocess.run([uv, "pip", "install", "-q", "-p", str(python), "--compile-bytecode", *packages], check=True)
    else:
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", *packages], check=True)
    return str(python)


def main(arguments):
    wheel, rounds = arguments[0], int(arguments[1]) if len(arguments) > 1 else 30
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        # The wheel's own dependency in both, so that the two differ in the plugin alone.
        without = environment(home / "without", "pytest", "attrs")
        having = environment(home / "having", "pytest", "attrs", wheel)
        (home / "project").mkdir()
        (home / "project" / "test_one.py").write_text("def test_one():\n    pass\n")
        run = ["-m", "pytest", "-q", "-p", "no:cacheprovider"]
        env = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPATH": ""}
        samples = interleave([without, *run], [having, *run], rounds, cwd=home / "project", env=env)
        ratio, _ = report("start of pytest, plugin installed and unused", *samples)
        control = interleave([without, *run], [without, *run], max(rounds // 2, 1), cwd=home / "project", env=env)
        report("control, the same environment twice", *control)
    print(f"limit {LIMIT}: {'met' if ratio <= LIMIT else 'MISSED'}")
    return 0 if ratio <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
