"""What the suites import beside the seam: Hypothesis (or its stand-in), draws, comparisons, data sets, trainings."""

from __future__ import annotations

from fwconformance.suitekit._data import ALPHABET as ALPHABET
from fwconformance.suitekit._data import Split as Split
from fwconformance.suitekit._data import digits as digits
from fwconformance.suitekit._data import languages as languages
from fwconformance.suitekit._data import wine as wine
from fwconformance.suitekit._draws import distinct as distinct
from fwconformance.suitekit._draws import ids as ids
from fwconformance.suitekit._draws import initial_weights as initial_weights
from fwconformance.suitekit._draws import spread as spread
from fwconformance.suitekit._draws import weights_for as weights_for
from fwconformance.suitekit._export import check_convolutional as check_convolutional
from fwconformance.suitekit._export import check_dynamic_batch as check_dynamic_batch
from fwconformance.suitekit._export import check_recurrent as check_recurrent
from fwconformance.suitekit._hypothesis import given as given
from fwconformance.suitekit._hypothesis import st as st
from fwconformance.suitekit._parity import check_both as check_both
from fwconformance.suitekit._parity import check_forward as check_forward
from fwconformance.suitekit._parity import check_gradients as check_gradients
from fwconformance.suitekit._parity import compare_gradients as compare_gradients
from fwconformance.suitekit._parity import compare_weights as compare_weights
from fwconformance.suitekit._parity import largest_move as largest_move
from fwconformance.suitekit._parity import own_reset as own_reset
from fwconformance.suitekit._parity import own_running_variance as own_running_variance
from fwconformance.suitekit._parity import scalar as scalar
from fwconformance.suitekit._training import accuracy as accuracy
from fwconformance.suitekit._training import batches as batches
from fwconformance.suitekit._training import recall as recall
from fwconformance.suitekit._training import squared_error as squared_error
from fwconformance.suitekit._training import train as train
from fwconformance.suitekit._training import windows as windows
