"""`--fw-device=auto`: the device that the framework chooses."""

from __future__ import annotations


def test_auto_is_the_cpu_where_the_framework_has_nothing_else(plain):
    """The reference computes on the CPU only: the journal says cpu, not auto."""
    done = plain.conformance("--fw-device=auto")
    assert (done.code, done.outcomes) == (0, {"plain.one:works": "passed"})
    assert (done.shard.header.device, done.shard.header.environment) == ("cpu", "reference")
    assert "device cpu" in done.output


def test_auto_is_what_the_framework_chose(third):
    """A framework that sees a better device runs there: header, environment and evidence name it."""
    journal = f"--fw-shard={third.folder / 'journal.jsonl'}"
    done = third.pytest(
        "--framework=third", "--fw-device=auto", "--fw-only=layers.embedding:forward", journal, bring=False
    )
    header, seen = done.shard.header, done.observation("layers.embedding:forward")
    assert (header.device, header.environment) == ("tpu", "third-tpu"), done.output
    assert (seen.outcome.value, seen.level.value, seen.device_observed) == ("passed", "hardware", ("tpu:0",))


def test_device_that_the_framework_does_not_have(plain):
    """The reference asked for a TPU: every case is unavailable and says why, and nothing is verified."""
    journal = f"--fw-shard={plain.folder / 'journal.jsonl'}"
    done = plain.pytest("--framework=reference", "--fw-device=tpu", "--fw-only=layers.embedding", journal, bring=False)
    assert done.outcomes == dict.fromkeys(("layers.embedding:forward", "layers.embedding:gradients"), "unavailable")
    assert done.last_line == "NOTHING VERIFIED: the reference computes on the CPU only, not on tpu"


def test_a_device_that_is_ignored_turns_the_case_red(third):
    """A framework that was asked for a TPU and computes on the CPU, of whatever package it is."""
    journal = f"--fw-shard={third.folder / 'journal.jsonl'}"
    options = ("--framework=third", "--fw-device=auto", "--fw-only=train.sgd:three-steps", journal)
    done = third.pytest(*options, "--fw-sabotage=trains-on-the-cpu", bring=False)
    seen = done.observation("train.sgd:three-steps")
    assert seen.outcome.value == "failed", done.output
    assert "is on cpu:0, not on tpu as asked for" in seen.message
