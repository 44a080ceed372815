"""``compile_config`` of a ``.keras`` file to Recipe and back: the loss, the optimizer, the metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from core.errors import Refused, shorten
from core.losses import KERAS_LOSSES, Labels, loss_called
from core.losses.settings import LOSS_WEIGHTS
from core.losses.table import NONNEGATIVE
from core.model.archive.gate import Json, plain_number, shown
from core.model.archive.optimizer_settings import (
    OptimizerSettings,
    optimizer_config,
    read_optimizer,
    read_options,
    same,
)
from core.names import listed_within
from core.training.keras_metrics import (
    KERAS_METRICS,
    OWN,
    SPELLED,
    fits_labels,
    keras_metric,
    metric_entry,
    metric_name,
    usual_setting,
)
from core.training.options import as_typed
from core.training.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.losses import Loss
    from core.model.written import Output

NO_OTHERS: dict[str, tuple[object, ...]] = {"dtype": ("float32",), "axis": (-1, 1)}
"""Settings of losses that are followed for these values only; Dice and Tversky have an axis of their own.

Outputs are rows of numbers, so that axis 1 is the last one.
"""

AXES = {-2: 0, 1: -1}
"""Other numbers of the axes that outputs have."""

METRIC = "binary_accuracy"


class Compiled(NamedTuple):
    """How a model was compiled: a recipe, and notes on what is in it and not in the recipe.

    Those of the notes by which Keras's loss would be another one are ``not_followed``.
    """

    recipe: Recipe | None
    notes: tuple[str, ...] = ()
    not_followed: tuple[str, ...] = ()


def read_compile(config: object, outputs: int = 1, each: Sequence[Output] = ()) -> Compiled:
    """Return the recipe in ``config``, of a model of so many ``outputs``, and notes on what is not in the recipe.

    Of a model of several outputs ``each`` is one of them; they may have losses of their own. Without a loss and an
    optimizer that Recipe knows there is no recipe, and a note says why. Whether a model is compiled to run faster
    (``jit_compile`` and the like) changes no number and is not noted.
    """
    if config is None or config == {}:
        return Compiled(None)
    if not isinstance(config, dict):
        unread = (f"How the model was compiled can't be read: got {shown(config)}.",)
        return Compiled(None, unread, unread)
    notes = list[str]()
    if config.get("weighted_metrics"):
        notes.append("The file's weighted_metrics are kept, not used here.")
    try:
        several = each if len(each) > 1 else ()
        losses = _losses(config, several) if several else (_weighed(_loss(config.get("loss")), config),)
        optimizer = read_optimizer(*_built_in("optimizer", config.get("optimizer"), "keras.optimizers"), notes)
        if several:
            counted = _metrics_of_each(config.get("metrics"), losses, several, notes)
        else:
            counted = (_metrics(config.get("metrics"), losses[0].name, outputs, notes),)
        metrics = tuple(entry for entry in counted[0] if all(entry in entries for entries in counted))
        of_one = tuple(tuple(entry for entry in entries if entry not in metrics) for entries in counted)
        (name, given), *others = by_output = tuple((loss.name, loss.given) for loss in losses)
        own = () if all(one == (name, given) for one in others) else by_output
        recipe = Recipe(
            loss=name,
            loss_options=given,
            metrics=metrics,
            by_output=own,
            metrics_by_output=of_one if any(of_one) else (),
            **optimizer._asdict(),
        )
    except Refused as reason:
        unused = f"The file's training settings are kept but not used here: {reason}."
        return Compiled(None, (*notes, unused), (unused,))
    return Compiled(recipe, tuple(notes))


def _losses(config: Json, several: Sequence[Output]) -> tuple[Loss, ...]:
    """Return the loss of each of several outputs: one for all, or one each in a list or by their names, weighed.

    Raises:
        Refused: an output has none, or one that is not followed.
    """
    of, given = config.get("loss"), config.get("loss_weights")
    losses = [_loss(one) for one in _for_each(of, several, "loss")]
    if given is None:
        return tuple(losses)
    if isinstance(of, str) or (isinstance(of, dict) and "class_name" in of):
        weights = [plain_number(given)] * len(several)
    else:
        alike = isinstance(given, list | dict)
        weights = [plain_number(one) if alike else None for one in _for_each(given, several, "loss weight")]
    if None in weights:
        raise Refused(f"expected a number as the loss weight of each loss, got {shown(given)}")
    options = ((LOSS_WEIGHTS.name, as_typed(weight)) for weight in weights if weight is not None)
    return tuple(loss.with_options((*loss.given, one)) for loss, one in zip(losses, options, strict=True))


def _for_each(value: object, several: Sequence[Output], what: str) -> list[Any]:
    """Return one of ``value`` for each output: the same, or what a list or its name gives it.

    Raises:
        Refused: there are others than the outputs.
    """
    names = [output.name for output in several]
    if isinstance(value, dict) and "class_name" not in value:
        value = [value.get(name) for name in names] if set(value) <= set(names) else []
    if not isinstance(value, list):
        return [value] * len(names)
    if len(value) != len(names):
        raise Refused(f"expected a {what} for each output ({shorten(', '.join(names))}), got {len(value):,}")
    return value


def _metrics_of_each(
    value: object, losses: Sequence[Loss], several: Sequence[Output], notes: list[str]
) -> tuple[tuple[str, ...], ...]:
    """Return the metrics of every output; others are a note."""
    try:
        each = _for_each([] if value in (None, []) else value, several, "list of metrics") if value else []
    except Refused as reason:
        notes.append(f"The file's metrics are kept, not counted here: {reason}.")
        each = []
    return tuple(
        _metrics(own, loss.name, output.shape[-1], notes)
        for own, loss, output in zip(each or [None] * len(several), losses, several, strict=True)
    )


def _weighed(loss: Loss, config: Json) -> Loss:
    """Return the loss with what it is multiplied by: a number, or one in a list or by the output's name.

    Raises:
        Refused: it is anything else, which Keras refuses too, or several.
    """
    given, of = config.get("loss_weights"), config.get("loss")
    if given is None:
        return loss
    weights = list(given.values()) if isinstance(given, dict) else given if isinstance(given, list) else [given]
    weight = plain_number(weights[0]) if len(weights) == 1 else None
    named = isinstance(given, dict) and isinstance(of, dict) and "class_name" not in of
    if weight is None or (named and list(given or ()) != list(of or ())):
        raise Refused(f"expected one number as loss_weights, got {', '.join(map(shown, weights)) or 'none'}")
    return loss.with_options((*loss.given, (LOSS_WEIGHTS.name, as_typed(weight))))


def _metrics(value: object, loss: str, outputs: int, notes: list[str]) -> tuple[str, ...]:
    """Return the metrics that a training with ``loss`` can count; others are a note."""
    while isinstance(value, list) and len(value) == 1 and isinstance(value[0], list):
        value = value[0]
    known, others = dict[str, str](), list[str]()
    for one in value if isinstance(value, list) else [] if value is None else [value]:
        entry = _metric(one, loss, outputs)
        # Of two with one name History has a column for the first here.
        if entry is None or known.setdefault(metric_name(entry), entry) != entry:
            others.append(shown(one))
    if others:
        notes.append(f"The file's metrics {listed_within(others, 80)} are kept, not counted here.")
    return tuple(entry for entry in known.values() if entry not in (*OWN, *_always(loss)))


def _metric(value: object, loss: str, outputs: int) -> str | None:
    """Return how a recipe asks for a metric, or None where it can't or the metric does not fit ``loss``."""
    kind, settings = value, dict[str, object]()
    # A loss in this place is the mean over batches, whatever their size: another number than the metric's.
    if isinstance(value, dict) and value.get("module") == "keras.metrics":
        kind = value.get("class_name")
        settings = value["config"] if isinstance(value.get("config"), dict) else settings
    name = SPELLED.get(kind) if isinstance(kind, str) else None
    if name is None or name in OWN:
        return name
    try:
        entry = _entry(name, settings, outputs)
    except Refused:
        return None
    return entry if fits_labels(entry, loss) else None


def _entry(name: str, settings: Json, outputs: int) -> str:
    """Return how a recipe asks for the metric of that name with these settings.

    Raises:
        Refused: it has another setting than those that are followed.
    """
    metric = KERAS_METRICS[name]
    given = settings.get(metric.option.name) if metric.option else None
    if isinstance(given, list):
        given = given[0] if len(given) == 1 else "several"
    if given is not None and (isinstance(given, bool) or not isinstance(given, int | float)):
        raise Refused(f"expected one number as the setting of {name}, got {shown(given)}")
    entry, own = metric_entry(metric, given), metric.option.name if metric.option else ""
    for setting, value in settings.items():
        if setting not in (own, "name", "dtype") and not same(value, usual_setting(entry, setting, outputs)):
            raise Refused(f"expected {name} without {shorten(setting)}, got {shown(value)}")
    return entry


def _loss(value: object) -> Loss:
    """Return the loss with its settings.

    Raises:
        Refused: it is no loss of Keras's, or has a setting that is not followed here.
    """
    if isinstance(value, list | dict) and "class_name" not in value and len(value) == 1:
        # A model with one output takes its loss in a list, or by the output's name, too.
        (value,) = value.values() if isinstance(value, dict) else value
    kind, settings = _built_in("loss", value, "keras.losses")
    if kind == "function" and isinstance(value, dict):
        # Keras finds such a function by its name among its own.
        kind, settings = str(value.get("config")), {}
        if kind not in KERAS_LOSSES:
            raise Refused(f"expected Keras's own loss, got {shown(kind)} of {shown(value.get('module'))}")
    loss = loss_called(kind)
    own = {option.name for option in loss.options}
    for setting, given in settings.items():
        followed = any(same(given, usual) for usual in NO_OTHERS.get(setting, ()))
        if setting not in own and setting != "name" and given is not None and not followed:
            raise Refused(f"expected {loss.name} without {shorten(str(setting))}, got {shown(given)}")
    return loss.with_options(read_options(_known(settings, own), loss.name, loss.options))


def _known(settings: Json, own: set[str]) -> Json:
    """Return those ``settings`` that a loss has here, as they are written for one that Keras does without another."""
    known = {name: value for name, value in settings.items() if name in own}
    if "axis" in known:
        known["axis"] = _axis(known["axis"])
    if "reduction" in known and known["reduction"] is None:
        known["reduction"] = "none"
    return known


def _axis(value: object) -> object:
    """Return the one axis, or None for both, where it is written as a list or by its other number."""
    axes = [AXES.get(axis, axis) if isinstance(axis, int) else axis for axis in _as_list(value)]
    if isinstance(value, list) and sorted(map(str, axes)) == ["-1", "0"]:
        return None
    return axes[0] if len(axes) == 1 else value


def _as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _built_in(what: str, value: object, module: str) -> tuple[str, Json]:
    """Return the class (or the name) and the settings of a loss or optimizer that is Keras's own."""
    if isinstance(value, str):
        return value, {}
    if not isinstance(value, dict) or not isinstance(value.get("class_name"), str):
        raise Refused(f"expected one {what}, got {shown(value)}")
    kind: str = value["class_name"]
    origin = value.get("module")
    own = isinstance(origin, str) and (origin == module or origin.startswith("keras.src."))
    own = own or (what == "loss" and kind == "function" and origin == "builtins")
    if not own or value.get("registered_name") not in (None, kind):
        named = value.get("config") if kind == "function" else kind
        raise Refused(f"expected Keras's own {what}, got {shown(named)} of {shown(origin)}")
    settings = value.get("config")
    return kind, settings if isinstance(settings, dict) else {}


def compile_config(recipe: Recipe, outputs: int = 1, each: Sequence[Output] = ()) -> Json:
    """Return ``recipe`` as Keras describes how a model of so many ``outputs``, or of ``each``, was compiled."""
    settings = OptimizerSettings(*(getattr(recipe, name) for name in OptimizerSettings._fields))
    losses = recipe.losses(max(len(each), 1))
    loss, weights = losses[0], [one.weight for one in losses]
    own = len(losses) > 1 and bool(recipe.by_output)
    sizes = [output.shape[-1] for output in each] if len(each) > 1 else [outputs]
    of_each = zip(losses, sizes, recipe.metrics_of_each(len(losses)), strict=True)
    metrics = [_written_metrics(entries, one.name, size) for one, size, entries in of_each]
    return {
        "optimizer": optimizer_config(settings),
        "loss": [_written_loss(one) for one in losses] if own else _written_loss(loss),
        "loss_weights": None if set(weights) == {1.0} else weights if own else loss.weight,
        "metrics": metrics if len(metrics) > 1 else metrics[0],
    }


def _written_metrics(entries: Sequence[str], loss: str, outputs: int) -> list[str | Json]:
    others = (_written_metric(one, outputs) for one in entries if one not in _always(loss))
    return [*_always(loss), *others]


def with_loss(config: Json, recipe: Recipe, outputs: int, each: Sequence[Output] = ()) -> Json:
    """Return how a file says that its model was compiled, with the loss of ``recipe`` in place of another one.

    With a loss of another name come the recipe's metrics, which fit that; all else stays as it is. So does a loss that
    was not followed here.
    """
    held, written = read_compile(config, outputs, each).recipe, compile_config(recipe, outputs, each)
    several = max(len(each), 1)
    if held is None or held.losses(several) == recipe.losses(several):
        return config
    names = [[loss.name for loss in one.losses(several)] for one in (held, recipe)]
    replaced = ("loss", "loss_weights") if names[0] == names[1] else ("loss", "loss_weights", "metrics")
    return config | {name: written[name] for name in replaced}


def _always(loss: str) -> list[str]:
    """Return what is written for every model with ``loss``, and counted here of such labels, asked for or not.

    Of labels that may be any numbers nothing is counted.
    """
    counted = KERAS_LOSSES[loss].labels in (Labels.SIGNS, Labels.BINARY) and loss not in NONNEGATIVE
    return [METRIC] if counted else []


def _written_loss(loss: Loss) -> str | Json:
    # Keras finds this one by its class only.
    if not loss.arguments and loss.name != "categorical_generalized_cross_entropy":
        return loss.name
    return _object("keras.losses", loss.keras_class, {"name": loss.name, **loss.arguments})


def _written_metric(entry: str, outputs: int) -> str | Json:
    kind, settings = keras_metric(entry, outputs)
    return _object("keras.metrics", kind, settings) if kind else entry


def _object(module: str, kind: str, settings: Json) -> Json:
    return {"module": module, "class_name": kind, "config": settings, "registered_name": None}
