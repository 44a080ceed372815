"""Keras's metrics that a training can count beside its own: those that labels of -1 and +1 and one output fit."""

from __future__ import annotations

from core.errors import Refused, shorten

KERAS_METRICS = {
    "mean_squared_error": "MeanSquaredError",
    "root_mean_squared_error": "RootMeanSquaredError",
    "mean_absolute_error": "MeanAbsoluteError",
    "mean_absolute_percentage_error": "MeanAbsolutePercentageError",
    "logcosh": "LogCoshError",
    "hinge": "Hinge",
    "squared_hinge": "SquaredHinge",
    "cosine_similarity": "CosineSimilarity",
    "r2_score": "R2Score",
    "pearson_correlation": "PearsonCorrelation",
    "concordance_correlation": "ConcordanceCorrelation",
}
"""The name under which ``History`` has it -> Keras's class."""

ALWAYS = ("sign_accuracy", "binary_accuracy")
"""What every training counts."""

_SHORT = {"mse": "mean_squared_error", "mae": "mean_absolute_error", "mape": "mean_absolute_percentage_error"}

_TRUTHS = "labels of 0 and 1"
_CLASSES = "an output for each class"
_WANTS = {
    **dict.fromkeys(("auc", "precision", "recall", "f1_score", "fbeta_score", "binary_io_u", "io_u"), _TRUTHS),
    **dict.fromkeys(("true_positives", "true_negatives", "false_positives", "false_negatives"), _TRUTHS),
    **dict.fromkeys(("binary_crossentropy", "kl_divergence", "poisson", "mean_squared_logarithmic_error"), _TRUTHS),
    **dict.fromkeys(("categorical_accuracy", "categorical_crossentropy", "categorical_hinge"), _CLASSES),
    **dict.fromkeys(("sparse_categorical_accuracy", "sparse_categorical_crossentropy"), _CLASSES),
    **dict.fromkeys(("top_k_categorical_accuracy", "sparse_top_k_categorical_accuracy"), _CLASSES),
}


def read_metrics(text: str) -> tuple[str, ...]:
    """Return the metrics in ``text``, names with spaces or commas between them, in order and each once.

    Raises:
        Refused: see :func:`require_metrics`.
    """
    names = [_SHORT.get(name, name) for name in text.replace(",", " ").split()]
    require_metrics(tuple(names))
    return tuple(dict.fromkeys(name for name in names if name not in ALWAYS))


def require_metrics(names: tuple[str, ...]) -> None:
    """Refuse what is no metric of Keras's, or one that labels of -1 and +1 don't fit."""
    for name in names:
        if name in KERAS_METRICS or name in ALWAYS:
            continue
        wants = _WANTS.get(name)
        reason = f", which wants {wants}; the labels here are -1 and +1, with one output" if wants else ""
        raise Refused(f"expected metrics out of {', '.join(KERAS_METRICS)}; got {shorten(name)!r}{reason}")
