# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
# ruff: noqa: ARG005  # a fault takes what the real function takes, and uses none of it
"""Faults planted in libraries that are built on MXNet. Each library is imported when its fault is planted."""

from __future__ import annotations

from importlib import metadata
from typing import Any, Callable, Sequence

from mxnet import gluon, nd

from fwconformance.frameworks._patching import planted, replaced
from fwconformance.frameworks._protocol import Sabotage


def _standing_still() -> Any:
    return replaced(gluon.Trainer, "step", lambda _: lambda self, batch_size, ignore_stale_grad=False: None)


def _sees(name: str, case: str, apply: Callable[[], Any], description: str) -> Sabotage:
    return Sabotage(name=f"gluoncv-{name}", kills="ecosystem.gluoncv", case=case, apply=apply, description=description)


def _reads(name: str, case: str, apply: Callable[[], Any], description: str) -> Sabotage:
    return Sabotage(
        name=f"gluonnlp-{name}", kills="ecosystem.gluonnlp", case=case, apply=apply, description=description
    )


def _one_word_less(original: Any) -> Any:
    return lambda self, tokens: [max(index - 1, 0) for index in original(self, tokens)]


def _of_other_width(original: Any) -> Any:
    """BERT's base size under its name, with half of its layers."""
    return lambda **named: original(**{**named, "num_layers": named["num_layers"] // 2})


def _infers(name: str, case: str, apply: Callable[[], Any], description: str) -> Sabotage:
    return Sabotage(
        name=f"mxfusion-{name}", kills="ecosystem.mxfusion", case=case, apply=apply, description=description
    )


ECOSYSTEM_SABOTAGES: Sequence[Sabotage] = (
    _infers(
        "stops-at-once",
        "variational",
        planted(
            "mxfusion.inference",
            "GradBasedInference.run",
            lambda original: lambda self, **named: original(self, **{**named, "max_iter": 1}),
        ),
        "GradBasedInference.run takes one step.",
    ),
    _infers(
        "names-no-mxnet",
        "rests-on",
        lambda: replaced(metadata, "metadata", lambda _: lambda name: {}),
        "The metadata of distributions say nothing of what they are.",
    ),
    _sees(
        "lists-few",
        "lists",
        planted("gluoncv.model_zoo", "get_model_list", lambda original: lambda: list(original())[:5]),
        "get_model_list gives five names.",
    ),
    _sees("does-not-learn", "classification", _standing_still, "Trainer.step does nothing."),
    _sees(
        "boxes-shifted",
        "detection",
        planted(
            "gluoncv.model_zoo.ssd.ssd",
            "SSD.hybrid_forward",
            lambda original: lambda self, ops, x: _shifted(original(self, ops, x)),
        ),
        "SSD gives boxes that lie sixty pixels to the right and below.",
    ),
    _sees(
        "overlaps-doubled",
        "metrics",
        planted("gluoncv.utils", "bbox_iou", lambda original: lambda *boxes: original(*boxes) * 2),
        "utils.bbox_iou gives twice the overlap.",
    ),
    _sees(
        "not-normalised",
        "preprocessing",
        lambda: replaced(gluon.data.vision.transforms.Normalize, "hybrid_forward", lambda _: lambda self, ops, x: x),
        "transforms.Normalize gives images as they are.",
    ),
    _sees(
        "weights-not-loaded",
        "download",
        lambda: replaced(gluon.Block, "load_parameters", _only_started),
        "Block.load_parameters draws weights and loads none.",
    ),
    _sees(
        "digest-not-looked-at",
        "torn-download",
        planted("gluoncv.model_zoo.model_store", "check_sha1", lambda _: lambda path, digest: True),
        "The model store keeps a file with another digest.",
    ),
    _reads(
        "indices-off",
        "vocabulary",
        planted("gluonnlp", "Vocab.to_indices", _one_word_less),
        "Vocab.to_indices gives the index before.",
    ),
    _reads(
        "decoder-doubles",
        "language-model",
        planted(
            "gluonnlp.model",
            "StandardRNN.forward",
            lambda original: lambda self, *given: _doubled(original(self, *given)),
        ),
        "StandardRNN gives twice its outputs.",
    ),
    _reads("does-not-learn", "bert", _standing_still, "Trainer.step does nothing."),
    _reads(
        "sees-past-the-end",
        "valid-length",
        planted(
            "gluonnlp.model",
            "BERTEncoder.hybrid_forward",
            lambda original: (
                lambda self, ops, data, states=None, valid_length=None, **named: original(
                    self, ops, data, states, None, **named
                )
            ),
        ),
        "BERTEncoder takes no notice of lengths.",
    ),
    _reads(
        "layers-missing",
        "bert-base",
        planted("gluonnlp.model.bert", "BERTEncoder", _of_other_width),
        "The encoder of BERT's base size has half of its layers.",
    ),
)


def _shifted(found: Sequence[Any]) -> Any:
    return found if len(found[2].shape) != 3 or found[0].shape[-1] != 1 else [found[0], found[1], found[2] + 60]


def _doubled(found: tuple[Any, Any]) -> tuple[Any, Any]:
    return found[0] * 2, found[1]


def _only_started(original: Any) -> Any:
    def load_parameters(self: Any, filename: str, ctx: Any = None, **named: Any) -> None:
        self.initialize(ctx=ctx, force_reinit=True)
        self(nd.zeros((1, 3, 32, 32), ctx=ctx))

    return load_parameters
