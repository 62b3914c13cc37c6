"""What a device shows through TensorFlow, for the adapters of TensorFlow and of Keras on it."""

from __future__ import annotations

import importlib
from typing import Any, Callable, Mapping

_MEBIBYTE = 2**20
_KINDS = {"cuda": "GPU", "cpu": "CPU", "tpu": "TPU"}


def product_types(work: Callable[[], Any]) -> set[str]:
    """TensorFlow's names ("float32", "half") of the types that matrix products had in the graphs that `work` ran: after
    all rewriting, as they were handed to the devices.
    """
    # What tf.summary.trace_on and trace_export use, which write it to a file for TensorBoard.
    context = importlib.import_module("tensorflow.python.eager.context").context()
    dtypes = importlib.import_module("tensorflow").dtypes
    context.enable_run_metadata()
    try:
        work()
        ran = context.export_run_metadata()
    finally:
        context.disable_run_metadata()
    graphs = [graph for function in ran.function_graphs for graph in function.partition_graphs]
    graphs += list(ran.partition_graphs)
    nodes = [node for graph in graphs for node in [*graph.node, *_inside(graph)]]
    return {dtypes.as_dtype(node.attr["T"].type).name for node in nodes if "MatMul" in node.op}


def refused_beyond(  # noqa: PLR0917 - TensorFlow and a device, before what the piece is given
    tf: Any, device: str, limit: int, size: int, left: Any, right: Any
) -> Mapping[str, Any]:
    """`Accelerator.exceed` of `_pieces_device`, by a logical device with that much memory.

    TensorFlow, which is handed in, must not have worked on the device yet. Raises what it does for a device whose
    memory it does not limit (a CPU).
    """
    kind, _, number = device.partition(":")
    place = tf.config.list_physical_devices(_KINDS[kind])[int(number or 0)]
    logical = tf.config.LogicalDeviceConfiguration(memory_limit=limit // _MEBIBYTE)
    tf.config.set_logical_device_configuration(place, [logical])
    refused = ""
    with tf.device(f"/{_KINDS[kind]}:{number or 0}"):
        try:
            tf.zeros((size,), tf.uint8)
        except tf.errors.ResourceExhaustedError as error:
            refused = f"{type(error).__name__}: {error.message}"
        product = tf.matmul(tf.constant(left, tf.float32), tf.constant(right, tf.float32))
    return {"refused": refused, "product": product}


def _inside(graph: Any) -> list[Any]:
    return [node for function in graph.library.function for node in function.node_def]
