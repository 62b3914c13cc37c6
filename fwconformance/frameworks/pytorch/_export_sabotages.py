# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Three faults for each format, planted in the function that writes it: what it is handed is changed on the way in."""

from __future__ import annotations

import contextlib
import copy
import importlib
import importlib.util
from typing import Any, Callable, ContextManager, Iterator, Mapping, Sequence

import attrs
import torch
from torch import nn

from fwconformance.frameworks._export_faults import quantising_nothing
from fwconformance.frameworks._patching import replaced
from fwconformance.frameworks._protocol import Sabotage
from fwconformance.frameworks.pytorch._export_litert import LiteRtExporter
from fwconformance.frameworks.pytorch._export_programs import ProgramExporter

Call = Callable[..., Any]


@attrs.frozen(kw_only=True)
class Writer:
    """The function that writes a format; its first argument is the module.

    Attributes:
        owner, name: where it is found; a module that is not installed is not patched, its cases are unavailable.
        fixed: (arguments, named ones) of a call, changed so that the batch size is baked in; None where it always is.
    """

    owner: str
    name: str
    fixed: Callable[[tuple[Any, ...], Mapping[str, Any]], tuple[tuple[Any, ...], dict[str, Any]]] | None


class OfOneSize(nn.Module):
    """A module whose input is made one of the example's shape."""

    def __init__(self, module: Any, shape: Sequence[int]) -> None:
        super().__init__()
        self.module = module
        self.shape = tuple(shape)

    def forward(self, x: Any) -> Any:
        return self.module(x.reshape(self.shape))


class ByTheBatch(nn.Module):
    """Batch normalisation as in training, whatever the mode is: some writers set a module to inference themselves."""

    def __init__(self, norm: Any) -> None:
        super().__init__()
        self.norm = norm

    def forward(self, x: Any) -> Any:
        mean = x.mean((0, 2, 3), keepdim=True)
        variance = ((x - mean) ** 2).mean((0, 2, 3), keepdim=True)
        scale, shift = self.norm.weight[None, :, None, None], self.norm.bias[None, :, None, None]
        return (x - mean) * torch.rsqrt(variance + self.norm.eps) * scale + shift


def _no_dynamic_shapes(arguments: tuple[Any, ...], named: Mapping[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    # The second is what older releases call it.
    fixed = {name: None for name in ("dynamic_shapes", "dynamic_axes") if name in named}
    return arguments, {**named, **fixed}


def _traced_at_one_size(arguments: tuple[Any, ...], named: Mapping[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    module, (example,), *rest = arguments
    return (OfOneSize(module, example.shape), (example,), *rest), dict(named)


def _shape_of_the_example(
    arguments: tuple[Any, ...], named: Mapping[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    return arguments, {**named, "input": [list(named["example_input"].shape)]}


def _without_bias(module: Any) -> Any:
    changed = copy.deepcopy(module)
    last = [one for one in changed.modules() if isinstance(one, nn.Linear)][-1]
    with torch.no_grad():
        last.bias.zero_()
    return changed


def _in_training(module: Any) -> Any:
    changed = copy.deepcopy(module)
    for parent in list(changed.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.BatchNorm2d):
                setattr(parent, name, ByTheBatch(child))
    return changed


_PROGRAM = Writer(owner="torch.export", name="export", fixed=_no_dynamic_shapes)

_WRITERS: Mapping[str, Writer] = {
    "onnx": Writer(owner="torch.onnx", name="export", fixed=_no_dynamic_shapes),
    "torch-export": _PROGRAM,
    "aot-inductor": _PROGRAM,
    "executorch": _PROGRAM,
    "stablehlo": _PROGRAM,
    "torchscript": Writer(owner="torch.jit", name="trace", fixed=_traced_at_one_size),
    "coreml": Writer(owner="torch.jit", name="trace", fixed=_traced_at_one_size),
    # A call without dynamic_shapes is what it already is: litert-torch takes no axis of any size.
    "litert": Writer(owner="litert_torch", name="convert", fixed=None),
    "openvino": Writer(owner="openvino", name="convert_model", fixed=_shape_of_the_example),
}


def _planted(writer: Writer, make: Callable[[Call], Call]) -> Callable[[], ContextManager[None]]:
    @contextlib.contextmanager
    def apply() -> Iterator[None]:
        try:
            owner = importlib.import_module(writer.owner)
        except ImportError:
            yield
            return
        with replaced(owner, writer.name, make):
            yield

    return apply


def _handed(change: Callable[[Any], Any]) -> Callable[[Call], Call]:
    def make(original: Call) -> Call:
        def write(module: Any, *arguments: Any, **named: Any) -> Any:
            return original(change(module), *arguments, **named)

        return write

    return make


def _called(change: Callable[..., tuple[tuple[Any, ...], dict[str, Any]]]) -> Callable[[Call], Call]:
    def make(original: Call) -> Call:
        def write(*arguments: Any, **named: Any) -> Any:
            changed, changed_named = change(arguments, named)
            return original(*changed, **changed_named)

        return write

    return make


def _of(form: str, writer: Writer) -> Sequence[Sabotage]:
    where = f"{writer.owner}.{writer.name}"
    baked = (
        Sabotage(
            name=f"{form}-bakes-in-the-batch",
            kills=f"export.{form}",
            case="dynamic-batch",
            apply=_planted(writer, _called(fixed)),
            description=f"{where} is asked for the example's batch size alone.",
        )
        for fixed in (writer.fixed,)
        if fixed is not None
    )
    return (
        *baked,
        Sabotage(
            name=f"{form}-drops-a-bias",
            kills=f"export.{form}",
            case="convolutional",
            apply=_planted(writer, _handed(_without_bias)),
            description=f"{where} is handed the module with the last bias zero.",
        ),
        Sabotage(
            name=f"{form}-exports-training",
            kills=f"export.{form}",
            case="convolutional",
            apply=_planted(writer, _handed(_in_training)),
            description=f"{where} is handed the module with batch normalisation as in training.",
        ),
    )


#: Formats whose writer no environment has beside the others: where it is not installed, nothing could be proven.
_APART = set() if importlib.util.find_spec("litert_torch") else {"litert"}

EXPORT_SABOTAGES: Sequence[Sabotage] = tuple(
    sabotage
    for form, found in (
        *((form, _of(form, writer)) for form, writer in sorted(_WRITERS.items())),
        ("torch-export", (quantising_nothing("torch-export", ProgramExporter),)),
        ("litert", (quantising_nothing("litert", LiteRtExporter),)),
    )
    if form not in _APART
    for sabotage in found
)
