"""Interleaved timing of two command lines, and a bootstrap interval on the ratio of their medians."""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import tempfile
import time


def interleave(first, second, rounds, *, cwd, env=None):
    """(wall, processor) seconds of each command, taken A B B A so that a drift of the machine falls on both alike.

    Each command is run once before, uncounted: the first run compiles bytecode.
    """
    commands = {"A": first, "B": second}
    for command in commands.values():
        _time(command, cwd, env)
    seconds = {"A": [], "B": []}
    for number in range(rounds):
        for name in "ABBA" if number % 2 == 0 else "BAAB":
            seconds[name].append(_time(commands[name], cwd, env))
    return seconds["A"], seconds["B"]


def _time(command, cwd, env):
    with tempfile.TemporaryFile() as output:
        before = time.perf_counter()
        child = subprocess.Popen(command, cwd=cwd, env={**os.environ, **(env or {})}, stdout=output, stderr=output)
        _, status, used = os.wait4(child.pid, 0)
        elapsed = time.perf_counter() - before
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            output.seek(0)
            said = output.read().decode()[-3000:]
            raise SystemExit(f"{' '.join(map(str, command))} ended with {child.returncode}:\n{said}")
    return elapsed, used.ru_utime + used.ru_stime


def report(name, base, other):
    """Print ratios of medians (other over base) with 95 % bootstrap intervals over the runs; return the interval of the
    processor time, the one to look at where others use the machine too.
    """
    found = []
    for clock, index in (("wall", 0), ("processor", 1)):
        one, two = [each[index] for each in base], [each[index] for each in other]
        draw = random.Random(0)
        ratios = sorted(
            statistics.median(draw.choices(two, k=len(two))) / statistics.median(draw.choices(one, k=len(one)))
            for _ in range(4000)
        )
        ratio = statistics.median(two) / statistics.median(one)
        found.append((ratios[100], ratios[-101]))
        print(
            f"{name}, {clock}: median {statistics.median(one):.4f} s -> {statistics.median(two):.4f} s, "
            f"ratio {ratio:.4f} [{ratios[100]:.4f}, {ratios[-101]:.4f}] (95 %), "
            f"fastest {min(one):.4f} s -> {min(two):.4f} s, {len(one)} + {len(two)} runs"
        )
    return found[-1]


def verdict(interval, limit):
    """Print what `interval` says of `limit`; the exit status: 0 where it lies below, 1 where above, 2 where across."""
    low, high = interval
    words = "met" if high <= limit else "MISSED" if low > limit else "not decided: the interval lies across it"
    print(f"limit {limit}: {words}")
    return 0 if high <= limit else 1 if low > limit else 2
