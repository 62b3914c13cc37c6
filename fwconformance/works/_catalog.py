"""The works that there are. Every network is a published one, or says what was left out of it."""

from __future__ import annotations

from typing import Mapping

import attrs

from fwconformance.frameworks import Network
from fwconformance.works import _networks as networks
from fwconformance.works._tolerance import FRESH, IN_HALF, Half
from fwconformance.works._work import Work


@attrs.frozen(kw_only=True)
class _Family:
    title: str
    network: Network
    batch: int
    source: str
    gradients: float = FRESH
    half: Half = IN_HALF


_FAMILIES: Mapping[str, _Family] = {
    "mlp": _Family(
        title="MLP, two hidden layers of 1,024",
        network=Network(layers=networks.MLP, input_shape=(784,)),
        batch=16,
        source="the multilayer perceptron of MNIST tutorials, wider",
    ),
    "lenet5": _Family(
        title="LeNet-5",
        network=Network(layers=networks.LENET5, input_shape=(1, 28, 28)),
        batch=16,
        source="LeCun, Bottou, Bengio and Haffner (1998), all maps connected in its second convolution",
    ),
    "caffenet": _Family(
        title="CaffeNet",
        network=Network(layers=networks.CAFFENET, input_shape=(3, 227, 227)),
        batch=16,
        source="Jia and others (2014), after Krizhevsky and others (2012), without dropout, so that runs agree",
    ),
    "lstm-lm": _Family(
        title="LSTM language model, two layers of 200, 20 words",
        network=Network(layers=networks.LSTM_LM, input_shape=(20,), integer_input=True),
        batch=16,
        source="Zaremba, Sutskever and Vinyals (2014), the small one; state starts at zero",
    ),
    "vgg-a": _Family(
        title="VGG-A, 11 layers with weights",
        network=Network(layers=networks.VGG_A, input_shape=(3, 224, 224)),
        batch=16,
        source="Simonyan and Zisserman (2015), configuration A, without dropout, so that runs agree",
    ),
    "googlenet": _Family(
        title="GoogLeNet",
        network=Network(layers=networks.GOOGLENET, input_shape=(3, 224, 224)),
        batch=16,
        source="Szegedy and others (2015), without its auxiliary classifiers and dropout; poolings that round up there "
        "are padded by one cell on every side here",
    ),
    "resnet-50": _Family(
        title="ResNet-50",
        network=Network(layers=networks.RESNET_50, input_shape=(3, 224, 224)),
        batch=16,
        source="He and others (2016), each block's stride in its second convolution, as most libraries have it",
        # Through 53 normalisations float32 alone moves gradients by 2 to 4 % of their norms: PyTorch in float64 agrees
        # with the oracle to 1e-12, and in float32 to 2 %.
        gradients=0.1,
        # In bfloat16 the same moves outputs by 11 %, losses by 0.4 %, and leaves gradients nothing in common with the
        # oracle's (128 % of a norm in the middle of them).
        half=Half(outputs=0.4, loss=0.02, gradients=None),
    ),
    "transformer": _Family(
        title="Transformer encoder block, 512 features, 8 heads, 128 steps",
        network=Network(layers=networks.TRANSFORMER, input_shape=(128, 512)),
        batch=16,
        source="Vaswani and others (2017), one layer of the base model's encoder, without dropout, so that runs agree; "
        "trained to name one of 512 features a step",
    ),
}

_BECAUSE = "float32 sums of up to some ten thousand terms, in another order in each framework"


def _works() -> dict[str, Work]:
    found = []
    for name, family in _FAMILIES.items():
        for suffix, batch, trains in (
            ("inference-1", 1, False),
            ("inference", family.batch, False),
            ("train", family.batch, True),
        ):
            doing = "training step" if trains else "inference"
            found.append(
                Work(
                    id=f"{name}-{suffix}",
                    title=f"{family.title}: {doing}, batch {batch}",
                    network=family.network,
                    batch=batch,
                    trains=trains,
                    rtol=1e-3,
                    atol=1e-4,
                    because=_BECAUSE,
                    source=family.source,
                    gradients=family.gradients,
                    half=family.half,
                )
            )
    return {work.id: work for work in found}


#: Every work by its id.
WORKS: Mapping[str, Work] = _works()


def find_work(name: str) -> Work:
    """The work `name`. Raises ValueError, with the known ones, where there is none."""
    if name not in WORKS:
        raise ValueError(f"there is no work {name!r}; there are {', '.join(WORKS)}")
    return WORKS[name]
