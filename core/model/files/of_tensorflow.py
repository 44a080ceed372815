"""TensorFlow's functions, which Keras 2 wrote between its layers as layers, as operations of Keras's that do the same.

Keras 2.4 and later wrote the function's name and, in the call, its arguments (``TFOpLambda``, ``SlicingOpLambda``). The
functions are named one by one: none of them is looked for or run. Source: TensorFlow's documentation, "API", of each.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

from core.model.archive.gate import ARRAY, TENSOR, Json, mapping
from core.model.files.operation_calls import key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

CONSTANT = "_CONSTANT_VALUE"
"""What stands in Keras 2's calls in place of a layer's name, before a number."""

LAMBDAS = ("TFOpLambda", "SlicingOpLambda")
"""What Keras 2 calls a function as a layer: any, and ``x[:, 0]``."""

NUMPY, NN, CORE, MATH, LINALG = (f"keras.src.ops.{part}" for part in ("numpy", "nn", "core", "math", "linalg"))

WITHOUT_EFFECT: dict[str, tuple[object, ...]] = {
    "data_format": ("NHWC", "NWC", "N...C", "channels_last"),
    "conjugate": (False,),
    "validate_indices": (True, False),
    "batch_dims": (0,),
    "on_value": (1, 1.0),
    "off_value": (0, 0.0),
    "dtype": ("float32",),
    "transpose_a": (False,),
    "transpose_b": (False,),
    "a_is_sparse": (False,),
    "b_is_sparse": (False,),
    "adjoint_a": (False,),
    "adjoint_b": (False,),
    "antialias": (False,),
    "exclusive": (False,),
    "reverse": (False,),
    "output_type": ("int64", "int32"),
    "preserve_aspect_ratio": (False,),
}
"""Arguments of functions -> the values, beside none, for which they change no number; of a name all."""


class Function(NamedTuple):
    """An operation of Keras's: its class and module, the function's arguments that are its settings, by these, those
    that are further sources, and settings that are always so.

    ``listed``: whether Keras takes the sources as one list. ``arrays_first``: whether arrays go before tensors, behind
    which Keras 3 takes some of them for a bias of another axis. ``settled`` makes of the settings those that Keras has,
    or None where it has none that are the same.
    """

    kind: str
    module: str = NUMPY
    settings: Mapping[str, str] = {}
    sources: tuple[str, ...] = ()
    own: Json = {}
    listed: bool = False
    arrays_first: bool = False
    settled: Callable[[Json], Json | None] = lambda settings: settings


def _split(settings: Json) -> Json | None:
    """Return settings of a split with the places at which parts begin, where their sizes are said."""
    sizes = settings.get("indices_or_sections")
    if not isinstance(sizes, list) or not all(isinstance(one, int) and one > 0 for one in sizes):
        return settings if isinstance(sizes, int) else None
    return {**settings, "indices_or_sections": list(accumulate(sizes))[:-1]}


def _one_axis(settings: Json) -> Json:
    axis = settings.get("axis")
    return {**settings, "axis": axis[0]} if isinstance(axis, list) and len(axis) == 1 else settings


def _padding(settings: Json) -> Json:
    mode = settings.get("mode", "constant")
    made = {**settings, "mode": mode.lower() if isinstance(mode, str) else mode}
    return (
        made if made["mode"] == "constant" else {name: one for name, one in made.items() if name != "constant_values"}
    )


def _norm(settings: Json) -> Json:
    """Return the settings of a norm with Keras's words: none is the usual one, of the squares."""
    return {**settings, "ord": None if settings.get("ord") == "euclidean" else settings.get("ord")}


def _place(settings: Json) -> Json | None:
    """Return the key that takes one place of an axis, or of several places those if they follow each other."""
    axis, place = settings.get("axis"), settings.get("indices")
    known = isinstance(axis, int) and isinstance(place, int) and axis > 0
    return {"key": [*[[None, None, None]] * int(axis or 0), place]} if known else None


def _key(settings: Json) -> Json | None:
    key = key_of(settings.get("key"))
    return None if key is None else {"key": key}


def _product(settings: Json) -> Json | None:
    """Return the subscripts of a product of matrices, of which some are turned round."""
    first, second = (settings.get(name) is True for name in ("transpose_a", "transpose_b"))
    return {"subscripts": f"...{'ji' if first else 'ij'},...{'kj' if second else 'jk'}->...ik"}


def _resized(settings: Json) -> Json | None:
    size, how = settings.get("size"), settings.get("interpolation", "bilinear")
    if not isinstance(size, list) or len(size) != 2 or how not in ("bilinear", "nearest"):
        return None
    return {"height": size[0], "width": size[1], "interpolation": how}


def _of_one(kinds: str, module: str = NUMPY) -> dict[str, Function]:
    pairs = (one.split("=") for one in kinds.split())
    return {name: Function(kind, module) for names, kind in pairs for name in names.split(",")}


def _of_two(kinds: str) -> dict[str, Function]:
    pairs = (one.split("=") for one in kinds.split())
    return {name: Function(kind, sources=("y",)) for names, kind in pairs for name in names.split(",")}


MODULES = {"logsumexp": MATH, "euclidean_norm": LINALG}
REDUCED = {"axis": "axis", "keepdims": "keepdims", "keep_dims": "keepdims"}
AXIS = {"axis": "axis"}

ADDED = Function("Add", sources=("y",), arrays_first=True)

FUNCTIONS: dict[str, Function] = {
    "__operators__.add": ADDED,
    "math.add": ADDED,
    "nn.bias_add": ADDED._replace(sources=("bias",)),
    **_of_two(
        "math.subtract=Subtract math.multiply=Multiply math.maximum=Maximum "
        "math.truediv,math.divide,divide=TrueDivide math.minimum=Minimum math.pow=Power math.greater=Greater "
        "math.greater_equal=GreaterEqual math.less=Less math.less_equal=LessEqual math.equal=Equal "
        "math.not_equal=NotEqual math.logical_and=LogicalAnd math.logical_or=LogicalOr"
    ),
    **_of_one(
        "math.abs=Absolute math.negative=Negative math.exp=Exp math.log=Log math.sqrt=Sqrt math.square=Square "
        "math.tanh,nn.tanh=Tanh math.reciprocal=Reciprocal math.expm1=Expm1 math.logical_not=LogicalNot "
        "math.sign,sign=Sign math.floor,floor=Floor math.ceil=Ceil math.sin=Sin math.cos=Cos math.sinh=Sinh "
        "math.cosh=Cosh math.log1p=Log1p ones_like=OnesLike zeros_like=ZerosLike identity=ConvertToTensor"
    ),
    **_of_one(
        "nn.relu=Relu nn.relu6=Relu6 math.sigmoid,nn.sigmoid,sigmoid=Sigmoid nn.silu,nn.swish=Silu nn.selu=Selu "
        "nn.elu=Elu math.softplus,nn.softplus=Softplus math.softsign,nn.softsign=Softsign "
        "math.log_sigmoid=LogSigmoid",
        NN,
    ),
    **_of_one("math.rsqrt=Rsqrt math.erf=Erf", MATH),
    **{
        f"math.reduce_{name}": Function(kind, MODULES.get(name, NUMPY), REDUCED)
        for name, kind in {
            "mean": "Mean", "sum": "Sum", "max": "Max", "min": "Min", "any": "Any", "all": "All",
            "euclidean_norm": "Norm", "std": "Std", "variance": "Var",
            "logsumexp": "Logsumexp",
        }.items()
    },
    **{
        f"{before}arg{which}": Function(f"Arg{which}", settings={**AXIS, "dimension": "axis"}, own={"axis": 0})
        for before in ("", "math.")
        for which in ("max", "min")
    },
    "math.cumsum": Function("Cumsum", settings=AXIS, own={"axis": 0}),
    "norm": Function("Norm", LINALG, {"ord": "ord", **REDUCED}, settled=_norm),
    "nn.softmax": Function("Softmax", NN, AXIS),
    "nn.log_softmax": Function("LogSoftmax", NN, AXIS),
    "nn.leaky_relu": Function("LeakyRelu", NN, {"alpha": "negative_slope"}),
    "nn.gelu": Function("Gelu", NN, {"approximate": "approximate"}, own={"approximate": False}),
    # TensorFlow's least is of the sum of squares, 1e-12, Keras's of its root.
    "math.l2_normalize": Function("Normalize", NN, AXIS, own={"epsilon": 1e-6}, settled=_one_axis),
    "nn.l2_normalize": Function("Normalize", NN, AXIS, own={"epsilon": 1e-6}, settled=_one_axis),
    "nn.depth_to_space": Function("DepthToSpace", NN, {"block_size": "block_size"}),
    "nn.space_to_depth": Function("SpaceToDepth", NN, {"block_size": "block_size"}),
    "where": Function("Where", sources=("x", "y")),
    "concat": Function("Concatenate", settings=AXIS, listed=True),
    "stack": Function("Stack", settings=AXIS, own={"axis": 0}, listed=True),
    "unstack": Function("Unstack", CORE, AXIS, own={"axis": 0}),
    "split": Function(
        "Split", settings={"num_or_size_splits": "indices_or_sections", **AXIS}, own={"axis": 0}, settled=_split
    ),
    "expand_dims": Function("ExpandDims", settings={**AXIS, "dim": "axis"}),
    "squeeze": Function("Squeeze", settings={**AXIS, "squeeze_dims": "axis"}),
    "reverse": Function("Flip", settings=AXIS, settled=_one_axis),
    "repeat": Function("Repeat", settings={"repeats": "repeats", **AXIS}),
    "tile": Function("Tile", settings={"multiples": "repeats"}),
    "reshape": Function("Reshape", settings={"shape": "newshape"}),
    "transpose": Function("Transpose", settings={"perm": "axes"}),
    "pad": Function(
        "Pad",
        settings={"paddings": "pad_width", "mode": "mode", "constant_values": "constant_values"},
        settled=_padding,
    ),
    "gather": Function("GetItem", settings={"indices": "indices", **AXIS}, own={"axis": 0}, settled=_place),
    "__operators__.getitem": Function("GetItem", settings={"slice_spec": "key"}, settled=_key),
    "cast": Function("Cast", CORE, {"dtype": "dtype"}),
    "clip_by_value": Function("Clip", settings={"clip_value_min": "x_min", "clip_value_max": "x_max"}),
    "one_hot": Function("OneHot", NN, {"depth": "num_classes", **AXIS}),
    "linalg.matmul": Function("Matmul", sources=("b",)),
    "image.resize": Function("Resizing", "keras.layers", {"size": "size", "method": "interpolation"}, settled=_resized),
}  # fmt: skip
"""TensorFlow's function -> Keras's operation."""

ELSE = {
    "linalg.matmul": Function(
        "Einsum",
        settings={"transpose_a": "transpose_a", "transpose_b": "transpose_b"},
        sources=("b",),
        settled=_product,
    )
}
"""TensorFlow's function -> Keras's operation where its arguments are none of the one above."""

BEFORE = "compat.v1."
"""What the names of functions that TensorFlow had otherwise before begin with."""


def from_tensorflow(entry: Json) -> Json:
    """Return a layer that is one of TensorFlow's functions as Keras's operation; as it is if that is not known."""
    config = mapping("a layer's config", entry.get("config"))
    calls = list(_calls(entry.get("inbound_nodes")))
    return as_operation(entry, config.get("function"), calls)


def as_operation(entry: Json, function: object, calls: Sequence[tuple[list[Any], Json] | None]) -> Json:
    """Return ``entry`` as the operation that a function is, called with sources and arguments; as it is if none is."""
    name = function.removeprefix(BEFORE) if isinstance(function, str) else ""
    for known in filter(None, (FUNCTIONS.get(name), ELSE.get(name))):
        made = [call and _made(known, *call) for call in calls]
        first, *others = made or [None]
        if first and all(one and one[1] == first[1] for one in others):
            operation: Json = {"module": known.module, "class_name": known.kind, "registered_name": known.kind}
            nodes = [{"args": one[0], "kwargs": {}} for one in made if one]
            settings = {"name": entry["config"].get("name"), **first[1]}
            kept = {key: value for key, value in entry.items() if key == "name"}
            return {**kept, **operation, "config": settings, "inbound_nodes": nodes}
    return entry


def _made(known: Function, sources: list[Any], arguments: Json) -> tuple[list[Any], Json] | None:
    """Return the arguments of a call of Keras's operation and its settings; None if the function's mean more."""
    settings: Json = dict(known.own)
    given = list(sources)
    for name in known.sources:
        if name in arguments:
            given.append(source_of(arguments[name]))
    for name, value in arguments.items():
        if name in known.settings:
            settings |= {} if value is None else {known.settings[name]: value}
        elif name not in known.sources and not (
            value is None or name == "name" or value in WITHOUT_EFFECT.get(name, ())
        ):
            return None
    settled = known.settled(settings)
    if settled is None or any(one is None for one in given) or any(map(_has_tensor, settled.values())):
        return None
    if known.arrays_first:
        given.sort(key=_is_array, reverse=True)
    return ([given] if known.listed else given), settled


def _is_array(source: Any) -> bool:
    """Return whether a source is an array of several axes."""
    is_array = isinstance(source, dict) and source["class_name"] == ARRAY
    return is_array and any(isinstance(one, list) for one in source["config"]["value"])


def _calls(nodes: object) -> Iterator[tuple[list[Any], Json] | None]:
    """Give the sources and arguments of each call; None for one of another form."""
    for node in nodes if isinstance(nodes, list) else []:
        ends = [node] if isinstance(node, list) and node and isinstance(node[0], str) else node
        sources, arguments, fits = list[Any](), Json(), isinstance(ends, list)
        for end in ends if isinstance(ends, list) else []:
            match end:
                case [str(name), int(), value, *rest] if name == CONSTANT:
                    sources.append(source_of(value))
                case [str(), int(), int(), *rest]:
                    sources.append(source_of(end[:3]))
                case _:
                    fits, rest = False, []
            if rest and isinstance(rest[0], dict):
                arguments |= rest[0]
        yield (sources, arguments) if fits else None


def source_of(value: Any) -> Any:
    """Return what a call is given as Keras 3 writes it: an output of a layer, a number or an array; else None."""
    match value:
        case bool():
            return None
        case int() | float():
            return value
        case [str(), int(), int(), *_]:
            history = {"shape": [None], "dtype": "float32", "keras_history": value[:3]}
            return {"class_name": TENSOR, "config": history}
        case list() if _is_of_numbers(value):
            return {"class_name": ARRAY, "config": {"value": value, "dtype": "float32"}}
    return None


def _is_of_numbers(value: object) -> bool:
    if isinstance(value, list):
        return all(map(_is_of_numbers, value))
    return isinstance(value, int | float) and not isinstance(value, bool)


def _has_tensor(value: object) -> bool:
    """Return whether an output of a layer stands in a setting, such as a shape that is found out while it runs."""
    match value:
        case [str(), int(), int(), *_]:
            return True
        case list():
            return any(map(_has_tensor, value))
    return False
