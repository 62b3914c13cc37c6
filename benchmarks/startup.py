"""What the installed plugin adds to the start of pytest where nobody asks for it: at most 2 %.

    python benchmarks/startup.py WHEEL [rounds]
    python benchmarks/startup.py WHEEL --instructions

Makes two environments of one pytest, one of them with the wheel, and runs a project of one test in both, interleaved
A B B A, in fresh processes with bytecode compiled. Both are made by `uv` where it is on the path, else by `venv` and
pip. An A/A pair is the control: what it shows beyond 1 is noise.

`--instructions` counts instead of timing, with valgrind: the same to 1 in 10^5 whatever else the machine does. Where
noise hides 2 %, only this decides. It counts three ways to start: where pytest may not keep the bytecode of plugins
(PYTHONDONTWRITEBYTECODE, as in many images), where it may, and with the header.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from _sampling import interleave, report, verdict

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


def instructions(python, options, folder, extra):
    """What one start of pytest executes, its children left out."""
    env = {**os.environ, "PYTHONPATH": "", "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "", **extra}
    command = [python, "-m", "pytest", *options, "-p", "no:cacheprovider"]
    subprocess.run(command, cwd=folder, env=env, check=True, stdout=subprocess.DEVNULL)  # may write bytecode
    valgrind = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
    done = subprocess.run([*valgrind, *command], cwd=folder, env=env, check=True, capture_output=True, text=True)
    return int(re.search(r"Collected : (\d+)", done.stderr).group(1))


def count(without, having, folder):
    """The largest ratio over the ways to start."""
    if not shutil.which("valgrind"):
        raise SystemExit("--instructions needs valgrind (a package of that name in most distributions)")
    worst = 0.0
    ways = (
        ("-q, no bytecode kept", ["-q"], {"PYTHONDONTWRITEBYTECODE": "1"}),  # first: the next one leaves some
        ("-q, bytecode kept", ["-q"], {}),
        ("with the header", [], {}),
    )
    for name, options, extra in ways:
        one, other = (instructions(python, options, folder, extra) for python in (without, having))
        worst = max(worst, other / one)
        print(f"{name}: {one / 1e6:.2f} M without, {other / 1e6:.2f} M with the plugin: {other / one:.4f}")
    return worst


def main(arguments):
    counted = "--instructions" in arguments
    wheel, *rest = [argument for argument in arguments if argument != "--instructions"]
    rounds = int(rest[0]) if rest else 30
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        # The wheel's own dependency in both, so that the two differ in the plugin alone.
        without = environment(home / "without", "pytest", "attrs")
        having = environment(home / "having", "pytest", "attrs", wheel)
        (home / "project").mkdir()
        (home / "project" / "test_one.py").write_text("def test_one():\n    pass\n")
        if counted:
            ratio = count(without, having, home / "project")
            print(f"limit {LIMIT}: {'met' if ratio <= LIMIT else 'MISSED'}")
            return 0 if ratio <= LIMIT else 1
        run = ["-m", "pytest", "-q", "-p", "no:cacheprovider"]
        env = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPATH": ""}
        samples = interleave([without, *run], [having, *run], rounds, cwd=home / "project", env=env)
        interval = report("start of pytest, plugin installed and unused", *samples)
        control = interleave([without, *run], [without, *run], max(rounds // 2, 1), cwd=home / "project", env=env)
        report("control, the same environment twice", *control)
    return verdict(interval, LIMIT)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
