"""Work that is measured, the same in every framework: a network, a batch, and what is done with it.

Imports NumPy and the neutral description of networks, neither pytest nor a framework.
"""

from __future__ import annotations

from fwconformance.works._catalog import WORKS as WORKS
from fwconformance.works._catalog import find_work as find_work
from fwconformance.works._draws import distinct as distinct
from fwconformance.works._draws import ids as ids
from fwconformance.works._draws import initial_weights as initial_weights
from fwconformance.works._draws import spread as spread
from fwconformance.works._draws import weights_for as weights_for
from fwconformance.works._tolerance import HALF_MODES as HALF_MODES
from fwconformance.works._tolerance import Half as Half
from fwconformance.works._tolerance import gradient_tolerance as gradient_tolerance
from fwconformance.works._work import Drawn as Drawn
from fwconformance.works._work import Work as Work
from fwconformance.works._work import operations as operations
