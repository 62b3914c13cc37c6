"""The Hypothesis profile of a conformance run."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

from fwconformance.suitekit._cases import EXAMPLES

if TYPE_CHECKING:
    from fwconformance.evidence import Profile


def load_profile(profile: Profile, *, random: bool) -> None:
    """Make Hypothesis draw the same examples in every run (unless `random`), remember none, and set no deadline.

    Before any suite is imported, since `@given` takes the settings that hold when it decorates. Does nothing without Hypothesis.
    """
    if importlib.util.find_spec("hypothesis") is None:
        return
    from hypothesis import HealthCheck, Phase, settings

    # The first call of a framework compiles and fills caches: slow is no sign of anything.
    ignored = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
    phases = [Phase.explicit, Phase.reuse, Phase.generate, Phase.target, Phase.shrink]
    settings.register_profile(
        "fwconformance",
        derandomize=not random,
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        suppress_health_check=ignored,
        phases=phases,
        max_examples=EXAMPLES[profile],
        print_blob=False,
    )
    settings.load_profile("fwconformance")
