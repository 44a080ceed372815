"""``compile_config`` of a ``.keras`` file to Recipe and back: the loss, the optimizer, the metrics."""

from __future__ import annotations

from core.errors import Refused, shorten
from core.keras_metrics import ALWAYS, KERAS_METRICS
from core.model.archive.gate import Json, shown
from core.model.archive.optimizer_settings import OptimizerSettings, optimizer_config, read_optimizer, same
from core.recipe import LOSSES, Recipe

LOSS_CLASSES = dict(
    zip(
        LOSSES,
        (
            *("Hinge", "SquaredHinge", "MeanSquaredError", "MeanAbsoluteError", "Huber", "LogCosh"),
            *("BinaryCrossentropy", "CategoricalCrossentropy", "SparseCategoricalCrossentropy"),
        ),
        strict=True,
    )
)
"""Recipe's name -> Keras's class."""

LOSS_NAMES = {
    **{name: name for name in LOSSES},
    **{kind: name for name, kind in LOSS_CLASSES.items()},
    **dict.fromkeys(("mse", "MSE"), "mean_squared_error"),
    **dict.fromkeys(("mae", "MAE"), "mean_absolute_error"),
    "logcosh": "log_cosh",
}
"""Every text by which Keras knows a loss of ours -> Recipe's name."""

LOSS_DEFAULTS: Json = {
    "reduction": "sum_over_batch_size",
    "delta": 1.0,
    "dtype": "float32",
    "from_logits": False,
    "label_smoothing": 0.0,
    "axis": -1,
}

METRIC = "binary_accuracy"

METRIC_NAMES = {
    **{text: name for name, kind in KERAS_METRICS.items() for text in (name, kind)},
    **dict.fromkeys(("mse", "MSE"), "mean_squared_error"),
    **dict.fromkeys(("mae", "MAE"), "mean_absolute_error"),
    **dict.fromkeys((METRIC, "BinaryAccuracy"), METRIC),
}
"""Every text by which Keras knows a metric of ours -> its name here."""


def read_compile(config: object) -> tuple[Recipe | None, list[str]]:
    """Return the recipe in ``config`` and notes on what is in it and not in the recipe.

    Without a loss and an optimizer that Recipe knows there is no recipe, and a note says why. Whether a
    model is compiled to run faster (``jit_compile`` and the like) changes no number and is not noted.
    """
    if config is None or config == {}:
        return None, []
    if not isinstance(config, dict):
        return None, [f"How the model was compiled can't be read: got {shown(config)}."]
    notes = _other_settings(config)
    try:
        loss = _loss(config.get("loss"), notes)
        optimizer = read_optimizer(*_built_in("optimizer", config.get("optimizer"), "keras.optimizers"), notes)
        metrics = _metrics(config.get("metrics"), notes)
        return Recipe(loss=loss, metrics=metrics, **optimizer._asdict()), notes
    except Refused as reason:
        return None, [*notes, f"The file's training settings are kept but not used here: {reason}."]


def _other_settings(config: Json) -> list[str]:
    settings = [name for name in ("loss_weights", "weighted_metrics") if config.get(name)]
    return [f"The file's {name} are kept, not used here." for name in settings]


def _metrics(value: object, notes: list[str]) -> tuple[str, ...]:
    """Return the metrics that a training here can count; others are a note."""
    while isinstance(value, list) and len(value) == 1 and isinstance(value[0], list):
        value = value[0]
    known, others = list[str](), list[str]()
    for one in value if isinstance(value, list) else [] if value is None else [value]:
        name = _metric(one)
        (others if name is None else known).append(shown(one) if name is None else name)
    if others:
        notes.append(f"The file's metrics {shorten(', '.join(others))} are kept, not counted here.")
    return tuple(dict.fromkeys(name for name in known if name not in ALWAYS))


def _metric(value: object) -> str | None:
    kind = value
    if isinstance(value, dict) and value.get("module") in ("keras.metrics", "keras.losses"):
        kind = value.get("class_name")
    return METRIC_NAMES.get(kind) if isinstance(kind, str) else None


def _loss(value: object, notes: list[str]) -> str:
    kind, settings = _built_in("loss", value, "keras.losses")
    name = LOSS_NAMES.get(kind)
    if name is None:
        raise Refused(f"expected a loss out of {', '.join(LOSSES)}, got {shorten(kind)!r}")
    if settings.get("from_logits"):
        raise Refused(f"expected {name} of probabilities, got one of logits (from_logits)")
    _note_differences(f"loss {name}", settings, LOSS_DEFAULTS, notes)
    return name


def _built_in(what: str, value: object, module: str) -> tuple[str, Json]:
    """Return the class (or the name) and the settings of a loss or optimizer that is Keras's own."""
    if isinstance(value, str):
        return value, {}
    if not isinstance(value, dict) or not isinstance(value.get("class_name"), str):
        raise Refused(f"expected one {what}, got {shown(value)}")
    kind: str = value["class_name"]
    origin = value.get("module")
    own = isinstance(origin, str) and (origin == module or origin.startswith("keras.src."))
    if not own or value.get("registered_name") not in (None, kind):
        named = value.get("config") if kind == "function" else kind
        raise Refused(f"expected Keras's own {what}, got {shown(named)} of {shown(origin)}")
    settings = value.get("config")
    return kind, settings if isinstance(settings, dict) else {}


def _note_differences(what: str, settings: Json, defaults: Json, notes: list[str]) -> None:
    for setting, value in settings.items():
        if setting == "name" or same(value, defaults.get(setting)):
            continue
        notes.append(
            f"The file's {what} has {shorten(str(setting))} {shown(value)}: kept there; "
            f"training here uses Keras's default ({shown(defaults.get(setting))})."
        )


def compile_config(recipe: Recipe) -> Json:
    """Return ``recipe`` as Keras describes how a model was compiled."""
    settings = OptimizerSettings(*(getattr(recipe, name) for name in OptimizerSettings._fields))
    metrics = [METRIC, *recipe.metrics]
    return {"optimizer": optimizer_config(settings), "loss": recipe.loss, "loss_weights": None, "metrics": metrics}
