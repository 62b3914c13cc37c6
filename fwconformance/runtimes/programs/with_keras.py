# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Keras itself, in a process that knows nothing of the model's code: only the file."""

from __future__ import annotations

from typing import Any

import _serve


def load(request: _serve.Request) -> tuple[_serve.Call, str]:
    """See `_serve.serve`."""
    import keras

    model = keras.models.load_model(request["file"], compile=False)

    def call(values: Any) -> Any:
        return model.predict(values, batch_size=len(values), verbose=0)

    return call, f"keras {keras.__version__} on {keras.backend.backend()}"


if __name__ == "__main__":
    _serve.serve(load)
