"""``compile_config`` of a ``.keras`` file to Recipe and back: the loss, the optimizer, the metrics."""

from __future__ import annotations

from core.errors import Refused, shorten
from core.keras_metrics import ALWAYS, KERAS_METRICS, SPELLED, fits_labels, keras_metric, metric_entry
from core.losses import KERAS_LOSSES, Labels, Over, loss_called
from core.model.archive.gate import Json, shown
from core.model.archive.optimizer_settings import OptimizerSettings, optimizer_config, read_optimizer, same
from core.recipe import Recipe

LOSS_DEFAULTS: Json = {
    "reduction": "sum_over_batch_size",
    "delta": 1.0,
    "dtype": "float32",
    "from_logits": False,
    "label_smoothing": 0.0,
    "axis": -1,
    "gamma": 2.0,
    "alpha": 0.25,
    "apply_class_balancing": False,
    "q": 0.5,
}

OVER_A_BATCH: Json = {"axis": None, "alpha": 0.5, "beta": 0.5}
"""What the losses over a batch have instead."""

METRIC = "binary_accuracy"


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
        metrics = _metrics(config.get("metrics"), loss, notes)
        return Recipe(loss=loss, metrics=metrics, **optimizer._asdict()), notes
    except Refused as reason:
        return None, [*notes, f"The file's training settings are kept but not used here: {reason}."]


def _other_settings(config: Json) -> list[str]:
    settings = [name for name in ("loss_weights", "weighted_metrics") if config.get(name)]
    return [f"The file's {name} are kept, not used here." for name in settings]


def _metrics(value: object, loss: str, notes: list[str]) -> tuple[str, ...]:
    """Return the metrics that a training with ``loss`` can count; others are a note."""
    while isinstance(value, list) and len(value) == 1 and isinstance(value[0], list):
        value = value[0]
    known, others = list[str](), list[str]()
    for one in value if isinstance(value, list) else [] if value is None else [value]:
        name = _metric(one, loss)
        (others if name is None else known).append(shown(one) if name is None else name)
    if others:
        notes.append(f"The file's metrics {shorten(', '.join(others))} are kept, not counted here.")
    return tuple(dict.fromkeys(name for name in known if name not in ALWAYS))


def _metric(value: object, loss: str) -> str | None:
    """Return how a recipe asks for a metric, or None where it can't or the metric does not fit ``loss``."""
    kind, settings = value, dict[str, object]()
    if isinstance(value, dict) and value.get("module") in ("keras.metrics", "keras.losses"):
        kind = value.get("class_name")
        settings = value["config"] if isinstance(value.get("config"), dict) else settings
    name = SPELLED.get(kind) if isinstance(kind, str) else None
    if name is None or name in ALWAYS:
        return name
    try:
        entry = _entry(name, settings)
    except Refused:
        return None
    return entry if fits_labels(entry, loss) else None


def _entry(name: str, settings: Json) -> str:
    metric = KERAS_METRICS[name]
    given = settings.get(metric.option.name) if metric.option else None
    if isinstance(given, list):
        given = given[0] if len(given) == 1 else "several"
    if given is not None and (isinstance(given, bool) or not isinstance(given, int | float)):
        raise Refused(f"expected one number as the setting of {name}, got {shown(given)}")
    return metric_entry(metric, given)


def _loss(value: object, notes: list[str]) -> str:
    kind, settings = _built_in("loss", value, "keras.losses")
    name = loss_called(kind).name
    if settings.get("from_logits"):
        raise Refused(f"expected {name} of probabilities, got one of logits (from_logits)")
    own = OVER_A_BATCH if KERAS_LOSSES[name].over is Over.BATCH else {}
    _note_differences(f"loss {name}", settings, LOSS_DEFAULTS | own, notes)
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


def compile_config(recipe: Recipe, outputs: int = 1) -> Json:
    """Return ``recipe`` as Keras describes how a model of so many ``outputs`` was compiled."""
    settings = OptimizerSettings(*(getattr(recipe, name) for name in OptimizerSettings._fields))
    return {
        "optimizer": optimizer_config(settings),
        "loss": _written_loss(recipe.loss),
        "loss_weights": None,
        "metrics": [*_always(recipe.loss), *(_written_metric(metric, outputs) for metric in recipe.metrics)],
    }


def _always(loss: str) -> list[str]:
    # Keras compares class numbers with the outputs there, which only some shapes allow.
    return [] if KERAS_LOSSES[loss].labels is Labels.CLASSES else [METRIC]


def _written_loss(name: str) -> str | Json:
    # Keras finds this one by its class only.
    of_class = name == "categorical_generalized_cross_entropy"
    return _object("keras.losses", KERAS_LOSSES[name].keras_class, {"name": name}) if of_class else name


def _written_metric(entry: str, outputs: int) -> str | Json:
    kind, settings = keras_metric(entry, outputs)
    return _object("keras.metrics", kind, settings) if kind else entry


def _object(module: str, kind: str, settings: Json) -> Json:
    return {"module": module, "class_name": kind, "config": settings, "registered_name": None}
