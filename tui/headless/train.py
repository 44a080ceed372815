"""byhand train: the tutorial's training from start to saved file, with every setting an option."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

from core.errors import Refused
from tui.headless.data import data_json, data_of_file, data_text, split_json, split_text
from tui.headless.making import maker_of
from tui.headless.output import note, scores_json, scores_text, write, write_json
from tui.headless.usage import UsageError, usage

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path

    from core.data.dataset import Dataset, Preset
    from core.data.makers import Maker, Suited
    from core.engine.protocol import EpochMetrics, Progress, Ready, Trained
    from core.model.network import Network
    from core.model.weights import Weights
    from core.tasks import Scores, Task
    from core.training.recipe import Recipe


SETTINGS = {
    **{name: name for name in ("points", "inputs", "threshold", "noise", "classes", "size")},
    "seed": "data_seed",
}
"""The settings of a maker, and what they are called as options."""

OF_RULE = ("preset", "make", *SETTINGS.values())
"""The options that make data."""


def run(arguments: Namespace) -> int:
    """Train, save, and say what the model is worth beside always answering the commoner label."""
    import numpy as np

    from core.calculation.running import predict, unmasked
    from core.engine.protocol import to_arrays
    from core.model.save_model import require_name, save_model
    from core.model.weights import Weights

    with usage():
        require_name(arguments.out, None)
    dataset, network, recipe, task = _settings(arguments)
    if not arguments.out.parent.is_dir():
        raise Refused(f"expected a folder to save in, got {arguments.out.parent}, which is none")
    report = _Report(recipe.epochs)
    ready, trained = _train(network, recipe, dataset, task, report, arguments.strategy)
    weights = Weights.for_network(network, to_arrays(trained.layers))
    save_model(arguments.out, network, weights, recipe, None)
    made = predict(network, weights, dataset.points).astype(np.float32)
    scores = task.judged(made, dataset.labels, unmasked(network, weights, dataset.points))
    if arguments.json:
        result = _result_json(task, scores, report.history, trained, ready)
        settings = _settings_json(dataset, arguments.data, network, recipe)
        split = split_json(dataset, recipe.validation_split)
        write_json({"settings": settings, "split": split, **result, "out": str(arguments.out)})
    else:
        text = _result_text(dataset, recipe, scores, report.history, trained)
        write(
            f"{text}{_two_losses(network, weights, dataset, recipe, task, report, trained)}saved as {arguments.out}\n"
        )
    return 0


def _two_losses(
    network: Network, weights: Weights, dataset: Dataset, recipe: Recipe, task: Task, report: _Report, trained: Trained
) -> str:
    """Return the line on why the last epoch's loss is not what evaluate gives for the weights after it, if it isn't."""
    from core.calculation.effect import measure
    from core.calculation.two_losses import epoch_and_after

    if not 0 < trained.epoch <= len(report.history) or trained.batch:
        return ""
    worth = measure(network, weights, dataset, dataset.points[0], recipe, task).training
    weighed = dataset.weights is not None or bool(recipe.class_weights)
    told = epoch_and_after(trained.epoch, report.history[trained.epoch - 1].loss, worth, network, weighed)
    return f"{told}\n" if told else ""


def _settings(arguments: Namespace) -> tuple[Dataset, Network, Recipe, Task]:
    """Return data, layers, recipe and task: a part of the tutorial or a file's data, and what was asked to differ."""
    from core.data.checks import require_one_kind
    from core.data.dataset import PRESETS, generate
    from core.model.layers_text import chain_network
    from core.tasks import task_of
    from core.tasks.fitting import require_trains

    dataset = data_of_file(arguments, OF_RULE)
    given = {name: value for name, value in vars(arguments).items() if value is not None}
    preset = PRESETS[given.get("preset", 1) - 1]
    with usage():
        layers = preset.shape
        suited = None
        if dataset is None:
            maker = _maker(arguments, preset)
            dataset = generate(maker)
            suited = None if maker.kind == "sum" else maker.suited
        elif "layers" not in given and "loss" not in given and "task" not in given:
            suited = _suited(dataset, layers)
        if suited is not None:
            layers = suited.layers
            given.setdefault("loss", suited.loss)
        recipe = _recipe(given)
        recipe.training_points(len(dataset))
        require_one_kind(recipe.class_weights, dataset.weights)
        network = chain_network(dataset.inputs, given.get("layers", layers))
        task = task_of(dataset, network, recipe.losses(1), recipe.task)
        require_trains(task, recipe, network, dataset)
    return dataset, network, recipe, task


def _suited(dataset: Dataset, layers: str) -> Suited | None:
    """Return a model that can answer the labels of a file where the tutorial's can't, and say so."""
    from core.model.layers_text import chain_network
    from core.tasks.suiting import answers, suited_to
    from core.training.recipe import Recipe

    if answers(dataset, chain_network(dataset.inputs, layers), Recipe().loss):
        return None
    suited = suited_to(dataset)
    if suited is not None:
        note((f"--layers '{suited.layers}' --loss {suited.loss} are taken, which can answer these labels",))
    return suited


def _maker(arguments: Namespace, preset: Preset) -> Maker:
    """Return what makes the data: a part of the tutorial, or what was asked to differ."""
    from core.data.dataset import usual_threshold

    inputs = arguments.inputs
    threshold = preset.rule.threshold if inputs is None else usual_threshold(inputs)
    if arguments.make in (None, "sum"):
        return maker_of(arguments, SETTINGS, {"inputs": preset.rule.inputs, "threshold": threshold})
    if arguments.preset is not None:
        raise UsageError(f"expected --preset or --make {arguments.make}, got both: a preset is of the tutorial's sum")
    return maker_of(arguments, SETTINGS, {})


def _recipe(given: dict[str, Any]) -> Recipe:
    """Return the recipe of the options that were given; those that are more than a number or a name are read here."""
    from core.losses import loss_called
    from core.tasks import TaskName
    from core.tasks.class_weights import class_weights
    from core.training.keras_metrics import read_metrics
    from core.training.optimizers import KERAS_OPTIMIZERS, checked_options
    from core.training.options import read
    from core.training.recipe import Recipe
    from core.training.schedules import read_schedule

    settings = {name: given[name] for name in Recipe.__struct_fields__ if name in given}
    if "loss" in given:
        settings["loss"] = loss_called(given["loss"]).name
    if "loss_options" in given:
        loss = loss_called(settings.get("loss", Recipe().loss))
        settings["loss_options"] = loss.with_options(read(given["loss_options"], loss.name, loss.options)).given
    name = given.get("optimizer", Recipe().optimizer)
    if "optimizer_options" in given and name in KERAS_OPTIMIZERS:
        options = read(given["optimizer_options"], name, KERAS_OPTIMIZERS[name].options)
        settings["optimizer_options"] = checked_options(name, options)
    if "schedule" in given:
        settings["schedule"] = read_schedule(given["schedule"])
    if "task" in given:
        settings["task"] = TaskName(given["task"])
    if "class_weights" in given:
        settings["class_weights"] = class_weights(given["class_weights"])
    if "metrics" in given:
        settings["metrics"] = read_metrics(given["metrics"])
    return Recipe(**settings)


class _Report:
    """What a training has told so far; on a terminal also its one line of progress."""

    def __init__(self, epochs: int) -> None:
        self.history: list[EpochMetrics] = []
        self.on_terminal = sys.stderr.isatty()
        self._epochs = epochs
        self._started = time.monotonic()

    def begin(self) -> None:
        """Say that Keras is being started, which takes seconds."""
        self._show("starting Keras")

    def progress(self, news: Progress) -> None:
        """Keep the epochs and redraw the line."""
        if not self.history:
            self._started = time.monotonic() - news.seconds
        self.history.extend(news.epochs)
        done = len(self.history)
        left = (time.monotonic() - self._started) / max(done, 1) * (self._epochs - done)
        loss = f"loss {self.history[-1].loss:.4f}   " if done else ""
        self._show(f"epoch {done:,} of {self._epochs:,}   {loss}{left:.0f} s left")

    def end(self) -> None:
        """Take the line away."""
        self._show("")

    def _show(self, text: str) -> None:
        if self.on_terminal:
            sys.stderr.write(f"\r{text[:79]}\x1b[K")
            sys.stderr.flush()


def _train(
    network: Network, recipe: Recipe, dataset: Dataset, task: Task, report: _Report, strategy: str | None
) -> tuple[Ready, Trained]:
    from core.engine.client import EngineClient
    from core.engine.protocol import Tensor, Train, to_tensors
    from core.engine.reading import reading_of
    from core.engine.stopping import stop_rule
    from core.model.initial import initial_weights

    start = initial_weights(network, recipe.seed)
    points, labels = Tensor.of(dataset.points), Tensor.of(task.targets(dataset.labels, network.outputs))
    weights = None if dataset.weights is None else Tensor.of(dataset.weights)
    try:
        report.begin()
        with EngineClient(strategy) as engine:
            layers, rule, reading = to_tensors(start.layers), stop_rule(recipe, task), reading_of(task)
            command = Train(1, network, layers, recipe, points, labels, 0.2, None, rule, weights, reading)
            trained = engine.train(command, report.progress)
    finally:
        report.end()
    assert engine.ready is not None
    if len(engine.ready.devices) == 1:
        note([f"--strategy {strategy} found one device, {engine.ready.devices[0]}, which has trained alone"])
    return engine.ready, trained


def _settings_json(dataset: Dataset, file: Path | None, network: Network, recipe: Recipe) -> dict[str, Any]:
    import msgspec

    from core.model.layers_text import shape_text

    data = data_json(dataset, file)
    if "seed" in data:
        data["data_seed"] = data.pop("seed")
    settings = msgspec.structs.asdict(recipe)
    settings["loss_options"] = dict(recipe.loss_options)
    settings["optimizer_options"] = dict(recipe.optimizer_options)
    if recipe.schedule is not None:
        settings["schedule"] = {"name": recipe.schedule.name, **dict(recipe.schedule.options)}
    return data | {"layers": shape_text(network)} | settings


def _result_json(
    task: Task, scores: Scores, history: list[EpochMetrics], trained: Trained, ready: Ready
) -> dict[str, Any]:
    return {
        "history": _history_json(history),
        **{name: value for name, value in scores_json(task, scores).items() if name != "failures"},
        "seconds": trained.seconds,
        "engine": trained.method,
        "epoch": trained.epoch,
        "reason": trained.reason,
        "devices": list(ready.devices),
        "keras": ready.keras,
        "tensorflow": ready.tensorflow,
    }


def _history_json(history: list[EpochMetrics]) -> dict[str, list[float | None]]:
    """Return one list a metric, as Keras's ``History.history`` has them; no val_ ones without a validation split."""
    from core.export.json_numbers import plain

    rows = [epoch.by_name() for epoch in history]
    columns = {name: [row[name] for row in rows] for name in (rows[0] if rows else ())}
    return {name: plain(column) for name, column in columns.items() if any(value is not None for value in column)}


def _result_text(
    dataset: Dataset, recipe: Recipe, scores: Scores, history: list[EpochMetrics], trained: Trained
) -> str:
    from core.formatting import count, number

    losses = [number(epoch.loss) for epoch in (history[:1] + history[-1:])]
    of = "" if len(history) == recipe.epochs else f"{len(history):,} of "
    reason = f"{trained.reason}\n" if trained.reason else ""
    return (
        f"{of}{count(recipe.epochs, 'epoch')} of {recipe.in_words()}\n"
        f"{data_text(dataset)}\n{split_text(dataset, recipe.validation_split)}\n"
        f"loss from {' to '.join(losses) or 'nothing'} in {trained.seconds:.1f} s by {trained.method}\n{reason}"
        f"{scores_text(scores)}\n"
    )
