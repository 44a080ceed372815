"""Every metric of Keras's that a training can count beside its own: its class, what labels it wants, its one setting.

They are those of the Keras 3 documentation ("Metrics"), under the names that ``History`` has for them. A setting is
written behind the name, as in ``recall_at_precision=0.8``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from core.errors import Refused, shorten
from core.half_width import half_width
from core.losses import BY_CLASS, KERAS_LOSSES, SHORT, Labels
from core.losses.settings import IGNORE_CLASS
from core.model.literal import parse_number
from core.training.options import Option, needed, number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Settings = Callable[[int], Mapping[str, Any]]
    """What Keras's class is told for a model of so many outputs."""

OWN = ("sign_accuracy",)
"""What is asked for in vain: it is none of Keras's, and counted where such labels are."""

OF_TASK = {
    "signs": ("sign_accuracy", "binary_accuracy"),
    "binary": ("accuracy", "binary_accuracy"),
    "classes": ("accuracy",),
    "numbers": ("mean_absolute_error",),
}
"""What every training counts, by the name of its task."""

POSSIBLE = {
    Labels.SIGNS: (Labels.SIGNS, Labels.BINARY, Labels.ONE_HOT),
    Labels.NUMBERS: (Labels.NUMBERS, Labels.SIGNS, Labels.BINARY, Labels.ONE_HOT),
    Labels.BINARY: (Labels.BINARY, Labels.ONE_HOT, Labels.NUMBERS),
    Labels.ONE_HOT: (Labels.ONE_HOT, Labels.NUMBERS),
    Labels.CLASSES: (Labels.CLASSES,),
}
"""The labels that a loss wants -> those that a training with it may have."""

EACH = (Labels.SIGNS, Labels.NUMBERS, Labels.BINARY, Labels.ONE_HOT)
TRUTHS = (Labels.BINARY, Labels.ONE_HOT)
ONE_HOT, CLASSES = (Labels.ONE_HOT,), (Labels.CLASSES,)

WANTS = {
    EACH: "a label for each output",
    TRUTHS: str(Labels.BINARY),
    ONE_HOT: str(Labels.ONE_HOT),
    CLASSES: str(Labels.CLASSES),
}
"""What a metric of such labels wants, in words."""

WOULD_DO = {
    Labels.BINARY: "binary_crossentropy",
    Labels.ONE_HOT: "categorical_crossentropy",
    Labels.CLASSES: "sparse_categorical_crossentropy",
}
"""The loss that is offered for such labels."""


@dataclass(frozen=True)
class Metric:
    """One metric: Keras's class, the kinds of ``labels`` that fit it, its ``option`` and what else Keras is told."""

    name: str
    keras_class: str
    labels: tuple[Labels, ...]
    option: Option | None = None
    settings: Settings = field(default=lambda _: {})


def _macro(outputs: int) -> Mapping[str, Any]:
    # Of one output the largest of a row is always itself: there it is 1 above 0.5.
    return {"average": "macro", "threshold": 0.5 if outputs == 1 else None}


def _classes(outputs: int) -> Mapping[str, Any]:
    return {"num_classes": outputs}


def _numbered_classes(outputs: int) -> Mapping[str, Any]:
    return {"num_classes": outputs, "sparse_y_pred": False}


def _is_share(value: float) -> bool:
    return 0 <= value <= 1


def _threshold(name: str) -> Option:
    return number(name, 0.5, _is_share, "a number from 0 to 1")


_BEST = number("k", 5, lambda value: value >= 1 and value == int(value), "a whole number of outputs, from 1")
_BETA = number("beta", 1.0, lambda value: value > 0, "a number above 0")
_CLASS = needed("target_class_ids", lambda value: value in (0, 1), "the class: 0, which is -1, or 1, which is +1")

_ALL = (
    Metric("accuracy", "", (*EACH, *CLASSES)),
    Metric("binary_accuracy", "BinaryAccuracy", EACH, _threshold("threshold")),
    Metric("mean_squared_error", "MeanSquaredError", EACH),
    Metric("root_mean_squared_error", "RootMeanSquaredError", EACH),
    Metric("mean_absolute_error", "MeanAbsoluteError", EACH),
    Metric("mean_absolute_percentage_error", "MeanAbsolutePercentageError", EACH),
    Metric("mean_squared_logarithmic_error", "MeanSquaredLogarithmicError", TRUTHS),
    Metric("logcosh", "LogCoshError", EACH),
    Metric("hinge", "Hinge", EACH),
    Metric("squared_hinge", "SquaredHinge", EACH),
    Metric("categorical_hinge", "CategoricalHinge", ONE_HOT),
    Metric("cosine_similarity", "CosineSimilarity", EACH),
    Metric("r2_score", "R2Score", EACH),
    # Both correlate the outputs of a row with its labels; of one output there is nothing to correlate.
    Metric("pearson_correlation", "PearsonCorrelation", ONE_HOT),
    Metric("concordance_correlation", "ConcordanceCorrelation", ONE_HOT),
    Metric("binary_crossentropy", "BinaryCrossentropy", TRUTHS),
    Metric("categorical_crossentropy", "CategoricalCrossentropy", ONE_HOT),
    Metric("sparse_categorical_crossentropy", "SparseCategoricalCrossentropy", CLASSES),
    Metric("kl_divergence", "KLDivergence", TRUTHS),
    Metric("poisson", "Poisson", TRUTHS),
    Metric("categorical_accuracy", "CategoricalAccuracy", ONE_HOT),
    Metric("sparse_categorical_accuracy", "SparseCategoricalAccuracy", CLASSES),
    Metric("top_k_categorical_accuracy", "TopKCategoricalAccuracy", ONE_HOT, _BEST),
    Metric("sparse_top_k_categorical_accuracy", "SparseTopKCategoricalAccuracy", CLASSES, _BEST),
    Metric("auc", "AUC", TRUTHS),
    Metric("precision", "Precision", TRUTHS, _threshold("thresholds")),
    Metric("recall", "Recall", TRUTHS, _threshold("thresholds")),
    Metric("true_positives", "TruePositives", TRUTHS, _threshold("thresholds")),
    Metric("true_negatives", "TrueNegatives", TRUTHS, _threshold("thresholds")),
    Metric("false_positives", "FalsePositives", TRUTHS, _threshold("thresholds")),
    Metric("false_negatives", "FalseNegatives", TRUTHS, _threshold("thresholds")),
    Metric("precision_at_recall", "PrecisionAtRecall", TRUTHS, needed("recall", _is_share, "a number from 0 to 1")),
    Metric("recall_at_precision", "RecallAtPrecision", TRUTHS, needed("precision", _is_share, "a number from 0 to 1")),
    Metric(
        "sensitivity_at_specificity",
        "SensitivityAtSpecificity",
        TRUTHS,
        needed("specificity", _is_share, "a number from 0 to 1"),
    ),
    Metric(
        "specificity_at_sensitivity",
        "SpecificityAtSensitivity",
        TRUTHS,
        needed("sensitivity", _is_share, "a number from 0 to 1"),
    ),
    Metric("f1_score", "F1Score", TRUTHS, None, _macro),
    Metric("fbeta_score", "FBetaScore", TRUTHS, _BETA, _macro),
    Metric("binary_io_u", "BinaryIoU", TRUTHS, _threshold("threshold")),
    Metric("io_u", "IoU", CLASSES, _CLASS, _numbered_classes),
    Metric("mean_io_u", "MeanIoU", CLASSES, IGNORE_CLASS, _numbered_classes),
    Metric("one_hot_io_u", "OneHotIoU", ONE_HOT, _CLASS, _classes),
    Metric("one_hot_mean_io_u", "OneHotMeanIoU", ONE_HOT, IGNORE_CLASS, _classes),
)

KERAS_METRICS = {metric.name: metric for metric in _ALL}
"""The name under which ``History`` has it -> the metric; ``accuracy`` is what ``compile`` makes of that word."""

SPELLED = {
    **{text: name for short, name in SHORT.items() if name in KERAS_METRICS for text in (short, short.upper())},
    **{text: metric.name for metric in _ALL for text in (metric.keras_class, metric.name) if text},
    "acc": "accuracy",
    "log_cosh_error": "logcosh",
    "f_beta_score": "fbeta_score",
    "sign_accuracy": "sign_accuracy",
}
"""Every text by which Keras knows a metric -> its name here."""

_OF_NUMBERS = ("mean", "sum", "Mean", "Sum", "MeanMetricWrapper", "Metric")


def read_metrics(text: str) -> tuple[str, ...]:
    """Return the metrics in ``text``, names with spaces, commas or semicolons between them, in order and each once.

    Raises:
        Refused: one is none of Keras's, or its setting is not one that Keras takes.
    """
    # No metric's name begins with a digit, so a comma before one is a decimal comma.
    written = re.sub(r"([0-9]),([0-9])", r"\1.\2", half_width(text))
    parts = re.sub(r"[,;、]", " ", re.sub(r"\s*=\s*", "=", written)).split()
    entries = dict.fromkeys(_entry(*_parsed(part)) for part in parts if SPELLED.get(part, part) not in OWN)
    return tuple(entries)


def metric_name(entry: str) -> str:
    """Return the name under which ``History`` has the metric that is asked for by ``entry``."""
    return entry.partition("=")[0]


def metric_entry(metric: Metric, value: float | None) -> str:
    """Return how ``metric`` is asked for with ``value`` as its setting, or with Keras's default for None.

    Raises:
        Refused: it has no setting, needs one, or takes another.
    """
    return _entry(metric, _checked(metric, value))


def always(task: str, at: float = 0.5) -> tuple[str, ...]:
    """Return what every training of the task of that name counts; labels of 0 and 1 are told apart ``at`` an output.

    Keras's ``accuracy`` tells them apart at 0.5, whatever the loss: at another number it is none of Keras's.
    """
    return ("sign_accuracy", "binary_accuracy") if task == "binary" and at != 0.5 else OF_TASK.get(task, ())


def fits_labels(entry: str, loss: str) -> bool:
    """Say whether ``loss`` may have labels that the metric wants."""
    name = metric_name(entry)
    return name in OWN or any(kind in KERAS_METRICS[name].labels for kind in POSSIBLE[KERAS_LOSSES[loss].labels])


def fits_kind(entry: str, labels: Labels) -> bool:
    """Say whether such ``labels`` are those that the metric wants."""
    return labels in KERAS_METRICS[metric_name(entry)].labels


def require_metrics_of(entries: tuple[str, ...], labels: Labels) -> None:
    """Refuse metrics of Keras's that don't fit such ``labels``.

    Raises:
        Refused: which two things don't fit, and what would.
    """
    for entry in entries:
        metric, _ = _parsed(entry)
        if labels not in metric.labels:
            _refuse_labels(metric, f"the data give Keras {labels}", labels)


def require_metrics(entries: tuple[str, ...], loss: str) -> None:
    """Refuse what is no metric of Keras's, comes twice, or fits no labels that ``loss`` may have.

    Raises:
        Refused: which two things don't fit, and what would.
    """
    for entry in entries:
        if entry in OWN:
            continue
        metric, value = _parsed(entry)
        if entry != _entry(metric, value):
            raise Refused(f"expected the metric as {_entry(metric, value)}, got {shorten(entry)!r}")
        if not fits_labels(metric.name, loss):
            labels = KERAS_LOSSES[loss].labels
            _refuse_labels(metric, f"the loss {loss} takes {labels}", labels)
    names = [metric_name(entry) for entry in entries]
    for name in names:
        if names.count(name) > 1:
            raise Refused(f"expected the metric {name} once, got it {names.count(name)} times: History has one column")


USUAL: Mapping[str, Any] = {
    "axis": -1,
    "from_logits": False,
    "label_smoothing": 0.0,
    "ignore_class": None,
    "threshold": 0.5,
    "thresholds": None,
    "num_thresholds": 200,
    "top_k": None,
    "class_id": None,
    "curve": "ROC",
    "summation_method": "interpolation",
    "multi_label": False,
    "num_labels": None,
    "label_weights": None,
    "class_aggregation": "uniform_average",
    "num_regressors": 0,
    "from_sorted_ids": False,
    "sparse_y_true": True,
    "sparse_y_pred": False,
    "target_class_ids": [0, 1],
}
"""Settings of Keras's metrics that are no option here -> the value that is followed, Keras's default."""


def usual_setting(entry: str, setting: str, outputs: int) -> Any:
    """Return the value that is followed of a setting which is no option of the metric, for so many ``outputs``."""
    return keras_metric(entry, outputs)[1].get(setting, USUAL.get(setting))


def keras_metric(entry: str, outputs: int) -> tuple[str, dict[str, Any]]:
    """Return Keras's class for a metric that is asked for, and what it is told for a model of so many ``outputs``."""
    metric, value = _parsed(entry)
    settings = {"name": metric.name, **metric.settings(outputs)}
    if metric.option is not None and value is not None:
        settings[metric.option.name] = _as_keras(metric.option.name, value)
    return metric.keras_class, settings


def _as_keras(option: str, value: float) -> Any:
    if option == "target_class_ids":
        return [int(value)]
    return int(value) if option in ("k", IGNORE_CLASS.name) else value


def _entry(metric: Metric, value: float | None) -> str:
    usual = metric.option is None or value is None or value == metric.option.default
    return metric.name if usual else f"{metric.name}={str(value).removesuffix('.0')}"


def _parsed(entry: str) -> tuple[Metric, float | None]:
    """Return the metric and its setting; None where that is Keras's default."""
    text, given, value = entry.partition("=")
    name = SPELLED.get(text, text)
    if name in _OF_NUMBERS:
        raise Refused(f"{name} is of plain numbers, not of labels and predictions: a training has none to give it")
    if name not in KERAS_METRICS:
        near = get_close_matches(name, KERAS_METRICS, 1)
        such = f"perhaps {near[0]}" if near else "such as mean_squared_error, auc or recall_at_precision=0.8"
        raise Refused(f"expected metrics of Keras's, {such}; got {shorten(text)!r}")
    metric = KERAS_METRICS[name]
    return metric, _checked(metric, parse_number(value) if given else None)


def _checked(metric: Metric, value: float | None) -> float | None:
    option = metric.option
    if option is None:
        if value is not None:
            raise Refused(f"expected {metric.name} without a number behind it, got {value:g}")
        return None
    if value is None:
        if option.required:
            example = "1" if option is _CLASS else "0.8"
            raise Refused(f"{metric.name} needs {option.wanted}: write {metric.name}={example}")
        return None
    if not option.accepts(value):
        raise Refused(f"expected {metric.name} to be given {option.wanted}, got {value:g}")
    return value


def _refuse_labels(metric: Metric, taken: str, labels: Labels) -> None:
    order = (*BY_CLASS, Labels.BINARY) if labels in BY_CLASS else (Labels.BINARY, *BY_CLASS)
    better = next(kind for kind in order if kind in metric.labels)
    outputs = " and an output for each class" if better in BY_CLASS and labels not in BY_CLASS else ""
    raise Refused(
        f"the metric {metric.name} wants {WANTS[metric.labels]}, and {taken}: "
        f"the loss {WOULD_DO[better]}{outputs} would do"
    )
