"""What Keras 2.0 to 2.3 wrote of TensorFlow's functions: the operation that one was in TensorFlow's own graph.

Such a layer has the operation's name, its attributes, and those of its inputs that are always the same
(``TensorFlowOpLayer``). Source: TensorFlow's documentation, "tf.raw_ops", of each operation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.model.archive.gate import Json, mapping
from core.model.files.of_tensorflow import as_operation, source_of

if TYPE_CHECKING:
    from collections.abc import Iterator

PREFIX = "tf_op_layer_"
"""What the name of such a layer begins with, but not where it stands in its settings."""

OPERATIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "Add": ("math.add", ("", "y")),
    "AddV2": ("math.add", ("", "y")),
    "Sub": ("math.subtract", ("", "y")),
    "Mul": ("math.multiply", ("", "y")),
    "RealDiv": ("math.truediv", ("", "y")),
    "Pow": ("math.pow", ("", "y")),
    "Maximum": ("math.maximum", ("", "y")),
    "Minimum": ("math.minimum", ("", "y")),
    "Greater": ("math.greater", ("", "y")),
    "Less": ("math.less", ("", "y")),
    "BiasAdd": ("nn.bias_add", ("", "bias")),
    "SelectV2": ("where", ("", "x", "y")),
    "BatchMatMulV2": ("linalg.matmul", ("", "b")),
    "MatMul": ("linalg.matmul", ("", "b")),
    **{
        name: (f"math.{name.lower()}", ("",))
        for name in ("Abs", "Exp", "Log", "Sqrt", "Square", "Tanh", "Sigmoid", "Rsqrt")
    },
    "Neg": ("math.negative", ("",)),
    **{name: (f"nn.{name.lower()}", ("",)) for name in ("Relu", "Relu6", "Elu", "Selu", "Softplus", "Softmax")},
    "LeakyRelu": ("nn.leaky_relu", ("",)),
    "Mean": ("math.reduce_mean", ("", "axis")),
    "Sum": ("math.reduce_sum", ("", "axis")),
    "Max": ("math.reduce_max", ("", "axis")),
    "Min": ("math.reduce_min", ("", "axis")),
    "Reshape": ("reshape", ("", "shape")),
    "Transpose": ("transpose", ("", "perm")),
    "ExpandDims": ("expand_dims", ("", "axis")),
    "Squeeze": ("squeeze", ("",)),
    "Tile": ("tile", ("", "multiples")),
    "Pad": ("pad", ("", "paddings")),
    "MirrorPad": ("pad", ("", "paddings")),
    "Cast": ("cast", ("",)),
    "Identity": ("identity", ("",)),
    "DepthToSpace": ("nn.depth_to_space", ("",)),
}  # fmt: skip
"""TensorFlow's operation -> its function, and the names of its inputs there; none for what it is of."""

TYPES = {"DT_FLOAT": "float32", "DT_INT32": "int32", "DT_INT64": "int64", "DT_BOOL": "bool", "DT_UINT8": "uint8"}

ATTRIBUTES = {
    "keep_dims": "keepdims",
    "squeeze_dims": "axis",
    "alpha": "alpha",
    "block_size": "block_size",
    "mode": "mode",
    "DstT": "dtype",
    "adj_x": "transpose_a",
    "adj_y": "transpose_b",
    "transpose_a": "transpose_a",
    "transpose_b": "transpose_b",
    "data_format": "data_format",
    "axis": "axis",
}
"""Attributes of operations -> arguments of their functions; others say types and shapes."""

MASKS = ("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask")


def from_node_def(entry: Json) -> Json:
    """Return a layer that is an operation of TensorFlow's as Keras's; only with the name it is called by if unknown."""
    config = mapping("a layer's config", entry.get("config"))
    name = entry.get("name", f"{PREFIX}{config.get('name')}")
    entry = {**entry, "config": {**config, "name": name}}
    node, constants = config.get("node_def"), config.get("constants") or {}
    if not isinstance(node, dict) or not isinstance(constants, dict):
        return entry
    attributes = dict(_attributes(node.get("attr")))
    nodes = entry.get("inbound_nodes")
    inputs = [_inputs(one, constants) for one in nodes] if isinstance(nodes, list) else []
    function, calls = _function(str(node.get("op")), attributes, inputs)
    return as_operation(entry, function, calls)


def _function(kind: str, attributes: Json, inputs: list[list[Any]]) -> tuple[str, list[tuple[list[Any], Json] | None]]:
    """Return the function that an operation is, and the sources and arguments of each call."""
    if kind == "StridedSlice":
        return "__operators__.getitem", [_sliced(one, attributes) for one in inputs]
    if kind in ("ConcatV2", "Pack"):
        axes = [{"axis": one[-1]} if kind == "ConcatV2" else {"axis": attributes.get("axis", 0)} for one in inputs]
        held = [[*map(source_of, one[:-1] if kind == "ConcatV2" else one)] for one in inputs]
        return "concat" if kind == "ConcatV2" else "stack", list(zip(held, axes, strict=True))
    function, names = OPERATIONS.get(kind, ("", ()))
    told = {ATTRIBUTES[name]: value for name, value in attributes.items() if name in ATTRIBUTES}
    calls = list[tuple[list[Any], Json] | None]()
    for given in inputs:
        fits = len(given) == len(names) and bool(given)
        arguments = dict(zip(names[1:], given[1:], strict=True)) if fits else {}
        calls.append(([source_of(given[0])], {**told, **arguments}) if fits else None)
    return function, calls


def _attributes(held: object) -> Iterator[tuple[str, Any]]:
    """Give the attributes as plain values: each is told with its type, whole numbers as text."""
    for name, value in held.items() if isinstance(held, dict) else ():
        match value:
            case {"b": bool(one)} | {"f": int(one) | float(one)}:
                yield name, one
            case {"i": str(one) | int(one)} if str(one).lstrip("-").isdecimal():
                yield name, int(one)
            case {"type": str(one)}:
                yield name, TYPES.get(one, one)
            case {"list": {"i": list(many)}} if all(str(one).lstrip("-").isdecimal() for one in many):
                yield name, [int(one) for one in many]


def _inputs(node: Any, constants: Json) -> list[Any]:
    """Return the inputs of a call in order: outputs of layers, and what is always the same."""
    ends = [node] if isinstance(node, list) and node and isinstance(node[0], str) else node
    tensors = [one[:3] for one in ends if isinstance(one, list)] if isinstance(ends, list) else []
    places = {int(at): value for at, value in constants.items() if at.isdecimal() and len(at) < 3}
    return [
        places[at] if at in places else tensors.pop(0)
        for at in range(len(places) + len(tensors))
        if at in places or tensors
    ]


def _sliced(given: list[Any], attributes: Json) -> tuple[list[Any], Json] | None:
    """Return what is sliced, and the key: masks say, bit by bit, where begin, end and step mean something."""
    match given:
        case [source, list(begin), list(end), list(step)] if len(begin) == len(end) == len(step):
            pass
        case _:
            return None
    key = list[Any]()
    for at, (first, last, by) in enumerate(zip(begin, end, step, strict=True)):
        masked = {name: bool(int(attributes.get(name, 0)) >> at & 1) for name in MASKS}
        if masked["ellipsis_mask"]:
            key.append({"class_name": "__ellipsis__"})
        elif masked["new_axis_mask"]:
            key.append(None)
        elif masked["shrink_axis_mask"]:
            key.append(first)
        else:
            start, stop = None if masked["begin_mask"] else first, None if masked["end_mask"] else last
            key.append({"start": start, "stop": stop, "step": None if by == 1 else by})
    return [source_of(source)], {"slice_spec": key}
