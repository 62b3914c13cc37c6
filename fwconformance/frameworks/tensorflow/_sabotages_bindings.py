# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""Faults of TensorFlow's bindings: a program that prints its inputs, another SavedModel, wrong expectations."""

from __future__ import annotations

from typing import Any, Callable, Sequence

import attrs
import tensorflow as tf

from fwconformance.frameworks._binding_faults import between_releases, parrots
from fwconformance.frameworks._patching import replaced
from fwconformance.frameworks._pieces_bindings import RUNGS
from fwconformance.frameworks._protocol import Sabotage
from fwconformance.frameworks.tensorflow._bindings import BindingsPiece
from fwconformance.frameworks.tensorflow._bindings_javascript import JavaScript
from fwconformance.frameworks.tensorflow._bindings_python import Python

_OFF = 1.01


def _off(original: Any) -> Any:
    return lambda *arguments, **named: _OFF * original(*arguments, **named)


def _off_in_graphs(original: Any) -> Any:
    def bias_add(value: Any, bias: Any, *arguments: Any, **named: Any) -> Any:
        return original(value, bias if tf.executing_eagerly() else _OFF * bias, *arguments, **named)

    return bias_add


def _too_large(original: Any) -> Any:
    def apply_gradients(self: Any, pairs: Any, *arguments: Any, **named: Any) -> Any:
        return original(self, [(_OFF * gradient, variable) for gradient, variable in pairs], *arguments, **named)

    return apply_gradients


@attrs.frozen
class _Ladder:
    """`case` of the ladder of `language`."""

    language: str
    case: str

    def wrong(
        self, name: str, rung: str, place: tuple[Any, str], make: Callable[[Any], Any], description: str
    ) -> Sabotage:
        """A fault of `rung`: what stands in `place` is what `make` makes of it."""
        return Sabotage(
            name="-".join((self.language, *((self.case,) if self.case == "community" else ()), name)),
            kills=f"binding.{self.language}.{rung}",
            case=self.case,
            apply=lambda: replaced(*place, make),
            description=description,
        )

    def sabotages(self, restored: tuple[Any, str]) -> Sequence[Sabotage]:
        """Of every rung; `restored`: what makes the outputs that those of a saved model are held against."""
        train, losses = tf.compat.v1.train, tf.compat.v1.losses
        return (
            *parrots(BindingsPiece, self.language, case=self.case),
            self.wrong(
                "saved-model-perturbed",
                "inference",
                (tf.nn, "bias_add"),
                _off_in_graphs,
                "tf.nn.bias_add adds a hundredth too much in graphs, and so in the SavedModel that is exported.",
            ),
            self.wrong(
                "expected-outputs-wrong",
                "saving",
                restored,
                _off,
                f"{restored[1]}, which the program's outputs are held against, gives a hundredth too much.",
            ),
            self.wrong(
                "expected-gradients-wrong",
                "gradients",
                (losses, "mean_squared_error"),
                _off,
                "Python's loss, and with it the gradients that are expected, is a hundredth too large.",
            ),
            self.wrong(
                "expected-losses-wrong",
                "training",
                (train.MomentumOptimizer, "apply_gradients"),
                _too_large,
                "Python's optimizer, which the program's is held against, takes gradients a hundredth too large.",
            ),
        )


def _rungs_of(capability: str) -> Sequence[Sabotage]:
    """The faults of JavaScript's ladder, for a capability whose cases are its rungs."""
    return tuple(
        attrs.evolve(
            one,
            name=one.name.replace("javascript", capability.rpartition(".")[2], 1),
            kills=capability,
            case=one.kills.rpartition(".")[2],
        )
        for one in _Ladder("javascript", "official").sabotages((JavaScript, "restored"))
    )


def sabotages() -> Sequence[Sabotage]:
    """Of every rung in every language."""
    return (
        *_Ladder("c", "official").sabotages((tf, "matmul")),
        *_Ladder("cpp", "official").sabotages((tf, "matmul")),
        *_Ladder("go", "community").sabotages((tf, "matmul")),
        *_Ladder("java", "official").sabotages((tf, "matmul")),
        *_Ladder("rust", "crate").sabotages((tf, "matmul")),
        *_Ladder("python", "official").sabotages((Python, "restored")),
        *between_releases(BindingsPiece, "java"),
        *_Ladder("javascript", "official").sabotages((JavaScript, "restored")),
        *(
            attrs.evolve(one, name=f"browser-parrot-{rung}", kills="binding.javascript.browser", case=rung)
            for one, rung in zip(parrots(BindingsPiece, "javascript"), RUNGS)
        ),
        *_rungs_of("binding.javascript.node-addon"),
        *_rungs_of("binding.javascript.node-addon-from-source"),
    )
