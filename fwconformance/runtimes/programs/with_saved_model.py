# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""TensorFlow itself, in a process that knows nothing of the model's code: only the SavedModel."""

from __future__ import annotations

from typing import Any

import _serve


def load(request: _serve.Request) -> tuple[_serve.Call, str]:
    """See `_serve.serve`."""
    import tensorflow as tf

    loaded = tf.saved_model.load(request["file"])
    signature = loaded.signatures[request["entry"] or "serving_default"]
    name = next(iter(signature.structured_input_signature[1]))

    def call(values: Any) -> Any:
        return next(iter(signature(**{name: tf.constant(values)}).values())).numpy()

    # The signature lives no longer than what it was taken from.
    call.kept = loaded  # type: ignore[attr-defined]
    return call, f"tensorflow {tf.__version__}"


if __name__ == "__main__":
    _serve.serve(load)
