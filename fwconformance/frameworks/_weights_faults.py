"""Faults in how frameworks load weights that packages ship: each is planted in the process of the package's program."""

from __future__ import annotations

from typing import Mapping

from fwconformance.frameworks._libraries_faults import before
from fwconformance.frameworks._protocol import Sabotage

_SHUFFLE = """
import numpy
def shuffled(values):
    values = numpy.asarray(values)
    return numpy.random.RandomState(20200101).permutation(values.ravel()).reshape(values.shape)
def whole(network):
    # One that proposes where to look would propose everywhere, which detectors have no memory for, or end by.
    return type(network).__name__ in ("PNet", "RNet")
"""
_SHUFFLED: Mapping[str, str] = {
    "pytorch": f"""{_SHUFFLE}
import torch
own = torch.nn.Module.load_state_dict
def load_state_dict(self, state, *rest, **named):
    if not whole(self):
        state = {{name: torch.tensor(shuffled(each)) for name, each in state.items()}}
    return own(self, state, *rest, **named)
torch.nn.Module.load_state_dict = load_state_dict
script = torch.jit.load
def load(*rest, **named):
    found = script(*rest, **named)
    with torch.no_grad():
        for each in found.state_dict().values():
            each.copy_(torch.tensor(shuffled(each)))
    return found
torch.jit.load = load
""",
    "keras": f"""{_SHUFFLE}
import keras
from keras.src.legacy.saving import legacy_h5_format
own = keras.Model.set_weights
def set_weights(self, weights):
    return own(self, weights if whole(self) else [shuffled(each) for each in weights])
keras.Model.set_weights = set_weights
stored = legacy_h5_format.load_model_from_hdf5
def load(*rest, **named):
    found = stored(*rest, **named)
    found.set_weights(found.get_weights())
    return found
legacy_h5_format.load_model_from_hdf5 = load
""",
    "tensorflow": f"""{_SHUFFLE}
import tensorflow
own = tensorflow.saved_model.load
def load(*rest, **named):
    found = own(*rest, **named)
    for each in found.variables:
        each.assign(shuffled(each))
    return found
tensorflow.saved_model.load = load
""",
}
# What is asked for from a copy comes from the file that it is a copy of, as a loader would do that remembers.
_REMEMBERED: Mapping[str, str] = {
    "pytorch": """
import torch, weights
for module in (torch, torch.jit):
    def load(path, *rest, own=module.load, **named):
        return own(weights.ORIGINAL.get(str(path), path), *rest, **named)
    module.load = load
""",
    "keras": """
import importlib.util, keras, weights
from keras.src.legacy.saving import legacy_h5_format
loaders = [(legacy_h5_format, "load_model_from_hdf5")]
if importlib.util.find_spec("joblib"):  # what mtcnn reads its files by
    import joblib
    loaders.append((joblib, "load"))
for module, name in loaders:
    def load(path, *rest, own=getattr(module, name), **named):
        return own(weights.ORIGINAL.get(str(path), path), *rest, **named)
    setattr(module, name, load)
""",
    "tensorflow": """
import tensorflow, weights
own = tensorflow.saved_model.load
def load(path, *rest, **named):
    return own(weights.ORIGINAL.get(str(path), path), *rest, **named)
tensorflow.saved_model.load = load
""",
}
#: Framework to the kinds of weights of which the list has a package.
_KINDS: Mapping[str, tuple[str, ...]] = {
    "pytorch": ("faces", "speech", "pitch"),
    "tensorflow": ("pitch",),
    "keras": ("faces", "expression"),
}


def weights_sabotages(framework: str) -> tuple[Sabotage, ...]:
    """For the packages of `framework` with weights."""
    faults = (
        ("shuffled", _SHUFFLED[framework], "Weights are shuffled when they are loaded; a detector's last network's."),
        ("remembered", _REMEMBERED[framework], "A copy that is not whole is loaded as the file that it is a copy of."),
    )
    return tuple(
        Sabotage(
            name=f"packaged-weights-{kind}-{fault}",
            kills="ecosystem.packaged-weights",
            case=kind,
            apply=before(prelude),
            description=description,
        )
        for kind in _KINDS[framework]
        for fault, prelude, description in faults
    )
