"""What is refused before Keras (or its stand-in) is asked: another version, another shape, numbers that poison."""

from __future__ import annotations

from math import isfinite, prod
from typing import TYPE_CHECKING

import numpy as np

from core.calculation.troubles import index_of_no_row
from core.data.checks import require_one_kind, require_weights
from core.engine.protocol import to_arrays
from core.engine.stopping import require_stop_rule
from core.engine.stream import SHAPE, TYPE
from core.errors import Refused
from core.formatting import count
from core.losses import BY_CLASS
from core.model.network import require_loss, require_trainable
from core.model.weights import Weights
from core.training.keras_metrics import always, metric_name

if TYPE_CHECKING:
    import numpy.typing as npt

    from core.arrays import KerasArray
    from core.engine.protocol import Train
    from core.losses import Loss
    from core.model.network import Network
    from core.training.recipe import Recipe
    from core.training.standing import Standing


def weights_to_train(command: Train) -> Weights:
    """Return the weights that a training starts from, if all that it was given fits together."""
    network, points, labels = command.network, command.points.array(), command.labels.array()
    weights = Weights.for_network(network, to_arrays(command.layers))
    require_points(network, points)
    require_labels(network, points, labels, command.recipe.losses(len(network.each_output)))
    require_finite(points, labels)
    if why := index_of_no_row(network, weights, points):
        raise Refused(why)
    require_class_weights(command.recipe, labels)
    if command.sample_weights is not None:
        require_sample_weights(command.recipe, points, command.sample_weights.array())
    require_loss(network)
    require_trainable(network)
    training = command.recipe.training_points(len(points))
    require_stop_rule(command.stop_rule, len(points) - training, ("loss", *_counted(command)))
    if command.standing is not None:
        _require_standing(command.standing, weights, command.recipe)
    return weights


def _require_standing(standing: Standing, weights: Weights, recipe: Recipe) -> None:
    """Refuse to go on from where no training of this model and recipe can have stood."""
    restored = () if standing.heard is None else standing.heard.restored
    shapes = [array.shape for arrays in weights.layers for array in arrays]
    fits = 0 <= standing.epoch < recipe.epochs and isfinite(standing.seconds) and isfinite(standing.compiling)
    stream = standing.stream.dtype == TYPE and standing.stream.shape == SHAPE
    whole = stream and all(numbers.is_whole for numbers in (*standing.held, standing.stream, *restored))
    if not (fits and whole) or (restored and [numbers.shape for numbers in restored] != shapes):
        raise Refused("expected where this training stood, to go on with it, got another's; space trains anew")


def _counted(command: Train) -> tuple[str, ...]:
    """Return by which names a training tells what it counts beside the loss."""
    outputs = command.network.each_output
    each = zip(command.reading.of_outputs(len(outputs)), command.recipe.metrics_of_each(len(outputs)), strict=True)
    counted = [(*always(reading.task, reading.at), *map(metric_name, metrics)) for reading, metrics in each]
    if len(outputs) == 1:
        return counted[0]
    both = zip(outputs, counted, strict=True)
    return tuple(f"{output.name}_{name}" for output, names in both for name in ("loss", *names))


def require_version(held: int | None, asked: int) -> None:
    """Refuse a question about other weights than the held ones."""
    if held is None:
        raise Refused(f"Keras holds no weights yet: expected none to be asked for, got version {asked}")
    if held != asked:
        raise Refused(f"Keras holds version {held} of the weights, got a question about version {asked}")


def require_points(network: Network, points: KerasArray) -> None:
    """Refuse anything but at least one row of the network's inputs."""
    require_shape(network, points.shape)


def require_shape(network: Network, shape: tuple[int, ...]) -> None:
    """Refuse the shape of anything but at least one row of the network's inputs."""
    if len(shape) != 2 or shape[1] != network.inputs or shape[0] < 1:
        raise Refused(f"expected at least one point of {count(network.inputs, 'number')}, got shape {shape}")


def require_labels(network: Network, points: KerasArray, labels: KerasArray, losses: tuple[Loss, ...]) -> None:
    """Refuse anything but a label for each point, of as many numbers as the losses compare with the outputs.

    Keras broadcasts a label over several outputs without a word, and its accuracies mean nothing then.
    """
    columns, names = 0, ", ".join(dict.fromkeys(loss.name for loss in losses))
    for loss, output in zip(losses, network.each_output, strict=True):
        size = prod(output.shape)
        if loss.labels in BY_CLASS and size == 1:
            raise Refused(
                f"{loss.name} wants an output for each class, and the model has 1: binary_crossentropy would do"
            )
        columns += loss.label_size(output.shape)
    if labels.shape != (len(points), columns):
        raise Refused(
            f"expected {count(len(points), 'label')} of {count(columns, 'number')} for {names} and a model of "
            f"{count(network.outputs, 'output')}, got shape {labels.shape}"
        )


def require_finite(points: KerasArray, labels: KerasArray) -> None:
    """Refuse to train on NaN or infinity: one of them makes every weight NaN in a single step."""
    for what, values in (("point", points), ("label", labels)):
        bad = np.flatnonzero(~np.isfinite(values.reshape(len(values), -1)).all(axis=1))
        if bad.size:
            raise Refused(
                f"expected finite numbers to train on, got NaN or infinity in {bad.size:,} of "
                f"{count(len(values), what)}, first in {what} {bad[0] + 1}"
            )


def require_class_weights(recipe: Recipe, labels: KerasArray) -> None:
    """Refuse weights of classes that lack one for a label."""
    if recipe.class_weights and (most := class_places(recipe, labels).max()) >= len(recipe.class_weights):
        raise Refused(f"expected a weight for each class, got {len(recipe.class_weights):,} and class {most:,}")


def class_places(recipe: Recipe, labels: KerasArray) -> npt.NDArray[np.int64]:
    """Return which class each row's label is; of one that the loss leaves out the first, as it weighs nothing."""
    if labels.shape[1] > 1:
        return np.asarray(labels.argmax(axis=1))
    column, ignored = labels[:, 0], recipe.losses(1)[0].ignored
    return np.maximum(column if ignored is None else np.where(column == ignored, 0, column), 0).astype(np.int64)


def require_sample_weights(recipe: Recipe, points: KerasArray, weights: KerasArray) -> None:
    """Refuse anything but one finite weight of 0 or more a point, in a recipe that weighs +1 like -1."""
    require_one_kind(recipe.class_weights, weights)
    if weights.shape != (len(points),):
        raise Refused(f"expected {len(points)} sample weights, one a point, got shape {weights.shape}")
    bad = np.flatnonzero(~np.isfinite(weights))
    if bad.size:
        raise Refused(f"expected finite sample weights, got {weights[bad[0]]:g} for point {bad[0] + 1}")
    require_weights("sample weights", weights)
