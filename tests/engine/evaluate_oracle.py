"""Keras's own ``evaluate`` as the oracle: models drawn and saved by it, and what it gives for the file."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from core.activations import ACTIVATIONS, HALVING
from core.arrays import frozen
from core.data.dataset import DataFile, Dataset
from core.errors import Refused
from core.losses import BY_CLASS, KERAS_LOSSES, Labels
from core.model.archive.whole import read_archive
from core.model.files.opening import OpenedModel
from tui.headless.evaluate import judge

if TYPE_CHECKING:
    from pathlib import Path

    from core.engine.client import EngineClient
    from core.losses import Loss

OPTIONS: dict[str, tuple[Any, ...]] = {
    "from_logits": (True,),
    "label_smoothing": (0.1, 0.25, 1.0),
    "apply_class_balancing": (True,),
    "gamma": (0.0, 1.0, 3.5),
    "delta": (0.25, 2.5),
    "q": (0.125, 0.9),
    "axis": (-1, 0),
    "ignore_class": (0, 1, 7),
    "loss_weights": (0.0, 0.5, 3.0, -2.0),
    "alpha": (0.25, 0.75),
    "beta": (0.25, 2.0),
    "reduction": ("sum", "mean", "mean_with_sample_weight", "none"),
}
"""What settings of losses are drawn from, apart from Keras's defaults."""

LASTS = ("linear", "sigmoid", "softmax", "tanh", *(name for name in ACTIVATIONS if name not in HALVING))
"""Activations of the last layer; the first few are drawn more often than the others."""

R = keras.regularizers
REGULARIZERS = (R.L1(0.05), R.L2(0.1), R.L1L2(0.02, 0.03), "l2")

METRICS: tuple[Any, ...] = ("accuracy", "binary_accuracy", "mse", "mae", "auc", "acc")
M = keras.metrics
OBJECTS: tuple[Any, ...] = (
    lambda _: M.BinaryAccuracy(threshold=0.0),
    lambda _: M.AUC(from_logits=True),
    lambda _: M.AUC(num_thresholds=20),
    lambda _: M.Precision(class_id=0),
    lambda _: M.Recall(thresholds=0.3),
    lambda _: M.BinaryCrossentropy(label_smoothing=0.2),
    lambda _: M.CategoricalCrossentropy(from_logits=True),
    lambda _: M.SparseCategoricalCrossentropy(from_logits=True),
    lambda _: M.TopKCategoricalAccuracy(k=2),
    lambda _: M.SparseTopKCategoricalAccuracy(k=1),
    lambda _: M.F1Score(average="micro"),
    lambda units: M.MeanIoU(num_classes=units),
    lambda _: M.R2Score(class_aggregation="variance_weighted_average"),
    lambda _: M.MeanSquaredError(),
    lambda _: M.RootMeanSquaredError(),
)
"""Metrics that are drawn, by Keras's words and as objects with settings for a model of so many outputs."""


@dataclass(frozen=True)
class Drawn:
    """A model file, data for it, and the labels as a person would give them to Keras."""

    path: Path
    dataset: Dataset
    labels: Any
    words: str

    @property
    def opened(self) -> OpenedModel:
        """What byhand reads of the file, without a process for it."""
        data = self.path.read_bytes()
        held = read_archive(data)
        return OpenedModel(held.network, held.weights, held.recipe, held.notes, data, held.not_followed)

    def by_keras(self, names: tuple[str, ...]) -> dict[str, float]:
        """Return what ``model.evaluate`` gives for the file, by name; and for words of ``names`` that it hasn't."""
        keras.utils.clear_session()
        model = keras.models.load_model(self.path)
        numbers = dict(model.evaluate(self.dataset.points, self.labels, verbose=0, return_dict=True))
        named = {WORDS.get(name, name) for name in numbers}
        if others := [_of_signs if name == "sign_accuracy" else name for name in names if name not in named]:
            model.compile(loss=model.loss, metrics=others)
            numbers |= model.evaluate(self.dataset.points, self.labels, verbose=0, return_dict=True) | numbers
        return {name: float(value) for name, value in numbers.items()}


def _of_signs(labels: Any, outputs: Any) -> Any:
    return keras.ops.cast(keras.ops.equal(keras.ops.sign(labels), keras.ops.sign(outputs)), "float32")


_of_signs.__name__ = "sign_accuracy"


def drawn(seed: int, folder: Path) -> Drawn:
    """Save a model drawn by ``seed`` into ``folder``, and return it with its data."""
    random = np.random.default_rng(seed)
    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
    loss = _loss(random)
    units = int(random.integers(2, 5)) if loss.labels in BY_CLASS or random.random() < 0.4 else 1
    rows = int(random.choice([1, 7, 20, 45, 70]))
    last = str(random.choice(LASTS[:4] if random.random() < 0.6 else LASTS))
    model = keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(4, "tanh", **_penalties(random)), *_end(random, units, last)]
    )
    for layer in model.layers:
        layer.set_weights([random.normal(0, 1.5, array.shape).astype(np.float32) for array in layer.get_weights()])
    metrics = _metrics(random, loss, units)
    model.compile("sgd", _given(random, loss), metrics=metrics, loss_weights=_weights(random, loss))
    kind, labels = _labels(random, loss, rows, units)
    points = random.normal(0, 1, (rows, 3)).astype(np.float32)
    path = folder / f"{seed}.keras"
    model.save(path)
    columns = labels.astype(np.float32).reshape(rows, -1)
    names = tuple(f"t{place}" for place in range(columns.shape[1]))
    dataset = Dataset(frozen(points), frozen(columns), DataFile("drawn.csv", (), names))
    return Drawn(path, dataset, labels, f"{loss.in_words()}, {units} {last}, {kind}, {rows} rows")


def _loss(random: np.random.Generator) -> Loss:
    loss = KERAS_LOSSES[str(random.choice(list(KERAS_LOSSES)))]
    given = [
        (one.name, OPTIONS[one.name][random.integers(len(OPTIONS[one.name]))])
        for one in loss.options
        if random.random() < 0.35
    ]
    return loss.with_options(tuple(given))


def _given(random: np.random.Generator, loss: Loss) -> Any:
    """Return the loss as a person gives it to ``compile``: by its name, or as an object, perhaps in a list."""
    if not loss.arguments and loss.name != "categorical_generalized_cross_entropy" and random.random() < 0.5:
        return loss.name
    made = getattr(keras.losses, loss.keras_class)(**loss.arguments)
    return [made] if random.random() < 0.2 else made


def _weights(random: np.random.Generator, loss: Loss) -> Any:
    """Return what the loss is multiplied by as a person gives it: a number, one in a list, or by the output's name."""
    if loss.weight == 1.0:
        return [None, None, 1.0, [1.0]][random.integers(4)]
    return [loss.weight, [loss.weight], {"out": loss.weight}][random.integers(3)]


def _penalties(random: np.random.Generator) -> dict[str, Any]:
    names = ("kernel_regularizer", "bias_regularizer", "activity_regularizer")
    found = {name: REGULARIZERS[random.integers(len(REGULARIZERS))] for name in names if random.random() < 0.15}
    if random.random() < 0.06:
        found["kernel_regularizer"] = R.OrthogonalRegularizer(0.1, "columns")
    if random.random() < 0.1:
        found["trainable"] = False
    return found


def _end(random: np.random.Generator, units: int, last: str) -> list[Any]:
    L = keras.layers
    dense = L.Dense(units, last, **_penalties(random))
    match random.integers(8):
        case 0:
            return [L.Dense(units), L.Activation(last)]
        case 1:
            return [dense, L.Dropout(0.5)]
        case 2:
            return [dense, L.Activation("linear")]
        case 3:
            return [dense, L.Flatten()]
    return [dense]


def _metrics(random: np.random.Generator, loss: Loss, units: int) -> list[Any]:
    if loss.labels is Labels.CLASSES:
        pool = [OBJECTS[7], OBJECTS[9], OBJECTS[11], lambda _: "accuracy", lambda _: M.SparseCategoricalAccuracy()]
    else:
        words = [lambda _, word=word: word for word in METRICS]
        single = [one for place, one in enumerate(OBJECTS) if place not in (6, 7, 8, 9, 10, 11)]
        pool = [*words, *(single if units == 1 else [*single, OBJECTS[6], OBJECTS[8], OBJECTS[10]])]
    chosen = random.choice(len(pool), int(random.integers(0, 3)), replace=False)
    made = [pool[place](units) for place in chosen]
    return list({WORDS.get(name, name): one for one in made for name in [getattr(one, "name", one)]}.values())


def _labels(random: np.random.Generator, loss: Loss, rows: int, units: int) -> tuple[str, Any]:
    """Return some labels that Keras takes for the loss and so many outputs, and what they are."""
    classes = random.integers(0, units, rows)
    if loss.labels is Labels.CLASSES:
        if loss.ignored == 7:
            classes[random.random(rows) < 0.3] = 7
        return "class numbers", classes.astype(np.int32)
    if (loss.labels is Labels.ONE_HOT and random.random() < 0.7) or (units > 1 and random.random() < 0.3):
        return "one-hot", np.eye(units, dtype=np.float32)[classes]
    shape = (rows, units)
    kinds = {
        Labels.SIGNS: ["signs", "truths"],
        Labels.NUMBERS: ["signs", "truths", "numbers", "counts"],
        Labels.BINARY: ["truths", "truths", "shares"],
        Labels.ONE_HOT: ["truths", "shares", "numbers", "signs"],
    }[loss.labels]
    kind = str(random.choice(kinds))
    return kind, {
        "signs": random.choice([-1.0, 1.0], shape),
        "truths": random.choice([0.0, 1.0], shape),
        "numbers": random.normal(0, 2, shape),
        "counts": random.integers(0, 5, shape).astype(float),
        "shares": random.random(shape),
    }[kind].astype(np.float32)


SAME, WITHHELD, REFUSED, APART = "same", "withheld", "refused", "APART"
REFUSED_BY_KERAS = "refused by Keras"
"""What becomes of a model: told as Keras tells it, without a number of Keras's, refused; or told otherwise."""

WORDS = {"mse": "mean_squared_error", "mae": "mean_absolute_error", "acc": "accuracy"}
"""What Keras calls a metric that was asked for by such a word -> its name here."""

LIMIT = 1e-6
"""How far apart two numbers may be, as a share of the larger."""


def compared(seed: int, folder: Path, engine: EngineClient) -> tuple[str, str]:
    """Return what becomes of the model drawn by ``seed``, and the numbers or the reason."""
    one = drawn(seed, folder)
    try:
        opened = one.opened
        judged = judge(opened, one.dataset, lambda: nullcontext(engine))
    except Refused as refusal:
        return REFUSED, f"{one.words}: {refusal}"
    if judged.keras is None:
        return WITHHELD, f"{one.words}: {judged.why}"
    ours = {"loss": judged.keras.loss, **judged.keras.metrics}
    try:
        theirs = {WORDS.get(name, name): value for name, value in one.by_keras(tuple(ours)).items()}
    except Exception as error:
        return REFUSED_BY_KERAS, f"{one.words}: {str(error).splitlines()[-1]}"
    said = " ".join(opened.notes)
    apart = [f"{name} {ours[name]!r} from {theirs[name]!r}" for name in ours if not _same(ours[name], theirs[name])]
    apart += [f"{name} is dropped" for name in theirs if name not in ours and "not counted" not in said]
    words = f"{one.words}: {', '.join(f'{name} {value:.6g}' for name, value in ours.items())}"
    return (APART, f"{one.words}: {', '.join(apart)}") if apart else (SAME, words)


def _same(ours: float, theirs: float) -> bool:
    return ours == theirs or bool(np.isclose(ours, theirs, rtol=LIMIT, atol=0.0, equal_nan=True))
