"""The sabotages of the PyTorch adapter: every area has one, and each leaves PyTorch as it was."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed here: tox runs these tests in torch-cpu")

from fwconformance.frameworks import _bridge  # noqa: E402
from fwconformance.frameworks._idiomatic import Idiom  # noqa: E402
from fwconformance.frameworks._litserve_faults import IN_LITSERVE  # noqa: E402
from fwconformance.frameworks.pytorch._bindings import BindingsPiece  # noqa: E402
from fwconformance.frameworks.pytorch._sabotages import SABOTAGES  # noqa: E402
from fwconformance.registry import load_registry  # noqa: E402

# Imported by the faults that are planted there, which would look like a change of torch.distributed itself.
fsdp = pytest.importorskip("torch.distributed.fsdp")
tensor_parallel = pytest.importorskip("torch.distributed.tensor.parallel")

OWNERS = (
    torch,
    torch.Tensor,
    torch.fx.Graph,
    torch._VF,
    torch.export,
    torch.jit,
    torch.onnx,
    torch.autograd.Function,
    torch.distributed,
    fsdp,
    tensor_parallel,
    tensor_parallel.RowwiseParallel,
    torch.func,
    torch.nn.CrossEntropyLoss,
    torch.nn.Module,
    torch.nn.functional,
    torch.nn.parallel.DistributedDataParallel,
    torch.nn.utils.rnn,
    torch.optim.Adam,
    torch.optim.SGD,
    torch.utils.data.DataLoader,
    torch.utils.data.DistributedSampler,
    BindingsPiece,
    Idiom,
    _bridge,
)


# OpenVINO and LitServe are no part of PyTorch, and need not be installed. The faults in LitServe have their own tests.
# What others built on PyTorch has tests of its own.
# Quantising is taken out of our own exporter, which has a test of its own.
HERE = [
    each
    for each in SABOTAGES
    if each.kills != "export.openvino"
    and each.kills.partition(".")[0] not in {"automl", "ecosystem"}
    and each not in IN_LITSERVE
    and each.case != "quantized"
]


@pytest.mark.parametrize("sabotage", HERE, ids=lambda sabotage: sabotage.name)
def test_it_plants_a_fault_and_takes_it_away(sabotage, check_fault, attributes_of):
    # The first look-up of a kernel keeps it in the module's dictionary, which is no fault.
    torch._VF.lstm, torch._VF.gru  # noqa: B018
    check_fault(sabotage, lambda: attributes_of(OWNERS))


def test_it_is_taken_away_after_an_error_too(attributes_of):
    before = attributes_of(OWNERS)
    with pytest.raises(RuntimeError), SABOTAGES[0].apply():
        raise RuntimeError
    assert attributes_of(OWNERS) == before


def test_every_area_that_the_adapter_supports_has_one():
    areas = {name.split(".")[0] for name, entry in load_registry().capabilities.items() if entry.active}
    # What a build carries is for Caffe2 to show, where it is a part of it.
    assert {sabotage.kills.split(".")[0] for sabotage in SABOTAGES} == areas - {"backend", "build"}
