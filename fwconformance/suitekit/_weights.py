"""Weights that others trained and that registry packages ship: whether they load and give right answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fwconformance.frameworks import Unavailable
from fwconformance.libraries import packaged
from fwconformance.suitekit._libraries import judge, prepared

if TYPE_CHECKING:
    from fwconformance.frameworks import Seam
    from fwconformance.suitekit._cases import Case


def check_weights(case: Case, framework: Seam, kind: str) -> None:
    """Assert that what the package of that kind for `framework` finds in real inputs is right.

    Raises Unsupported where it cannot be installed beside the framework's release of today, or does not run with it;
    Unavailable where no such package is known, or where nothing was prepared.
    """
    package = packaged().place(framework.name, kind, "first")
    if package is None:
        looked = packaged().lacking.get((kind, framework.name), "nobody looked for one")
        raise Unavailable(f"no package with such weights is in the list: {looked}")
    found = prepared(package, framework)
    judge(case, package, found)
    case.figure("allowed by its own requirements", 0.0 if found.against else 1.0, "1")
