"""The options of one run, checked: what contradicts itself is a usage error before anything runs."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, Callable, Mapping

import attrs
import pytest

from fwconformance.evidence import Level, Profile, environment_name
from fwconformance.frameworks import CatalogError, find_entry, known_names
from fwconformance.plugin._requirements import parse_requirement
from fwconformance.shards import free_text

if TYPE_CHECKING:
    from fwconformance.frameworks import Entry
    from fwconformance.registry import Registry

#: Kinds of devices in the words of the seam; the further ones of a kind have a number ("cuda:1").
DEVICES = ("cpu", "cuda", "mps", "xpu", "tpu", "xla", "auto")
SEED = 20200101


@attrs.frozen(kw_only=True)
class Options:
    """What was asked for.

    Attributes:
        entry: of the framework. backend: chosen, or the framework's default.
        device: as asked for; "auto" is resolved later.
        only: (capability, case or None for all of it) to run; empty for everything.
        requirements: (capability or "hardware", level).
        environment, label: None for the default.
    """

    entry: Entry
    backend: str
    device: str
    profile: Profile
    shard: str | None
    resume: bool
    environment: str | None
    label: str | None
    only: tuple[tuple[str, str | None], ...]
    seed: int
    random: bool
    attempt: int
    mutant: str
    sabotage: str
    requirements: tuple[tuple[str, Level], ...]

    def selects(self, capability: str, case: str) -> bool:
        """Whether --fw-only leaves this case in."""
        return not self.only or any(name == capability and one in (None, case) for name, one in self.only)


def read_options(given: Any, registry: Registry, surroundings: Mapping[str, str] = os.environ) -> Options:
    """The options in the namespace `given`. Raises pytest.UsageError, saying what to change."""
    entry = _framework(given.framework)
    backend = given.fw_backend or entry.default_backend
    device = given.fw_device or "cpu"
    if not re.fullmatch(rf"(?:{'|'.join(DEVICES[:-1])})(?::\d+)?|auto", device):
        known = f"{', '.join(DEVICES)}; a further one of a kind by its number, as in cuda:1"
        raise pytest.UsageError(f"--fw-device={device}: unknown device; one of: {known}")
    try:
        entry.backend(backend)
        # NumPy is ours as well: without it every case is unavailable, and says so.
        if set(entry.missing(backend)) - {"numpy"}:
            entry.require(backend, device)
    except CatalogError as error:
        raise pytest.UsageError(f"--framework={entry.name}: {error}") from error
    try:
        profile = Profile(given.fw_profile or "standard")
    except ValueError:
        known = ", ".join(profile.value for profile in Profile)
        raise pytest.UsageError(f"--fw-profile={given.fw_profile}: unknown profile; one of: {known}") from None
    mutant, sabotage = given.fw_mutant or "", given.fw_sabotage or ""
    if mutant and "mutant" not in entry.options:
        raise pytest.UsageError(f"--fw-mutant: only the reference has mutants; for {entry.name} use --fw-sabotage")
    if mutant and sabotage:
        raise pytest.UsageError(
            "--fw-mutant with --fw-sabotage: one fault at a time, or nobody knows which one was seen"
        )
    if given.fw_resume and not given.fw_shard:
        raise pytest.UsageError("--fw-resume: name the journal to continue with --fw-shard")
    if given.fw_shard and getattr(given, "collectonly", False):
        raise pytest.UsageError(
            "--fw-shard with --collect-only: nothing runs, so there is nothing to write; leave one out"
        )
    if given.fw_require and getattr(given, "collectonly", False):
        raise pytest.UsageError("--fw-require with --collect-only: nothing runs, so nothing can be met; leave one out")
    return Options(
        entry=entry,
        backend=backend,
        device=device,
        profile=profile,
        shard=given.fw_shard,
        resume=bool(given.fw_resume),
        environment=_checked("--fw-environment", environment_name, given.fw_environment),
        label=_checked("--fw-label", free_text, given.fw_label),
        only=tuple(_only(text, registry) for text in given.fw_only or ()),
        seed=_whole("--fw-seed", given.fw_seed, SEED, 0, 2**32 - 1),
        random=bool(given.fw_random),
        attempt=_whole("--fw-attempt", given.fw_attempt, 1, 1, 2**31),
        mutant=mutant,
        sabotage=sabotage,
        requirements=_requirements(given.fw_require or (), surroundings, registry),
    )


def _checked(option: str, check: Callable[[str], str], text: str | None) -> str | None:
    try:
        return None if text is None else check(text)
    except ValueError as error:
        raise pytest.UsageError(f"{option}: {error}") from None


def _framework(names: tuple[str, ...]) -> Entry:
    asked = [name for text in names for name in text.split(",") if name]
    if not asked:
        raise pytest.UsageError(f"--framework: name one of: {', '.join(known_names())}")
    try:
        found = {entry.name: entry for entry in map(find_entry, asked)}
    except CatalogError as error:
        raise pytest.UsageError(f"--framework: {error}") from error
    if len(found) > 1:
        raise pytest.UsageError(
            f"--framework: {' and '.join(found)} in one process: frameworks replace each other's native libraries, "
            "thread pools and "
            "memory, so that neither is then itself; run pytest once for each"
        )
    return next(iter(found.values()))


def _only(text: str, registry: Registry) -> tuple[str, str | None]:
    name, colon, case = text.strip().partition(":")
    capability = registry.capabilities.get(name)
    if capability is None:
        area = [known for known in registry.capabilities if known.split(".")[0] == name.split(".")[0]]
        known = ", ".join(area or sorted({f"{known.split('.')[0]}.*" for known in registry.capabilities}))
        raise pytest.UsageError(f"--fw-only={text}: no capability {name!r}; there are: {known}")
    if not capability.active:
        raise pytest.UsageError(f"--fw-only={text}: {name} is planned, there is no test for it yet")
    if not colon:
        return name, None
    cases = [one.id for one in capability.cases]
    if case not in cases:
        raise pytest.UsageError(f"--fw-only={text}: {name} has no case {case!r}; it has: {', '.join(cases)}")
    return name, case


def _requirements(given: Any, surroundings: Mapping[str, str], registry: Registry) -> tuple[tuple[str, Level], ...]:
    sources = [("--fw-require", text) for text in given]
    sources += [
        ("FWCONFORMANCE_REQUIRE", text)
        for text in re.split(r"[,\s]+", surroundings.get("FWCONFORMANCE_REQUIRE", ""))
        if text
    ]
    found = []
    for source, text in sources:
        try:
            found.append(parse_requirement(text, registry))
        except ValueError as error:
            raise pytest.UsageError(f"{source}: {error}") from error
    return tuple(found)


def _whole(name: str, text: str | None, default: int, least: int, most: int) -> int:
    if text is None:
        return default
    try:
        value = int(text)
    except ValueError:
        raise pytest.UsageError(f"{name}={text}: a whole number is wanted") from None
    if not least <= value <= most:
        raise pytest.UsageError(f"{name}={text}: a whole number from {least} to {most} is wanted")
    return value
