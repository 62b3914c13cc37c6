# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Faults planted in the real Caffe2: each names the capability that must turn red, whatever this adapter does."""

from __future__ import annotations

import contextlib
import functools
from typing import Any, Callable, ContextManager, Iterator, Sequence

from caffe2.python import core, rnn_cell, workspace

from fwconformance.frameworks._patching import replaced
from fwconformance.frameworks._protocol import Sabotage


def _created(change: Callable[[Any], None]) -> Callable[[], ContextManager[None]]:
    """Every operator of every net passes through `change` before the net is created or run."""

    def make(original: Any) -> Any:
        @functools.wraps(original)
        def call(net: Any, *rest: Any, **named: Any) -> Any:
            for operator in net.Proto().op:
                change(operator)
            return original(net, *rest, **named)

        return call

    @contextlib.contextmanager
    def apply() -> Iterator[None]:
        with replaced(workspace, "CreateNet", make), replaced(workspace, "RunNetOnce", make):
            yield

    return apply


def _other_type(before: str, after: str) -> Callable[[], ContextManager[None]]:
    def change(operator: Any) -> None:
        if operator.type == before:
            operator.type = after

    return _created(change)


def _other_number(kind: str, name: str, value: float) -> Callable[[], ContextManager[None]]:
    """Argument `name` of operators `kind` is `value`, whatever was asked for."""

    def change(operator: Any) -> None:
        if operator.type != kind:
            return
        for argument in operator.arg:
            if argument.name == name:
                argument.ClearField("i")
                argument.ClearField("f")
                if isinstance(value, int):
                    argument.i = value
                else:
                    argument.f = value

    return _created(change)


@contextlib.contextmanager
def _outputs_doubled() -> Iterator[None]:
    """After a net ran, the blob that a model's net gives is doubled."""

    def make(original: Any) -> Any:
        @functools.wraps(original)
        def run(name: Any, *rest: Any, **named: Any) -> Any:
            found = original(name, *rest, **named)
            # A net is called as its model, with a number behind where the name was taken.
            blob = str(name).split("_")[0] + "/outputs"
            if workspace.HasBlob(blob):
                workspace.FeedBlob(blob, workspace.FetchBlob(blob) * 2)
            return found

        return run

    with replaced(workspace, "RunNet", make):
        yield


def _deaf(operator: Any) -> None:
    operator.device_option.random_seed = 1


@contextlib.contextmanager
def _reads_nothing() -> Iterator[None]:
    def make(original: Any) -> Any:
        @functools.wraps(original)
        def run(operator: Any, *rest: Any, **named: Any) -> Any:
            return True if operator.type == "Load" else original(operator, *rest, **named)

        return run

    with replaced(workspace, "RunOperatorOnce", make):
        yield


@contextlib.contextmanager
def _ceil_floors() -> Iterator[None]:
    def make(original: Any) -> Any:
        @functools.wraps(original)
        def run(operator: Any, *rest: Any, **named: Any) -> Any:
            if operator.type == "Ceil":
                operator.type = "Floor"
            return original(operator, *rest, **named)

        return run

    with replaced(workspace, "RunOperatorOnce", make):
        yield


@contextlib.contextmanager
def _first_passed_over() -> Iterator[None]:
    """Every reader of a database stands on the second record."""

    def make(original: Any) -> Any:
        @functools.wraps(original)
        def run(operator: Any, *rest: Any, **named: Any) -> Any:
            found = original(operator, *rest, **named)
            if operator.type == "CreateDB":
                database = core.BlobReference(operator.output[0])
                outputs = [core.BlobReference(f"{database}/{part}") for part in ("passed_over", "with")]
                original(core.CreateOperator("TensorProtosDBInput", [database], outputs, batch_size=1))
            return found

        return run

    with replaced(workspace, "RunOperatorOnce", make):
        yield


@contextlib.contextmanager
def _predicts_zeros() -> Iterator[None]:
    class Deaf:
        def __init__(self, sound: Any) -> None:
            self.run = lambda given: [each * 0 for each in sound.run(given)]

    with replaced(workspace, "Predictor", lambda original: lambda *nets: Deaf(original(*nets))):
        yield


@contextlib.contextmanager
def _remembering() -> Iterator[None]:
    def make(original: Any) -> Any:
        return functools.partial(original, forget_bias=3.0)

    with replaced(rnn_cell, "LSTM", make):
        yield


@contextlib.contextmanager
def _true_slopes() -> Iterator[None]:
    from fwconformance.frameworks.caffe2 import _pieces

    def make(original: Any) -> Any:
        def slope(inputs: Any, outputs: Any) -> None:
            outputs[0].feed(inputs[2].data * 2 * inputs[0].data)

        return slope

    with replaced(_pieces, "wrong_slope", make):
        yield


_STILL = _other_number("LearningRate", "base_lr", 0.0)

SABOTAGES: Sequence[Sabotage] = (
    Sabotage(
        name="outputs-doubled",
        kills="layers.dense",
        case="forward",
        apply=_outputs_doubled,
        description="After RunNet the blob of the outputs is doubled.",
    ),
    Sabotage(
        name="maximum-becomes-average",
        kills="layers.pooling",
        case="max",
        apply=_other_type("MaxPool", "AveragePool"),
        description="The operator AveragePool runs in place of MaxPool.",
    ),
    Sabotage(
        name="batch-norm-epsilon-of-ten",
        kills="layers.batch-norm",
        case="training",
        apply=_other_number("SpatialBN", "epsilon", 10.0),
        description="SpatialBN adds 10 to the variance.",
    ),
    Sabotage(
        name="dropout-drops-nothing",
        kills="layers.dropout",
        case="rate",
        apply=_other_number("Dropout", "ratio", 0.0),
        description="Dropout drops with probability 0.",
    ),
    Sabotage(
        name="tanh-becomes-sigmoid",
        kills="layers.activation",
        case="tanh",
        apply=_other_type("Tanh", "Sigmoid"),
        description="The operator Sigmoid runs in place of Tanh.",
    ),
    Sabotage(
        name="loss-summed",
        kills="losses.regression",
        case="mse",
        apply=_other_type("AveragedLoss", "SumElements"),
        description="The operator SumElements runs in place of AveragedLoss.",
    ),
    Sabotage(
        name="lstm-forgets-less",
        kills="rnn.lstm",
        case="forward",
        apply=_remembering,
        description="rnn_cell.LSTM adds 3 to the forget gate.",
    ),
    Sabotage(
        name="rate-of-nought",
        kills="train.sgd",
        case="three-steps",
        apply=_STILL,
        description="The operator LearningRate gives 0.",
    ),
    Sabotage(
        name="seed-ignored",
        kills="train.reproducible",
        case="other-seed-differs",
        apply=_created(_deaf),
        description="Every operator draws by the seed 1.",
    ),
    Sabotage(
        name="load-reads-nothing",
        kills="train.checkpoint",
        case="weights-round-trip",
        apply=_reads_nothing,
        description="The operator Load reads nothing.",
    ),
    Sabotage(
        name="custom-layer-not-stepped",
        kills="extend.custom-layer",
        case="trains",
        apply=_STILL,
        description="The operator LearningRate gives 0.",
    ),
    Sabotage(
        name="custom-gradient-replaced",
        kills="extend.custom-gradient",
        case="wrong-on-purpose",
        apply=_true_slopes,
        description="The Python operator is given the true gradient.",
    ),
    Sabotage(
        name="own-operator-becomes-tanh",
        kills="extend.custom-operator",
        case="forward",
        apply=_other_type("TamedCube", "Tanh"),
        description="The operator Tanh runs in place of the user's own.",
    ),
    Sabotage(
        name="ceil-floors",
        kills="operators.onnx-coverage",
        case="onnx-operator-set",
        apply=_ceil_floors,
        description="The operator Floor runs in place of Ceil.",
    ),
    Sabotage(
        name="declared-tanh-becomes-sigmoid",
        kills="modes.symbolic",
        case="agrees",
        apply=_other_type("Tanh", "Sigmoid"),
        description="The operator Sigmoid runs in place of Tanh.",
    ),
    Sabotage(
        name="tabular-not-trained",
        kills="tasks.tabular",
        case="trains",
        apply=_STILL,
        description="The operator LearningRate gives 0.",
    ),
    Sabotage(
        name="timed-outputs-doubled",
        kills="speed.smoke",
        case="forward",
        apply=_outputs_doubled,
        description="After RunNet the blob of the outputs is doubled in the net that is timed.",
    ),
    Sabotage(
        name="carried-net-not-trained",
        kills="build.carries-caffe2",
        case="trains",
        apply=_STILL,
        description="The operator LearningRate gives 0.",
    ),
    Sabotage(
        name="converted-scores-as-sigmoid",
        kills="ecosystem.caffe-conversion",
        case="scores",
        apply=_other_type("Softmax", "Sigmoid"),
        description="The operator Sigmoid runs in place of Softmax.",
    ),
    Sabotage(
        name="converted-maximum-becomes-average",
        kills="ecosystem.caffe-conversion",
        case="features",
        apply=_other_type("MaxPool", "AveragePool"),
        description="The operator AveragePool runs in place of MaxPool.",
    ),
    Sabotage(
        name="converted-normalisation-of-ten",
        kills="ecosystem.caffe-conversion",
        case="caffenet-layers",
        apply=_other_number("LRN", "alpha", 10.0),
        description="The operator LRN scales its sum by 10.",
    ),
    Sabotage(
        name="adagrad-remembers-little",
        kills="train.adagrad",
        case="three-steps",
        apply=_other_number("Adagrad", "decay", 0.5),
        description="The operator Adagrad halves the squares that it has summed before each step.",
    ),
    Sabotage(
        name="rmsprop-keeps-its-decay",
        kills="train.rmsprop",
        case="three-steps",
        apply=_other_number("RmsProp", "decay", 0.99),
        description="The operator RmsProp decays by 0.99.",
    ),
    Sabotage(
        name="adadelta-epsilon-of-one",
        kills="train.adadelta",
        case="three-steps",
        apply=_other_number("Adadelta", "epsilon", 1.0),
        description="The operator Adadelta adds 1 to both of its averages.",
    ),
    Sabotage(
        name="mean-added",
        kills="vision.preprocessing",
        case="channels",
        apply=_other_type("Sub", "Add"),
        description="The operator Add runs in place of Sub.",
    ),
    Sabotage(
        name="first-record-passed-over",
        kills="vision.data-layers",
        case="in-order",
        apply=_first_passed_over,
        description="A database that is opened to be read has had its first record read.",
    ),
    Sabotage(
        name="defined-maximum-becomes-average",
        kills="vision.expressive-definition",
        case="read-back",
        apply=_other_type("MaxPool", "AveragePool"),
        description="The operator AveragePool runs in place of MaxPool.",
    ),
    *(
        Sabotage(name=f"quick-and-wrong-{case}", kills=capability, case=case, apply=apply, description=said)
        for capability, case, apply, said in (
            ("costs.start", "import", _other_type("Tanh", "Sigmoid"), "The operator Sigmoid runs in place of Tanh."),
            ("costs.start", "first-call", _STILL, "The operator LearningRate gives 0."),
            ("costs.start", "peak-memory", _STILL, "The operator LearningRate gives 0."),
            ("costs.loading", "data", _first_passed_over, "A database that is opened has had its first record read."),
            ("costs.loading", "data-shuffled", _other_number("TopK", "k", 1024), "TopK gives 1,024 at most."),
            ("costs.loading", "model", _predicts_zeros, "workspace.Predictor gives zeros."),
        )
    ),
)
