"""Session: the one owner of state. Frozen states in, frozen states out; every change can be taken back.

A method raises ``Refused`` before it changes anything. It is used from one thread only.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import takewhile
from typing import TYPE_CHECKING

import msgspec

from core.arrays import point
from core.data.checks import require_one_kind
from core.data.dataset import MAX_INPUTS, PRESETS, DataFile, Dataset, Preset, generate, rule_of, rule_over
from core.data.makers import Nothing
from core.errors import Refused, shorten
from core.limits import most, or_allowing
from core.model import tutorial
from core.model.initial import initial_weights
from core.model.layers_text import chain_network, shape_text
from core.model.network import Network, describe, with_inputs
from core.model.weights import LayerArrays, Weights, checked_arrays
from core.session.dials import Settings
from core.session.history import BUDGET
from core.session.runs import MAX_NAME, Runs
from core.session.state import Model, Saved, State
from core.session.steps_in_words import place_in_words, taking
from core.session.trail import Trail
from core.tasks import TaskName, task_of
from core.tasks.suiting import answers, suited_as, suited_recipe, suited_to
from core.training.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy.typing as npt

    from core.arrays import KerasArray
    from core.data.editing import Edited
    from core.data.makers import Suited
    from core.model.files.opening import OpenedModel
    from core.model.rules import RightModel
    from core.operations.operation import Shape
    from core.saving import Stamp
    from core.session.dials import Dial
    from core.session.trail import Steps


class Session:
    """Has the ``trail`` of states, which tells ``on_change`` of every new one, and the ``runs`` of trainings."""

    def __init__(self, on_change: Callable[[State], None] = lambda _state: None, budget: int = BUDGET) -> None:
        preset = PRESETS[0]
        network = chain_network(preset.rule.inputs, preset.shape)
        recipe = Recipe()
        initial = initial_weights(network, recipe.seed)
        state = State(generate(preset.rule), Model(network, initial, initial), recipe, point(tutorial.X))
        self.trail, self._unasked = Trail(state, on_change), state.dataset
        self.runs = Runs(self.trail, budget)

    @property
    def state(self) -> State:
        """The state as it is now."""
        return self.trail.state

    # Data

    def take_data(self, dataset: Dataset, suited: Suited | None = None, task: TaskName | None = None) -> None:
        """Take other data; with another number of inputs, the same layers start anew over them.

        With ``suited``, such a model begins anew, to be trained with its loss; with ``task``, the labels are taken so.
        Without either, a model that nobody has opened or trained gives way to one that can answer the labels.

        Raises:
            Refused: the labels are none of that task, the layers are for images or sequences of another number of
                inputs, or a training is under way.
        """
        self.trail.refuse_while_training()
        if suited is not None:
            model, recipe = self._suited(suited, dataset)
        elif task is not None:
            model, recipe = self._over(dataset.inputs), msgspec.structs.replace(self.state.recipe, task=task)
            task_of(dataset, model.network, recipe.losses(len(model.network.graph.outputs)), task)
        else:
            model, recipe = self._answering(dataset)
        with self.trail.together():
            self.trail.go_on(taking(dataset), model, dataset, recipe)
            if self.state.awaits_row:
                self.take_row(0)

    def begin_with(self, dataset: Dataset) -> None:
        """Have these data from the start, and x from their row 1, or the model's own: nobody has seen what was before.

        A model that was opened stays, whether they fit it or not; where its length is not fixed, it takes theirs.
        """
        with self.trail.together():
            model, recipe = self.state.model.as_long(dataset.inputs), self.state.recipe
            if self.state.path is None:
                model, recipe = self._answering(dataset)
            self.trail.put(model, dataset, model.own_point, recipe, self.state.path)
            if self.state.awaits_row:
                self.take_row(0)

    def take_edited(self, edited: Edited) -> None:
        """Take data of which a person changed rows; weights stay, and the row in hand stays in hand.

        Raises:
            Refused: they are no change of the present data, or a training is under way.
        """
        self.trail.refuse_while_training()
        if edited.before is not self.state.dataset:
            raise Refused("expected a change of the data that are here, got one of others; change these")
        self.trail.go_on(edited.name, self.state.model, edited.after, moved=edited.moved)

    def data_saved(self, dataset: Dataset) -> None:
        """Remember that data were saved."""
        self.trail.change(replace(self.state, saved_data=dataset))

    def _over(self, inputs: int) -> Model:
        """Return the model over so many inputs: with its weights where these fit all the same, else begun anew."""
        model = self.state.model
        if inputs == model.network.inputs:
            return model
        longer = model.as_long(inputs)
        return longer if longer is not model else self._new_model(with_inputs(model.network, inputs))

    def _answering(self, dataset: Dataset) -> tuple[Model, Recipe]:
        """Return the present model and recipe or, of one that nobody opened or trained, such that answer the labels."""
        state, model = self.state, self.state.model
        fresh = state.path is None and model.weights is model.initial
        unsuited = fresh and not answers(dataset, model.network, state.recipe.loss)
        if unsuited and (suited := suited_as(model.network, dataset)):
            return self._suited(suited, dataset, model.network.shape)
        return self._over(dataset.inputs), msgspec.structs.replace(state.recipe, task=None)

    def _suited(self, suited: Suited, dataset: Dataset, shape: Shape = ()) -> tuple[Model, Recipe]:
        model = self._new_model(chain_network(shape or dataset.inputs, suited.layers))
        return model, suited_recipe(self.state.recipe, suited, dataset, shape)

    def choose_task(self, name: TaskName | None) -> None:
        """Take the labels in another way; None leaves it to them, the loss and the outputs.

        Raises:
            Refused: the labels are none of such a task, or a training is under way.
        """
        self.trail.refuse_while_training()
        state, network = self.state, self.state.model.network
        task_of(state.dataset, network, state.recipe.losses(len(network.graph.outputs)), name)
        recipe = msgspec.structs.replace(state.recipe, task=name)
        self.trail.go_on(f"task {name or 'by the labels'}", state.model, recipe=recipe)

    def use_preset(self, preset: Preset) -> None:
        """Take one part of the tutorial: data, untrained network, of two inputs the point, and its loss if need be."""
        self.trail.refuse_while_training()
        network, dataset = chain_network(preset.rule.inputs, preset.shape), generate(preset.rule)
        recipe = self._recipe_for(network, dataset)
        with self.trail.together():
            self.trail.go_on(f"the tutorial's {preset.title}", self._new_model(network), dataset, recipe)
            self._set_tutorials_x()

    # The point in hand

    def set_x(self, x: npt.ArrayLike, lengths: tuple[int, ...] = ()) -> None:
        """Calculate for another point, with these sizes of the axes whose length is not fixed, or one for all of them.

        Raises:
            Refused: it has another number of inputs than the network.
        """
        values, network = point(x), self.state.model.network
        wanted = f"at most {most(MAX_INPUTS):,}" if network.lengths else f"{network.inputs}"
        if values.size > most(MAX_INPUTS) or not (network.lengths or values.shape == (network.inputs,)):
            raise Refused(f"expected {wanted} numbers, got {values.size}")
        model = self.state.model.of_lengths(lengths) if lengths else self._over(values.size)
        if model is not self.state.model:
            self.trail.refuse_while_training()
        self.trail.change(replace(self.state, model=model, x=values, row=None, given=True))

    def take_row(self, row: int) -> None:
        """Calculate for a row of the data; rows go round the ends. Where the model's length is not fixed, it is theirs.

        Raises:
            Refused: the data have another number of inputs than the network.
        """
        state, model = self.state, self.state.model.as_long(self.state.dataset.inputs)
        if isinstance(state.dataset.origin, Nothing):
            raise Refused("there are no rows: on Data, o opens a file that has some, s makes some")
        if model.network.inputs != state.dataset.inputs:
            raise Refused("the data have another number of inputs than the model")
        if model is not state.model:
            self.trail.refuse_while_training()
        row %= len(state.dataset)
        self.trail.change(replace(state, model=model, x=point(state.dataset.points[row]), row=row, given=False))

    def _set_tutorials_x(self) -> None:
        """Calculate for the point that the tutorial does, where the network takes it."""
        if self.state.x.shape == (len(tutorial.X),) and tuple(self.state.x) != tutorial.X:
            self.trail.change(replace(self.state, x=point(tutorial.X), row=None, given=False))

    # Weights

    def set_number(self, layer: int, array: int, index: tuple[int, ...], value: float) -> None:
        """Change one number of one array of one layer."""
        network, weights = self.state.model.network, self.state.model.weights.with_number(layer, array, index, value)
        where = place_in_words(network.weight_names[layer][array], index)
        self.set_weights(f"{shorten(network.layers[layer].name)} {where} = {value:g}", weights)

    def put_array(self, layer: int, array: int, values: KerasArray, name: str) -> None:
        """Give a layer one other array; ``name`` is what the step is called, as in ``hidden kernel: row 2 = w*2``.

        Raises:
            Refused: it has another shape than the layer's.
        """
        network, arrays = self.state.model.network, list(self.state.model.weights.layers[layer])
        arrays[array] = values
        checked = checked_arrays(network.layers[layer].name, network.arrays_of(layer), arrays)
        self.set_weights(name, self.state.model.weights.with_layer(layer, checked))

    def set_layer(self, layer: int, arrays: list[npt.ArrayLike] | LayerArrays) -> None:
        """Give a layer all its arrays, as ``layer.set_weights`` does.

        Raises:
            Refused: another number of arrays or another shape than the layer's.
        """
        network = self.state.model.network
        name = network.layers[layer].name
        checked = checked_arrays(name, network.arrays_of(layer), list(arrays))
        self.set_weights(f"set {shorten(name)}", self.state.model.weights.with_layer(layer, checked))

    def set_weights(self, name: str, weights: Weights) -> None:
        """Give the model other weights, all of its own shapes, as one step called ``name``."""
        self.trail.refuse_while_training()
        self.trail.go_on(name, self._weighted(weights))

    def freeze(self, *places: int) -> None:
        """Freeze layers, so that trainings leave their weights as they are; where one of them is frozen, unfreeze all.

        The weights stay; the training so far, which was one of other layers, becomes the one before.

        Raises:
            Refused: none of the layers has weights, or a training is under way.
        """
        self.trail.refuse_while_training()
        network = self.state.model.network
        held = [place for place in places if network.weight_names[place]]
        levels = zip(*(network.paths[place] for place in places), strict=False)
        name = shorten("/".join(level[0] for level in takewhile(lambda level: len(set(level)) == 1, levels)))
        if not held:
            raise Refused(f"expected a layer with weights to freeze, got {name}, which has none")
        trains = all(network.layers[place].trainable for place in held)
        self.trail.state = replace(self.state, previous=self.runs.previous())
        frozen = replace(self.state.model, network=network.with_trained(held, not trains), run=None, epoch=None)
        self.trail.go_on(f"{'freeze' if trains else 'unfreeze'} {name}", frozen)

    def new_network(self, network: Network) -> None:
        """Start a new model with fresh initial weights; made data that don't fit it are made anew by the same rule."""
        self.trail.refuse_while_training()
        self.trail.go_on(f"new model {describe(network)}", self._new_model(network), self._fitting_data(network))

    def load_always_right(self) -> None:
        """Take the tutorial's model that is right everywhere: tanh(x1 + ... + xd - threshold)."""
        self.trail.refuse_while_training()
        rule = rule_of(self.state.dataset)
        self._take("the always-right model", *tutorial.always_right(rule.inputs, rule.threshold))

    def take_right(self, right: RightModel) -> None:
        """Take a model that was built from a rule; made data that don't fit it are made anew."""
        self.trail.refuse_while_training()
        self._take(f"rule: {right.rule}", right.network, right.weights)

    def load_tutorial(self) -> None:
        """Take the network with the very weights that the tutorial prints, and the point that it calculates."""
        self.trail.refuse_while_training()
        with self.trail.together():
            self._take("the tutorial's trained weights", *tutorial.trained())
            self._set_tutorials_x()

    def open(self, opened: OpenedModel, path: Path, steps: Steps | None = None) -> None:
        """Take a model from a file. Data stay as they are; where none fit it, x becomes the model's own, mostly zeros.

        Of the tutorial's data that are there at the start nobody has asked for any: only its own model keeps them.

        With the ``steps`` that once led to it, a session that has none of its own goes on where they ended.

        Raises:
            Refused: a point of it would have more numbers than any data, or a training is under way.
        """
        self.trail.refuse_while_training()
        if (inputs := opened.network.inputs) > most(MAX_INPUTS):
            advice = or_allowing("open another", inputs, MAX_INPUTS)
            raise Refused(f"expected a model of at most {most(MAX_INPUTS):,} inputs, got one of {inputs:,}; {advice}")
        model = Model(opened.network, opened.weights, opened.weights, archive=opened.archive)
        dataset, tutorials = self.state.dataset, shape_text(opened.network) == PRESETS[0].shape
        if dataset is self._unasked and not (tutorials and opened.network.inputs == dataset.inputs):
            dataset = generate(Nothing())
        x = self.state.x if dataset.inputs == model.network.inputs else model.own_point
        held = Saved(model.network, model.weights, opened.stamp, opened.recipe or self.state.recipe)
        self.trail.state = replace(self.state, files=self.trail.with_file(path, held))
        with self.trail.together():
            if steps is not None and not self.state.done:
                self.trail.put(model, dataset, x, opened.recipe, path)
                self.trail.take_up(steps)
            else:
                self.trail.go_on(f"open {shorten(path.name)}", model, dataset, opened.recipe, opened=path)
                self.trail.change(replace(self.state, x=x, given=self.state.given and x is self.state.x))

    def take(self, name: str, model: Model, dataset: Dataset) -> None:
        """Take another model together with data for it, as one step called ``name``."""
        self.trail.refuse_while_training()
        self.trail.go_on(shorten(name, MAX_NAME), model, dataset, self._recipe_for(model.network, dataset))

    def saved(self, state: State, path: Path, stamp: Stamp | None = None) -> None:
        """Remember that model and settings of ``state``, perhaps earlier ones than now, are saved at ``path``."""
        held, now = Saved(state.model.network, state.model.weights, stamp, state.recipe), self.state
        files = self.trail.with_file(path, held)
        self.trail.change(replace(now, files=files, path=path if now.path == state.path else now.path))

    def reset(self) -> None:
        """Go back to the weights that the model began with."""
        self.trail.refuse_while_training()
        model = self._at_initial()
        self.trail.state = replace(self.state, previous=self.runs.previous())
        self.trail.go_on("reset to the initial weights", model)

    # Training

    def set_recipe(self, recipe: Recipe, shape: str | None = None) -> None:
        """Train differently; another ``shape`` or seed starts a new model with its initial weights. The task stays.

        Raises:
            Refused: a training is under way, ``shape`` describes no network, or +1 would have a weight and rows too.
        """
        self.trail.refuse_while_training()
        state = self.state
        network = state.model.network if shape is None else chain_network(state.model.network.input_shapes[0], shape)
        recipe = msgspec.structs.replace(recipe, task=state.recipe.task)
        recipe.training_points(len(state.dataset))
        require_one_kind(recipe.class_weights, state.dataset.weights)
        anew = network.layers != state.model.network.layers or recipe.seed != state.recipe.seed
        model = self._new_model(network, recipe.seed) if anew else state.model
        if anew:
            self.trail.state = replace(state, previous=self.runs.previous())
            self.trail.go_on(f"new model {describe(network)}", model, recipe=recipe)
        else:
            self.trail.change(replace(state, recipe=recipe))

    def turn(self, dial: Dial, notch: int) -> None:
        """Turn one setting a notch, and be at the initial weights that the new settings have.

        Another learning rate, loss, optimizer, batch size or number of epochs keeps the initial weights; other data
        of the same inputs keep them too; another seed or another layer makes new ones.

        Raises:
            Refused: a training is under way, or the setting has no such notch here.
        """
        self.trail.refuse_while_training()
        state = self.state
        before = Settings(state.recipe, state.model.network, state.dataset)
        after = dial.turned(before, notch)
        after.recipe.training_points(len(after.dataset))
        anew = after.network != before.network or after.recipe.seed != before.recipe.seed
        model = self._new_model(after.network, after.recipe.seed) if anew else self._at_initial()
        self.trail.state = replace(state, previous=self.runs.previous())
        self.trail.go_on(f"{dial.name} {dial.text(after)}", model, after.dataset, after.recipe)

    def _at_initial(self) -> Model:
        return replace(self.state.model, weights=self.state.model.initial, run=None, epoch=None)

    # What several of these do

    def _take(self, name: str, network: Network, weights: Weights) -> None:
        dataset = self._fitting_data(network)
        recipe = self._recipe_for(network, dataset)
        if not (isinstance(dataset.origin, DataFile) or answers(dataset, network, recipe.loss)):
            dataset = generate(rule_over(network.inputs, dataset))
            recipe = self._recipe_for(network, dataset)
        self.trail.go_on(name, Model(network, weights, weights), dataset, recipe)

    def _recipe_for(self, network: Network, dataset: Dataset) -> Recipe:
        """Return the recipe for a model that comes with data; with a loss that suits them, where its own can't stay."""
        same = dataset is self.state.dataset
        recipe = self.state.recipe if same else msgspec.structs.replace(self.state.recipe, task=None)
        suited = None if answers(dataset, network, recipe.loss) else suited_to(dataset)
        return recipe if suited is None else suited_recipe(recipe, suited, dataset)

    def _weighted(self, weights: Weights) -> Model:
        return replace(self.state.model, weights=weights, epoch=None)

    def _new_model(self, network: Network, seed: int | None = None) -> Model:
        initial = initial_weights(network, self.state.recipe.seed if seed is None else seed)
        return Model(network, initial, initial)

    def _fitting_data(self, network: Network) -> Dataset:
        """Return the data for a model that begins here: a person's own stay, made ones are made to fit it."""
        dataset = self.state.dataset
        if dataset.inputs == network.inputs or isinstance(dataset.origin, DataFile | Nothing):
            return dataset
        return generate(rule_over(network.inputs, dataset))
