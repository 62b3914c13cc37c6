"""The Hypothesis profile of a conformance run: asked for by the plugin, loaded when a suite first imports Hypothesis.

Importing Hypothesis takes longer than many a run of a few cases, so the plugin does not do it.
"""

from __future__ import annotations

import sys

#: Examples a test is given, by profile of the run.
EXAMPLES = {"smoke": 5, "standard": 20, "full": 100}

_wanted: tuple[str, bool] | None = None


def ask(profile: str, *, random: bool) -> None:
    """From now on draw as many examples as `profile` says, the same ones in every run unless `random`."""
    global _wanted  # noqa: PLW0603  one run a process
    _wanted = profile, random
    if "hypothesis" in sys.modules:
        load()


def load() -> None:
    """Make it Hypothesis' profile, before any `@given` takes the settings that hold. Nothing was asked for: nothing is
    done.
    """
    if _wanted is None:
        return
    from hypothesis import HealthCheck, Phase, settings

    profile, random = _wanted
    settings.register_profile(
        "fwconformance",
        derandomize=not random,
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        # The first call of a framework compiles and fills caches: slow is no sign of anything.
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
        phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.target, Phase.shrink],
        max_examples=EXAMPLES[profile],
        print_blob=False,
    )
    settings.load_profile("fwconformance")
