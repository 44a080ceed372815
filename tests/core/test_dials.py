"""The dials: every notch up and down, the ends, what lies between notches, and what no dial may touch."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.dataset import DataFile, SumRule, generate
from core.data.makers import Nothing
from core.errors import Refused
from core.layers.dense import Dense
from core.layers.identity import Dropout
from core.model.initial import MAX_SEED
from core.model.layers_text import chain_network
from core.model.network import MAX_UNITS, Network
from core.session.dials import BATCHES, DIALS, EPOCHS, NOISES, RATES, TURNABLE, Dial, Settings, hidden
from core.training.recipe import LOSSES, MAX_BATCH, MAX_EPOCHS, OPTIMIZERS, Recipe
from tests.tasks import fits

if TYPE_CHECKING:
    from collections.abc import Sequence

RULE = SumRule(250, 2)

START = Settings(Recipe(), chain_network(2, "5 tanh, 1 tanh"), generate(RULE))

BY_NAME = {dial.name: dial for dial in DIALS}

LADDERS: dict[str, tuple[str, Sequence[float]]] = {
    "rate": ("learning_rate", RATES),
    "batch": ("batch_size", BATCHES),
    "epochs": ("epochs", EPOCHS),
}
"""A dial of numbers -> the recipe's field that it turns, and its notches."""

OF_ONE_OUTPUT = tuple(loss for loss in LOSSES if fits(loss, 1))

ROUNDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "optimizer": ("optimizer", OPTIMIZERS),
    "loss": ("loss", OF_ONE_OUTPUT),
}
"""A dial of names -> the recipe's field that it turns, and the names."""


def with_recipe(**changed: object) -> Settings:
    return Settings(msgspec.structs.replace(START.recipe, **changed), START.network, START.dataset)


def with_noise(noise: float) -> Settings:
    return Settings(START.recipe, START.network, generate(msgspec.structs.replace(RULE, noise=noise)))


def with_layers(*layers: Dense | Dropout) -> Settings:
    return Settings(START.recipe, Network.chain(2, layers), START.dataset)


def with_hidden(units: int = 5, activation: str = "tanh") -> Settings:
    return with_layers(Dense("hidden", units, activation), Dense("output", 1, "tanh"))


def first_dense(settings: Settings) -> Dense:
    layer = settings.network.layers[hidden(settings.network)]
    assert isinstance(layer, Dense)
    return layer


def test_there_is_a_dial_for_every_setting_that_retrains() -> None:
    texts = [(dial.name, dial.text(START)) for dial in DIALS]
    assert texts == [
        ("rate", "0.001"),
        ("optimizer", "adam"),
        ("loss", "hinge"),
        ("batch", "32"),
        ("epochs", "150"),
        ("units", "5"),
        ("activation", "tanh"),
        ("noise", "0"),
        ("seed", "0"),
    ]


@pytest.mark.parametrize("name", LADDERS)
def test_a_number_goes_up_and_down_its_ladder_and_stays_at_the_ends(name: str) -> None:
    dial, (field, notches) = BY_NAME[name], LADDERS[name]
    for lower, higher in pairwise(notches):
        up, down = dial.turned(with_recipe(**{field: lower}), 1), dial.turned(with_recipe(**{field: higher}), -1)
        assert (getattr(up.recipe, field), getattr(down.recipe, field)) == (higher, lower)
        assert type(getattr(up.recipe, field)) is type(lower)
    top, bottom = with_recipe(**{field: notches[-1]}), with_recipe(**{field: notches[0]})
    assert dial.turned(top, 1) == top
    assert dial.turned(bottom, -1) == bottom


def test_a_number_is_read_as_it_would_be_typed() -> None:
    rate = BY_NAME["rate"]
    assert [rate.text(with_recipe(learning_rate=value)) for value in RATES[:5]] == [
        "1e-06",
        "2e-06",
        "5e-06",
        "1e-05",
        "2e-05",
    ]
    for value in RATES:
        assert float(rate.text(with_recipe(learning_rate=value))) == value
    for value in NOISES:
        assert float(BY_NAME["noise"].text(with_noise(value))) == value


@pytest.mark.parametrize(
    ("name", "value", "up", "down"),
    [
        ("rate", 0.003, 0.005, 0.002),
        ("rate", 1e-9, 1e-6, 1e-9),
        ("rate", 1e6, 1e6, 50.0),
        ("rate", 0.1 + 1e-17, 0.2, 0.05),
        ("batch", 33, 64, 32),
        ("batch", MAX_BATCH, MAX_BATCH, 4096),
        ("epochs", 137, 150, 100),
        ("epochs", MAX_EPOCHS, MAX_EPOCHS, 10_000),
    ],
)
def test_from_between_two_notches_it_goes_to_the_next(name: str, value: float, up: float, down: float) -> None:
    dial, field = BY_NAME[name], LADDERS[name][0]
    before = with_recipe(**{field: value})
    assert getattr(dial.turned(before, 1).recipe, field) == up
    assert getattr(dial.turned(before, -1).recipe, field) == down


@pytest.mark.parametrize("name", ROUNDS)
def test_names_go_round(name: str) -> None:
    dial, (field, names) = BY_NAME[name], ROUNDS[name]
    settings, seen = START, []
    for _ in names:
        settings = dial.turned(settings, 1)
        seen.append(dial.text(settings))
    assert sorted(seen) == sorted(names)
    assert settings == START
    assert getattr(dial.turned(with_recipe(**{field: names[0]}), -1).recipe, field) == names[-1]


def test_activations_go_round_through_all_that_keep_the_width() -> None:
    settings, seen = START, []
    for _ in TURNABLE:
        settings = BY_NAME["activation"].turned(settings, 1)
        seen.append(BY_NAME["activation"].text(settings))
    assert sorted(seen) == sorted(TURNABLE)
    assert "glu" not in seen
    assert settings == START


def same(one: Settings, other: Settings) -> bool:
    """Say whether two settings are equal, data by what made them."""
    both = ((settings.recipe, settings.network, settings.dataset.origin) for settings in (one, other))
    return next(both) == next(both)


def test_noise_goes_up_its_ladder_and_down_to_none() -> None:
    dial = BY_NAME["noise"]
    for lower, higher in pairwise(NOISES):
        assert same(dial.turned(with_noise(lower), 1), with_noise(higher))
        assert same(dial.turned(with_noise(higher), -1), with_noise(lower))
    assert same(dial.turned(with_noise(0.0), -1), with_noise(0.0))
    assert same(dial.turned(with_noise(1.0), 1), with_noise(1.0))
    assert same(dial.turned(with_noise(0.03), -1), with_noise(0.02))


def test_the_labels_of_a_file_stand_as_they_are() -> None:
    settings, dial = (
        Settings(START.recipe, START.network, replace(START.dataset, origin=DataFile("my.csv"))),
        BY_NAME["noise"],
    )
    assert dial.text(settings) == "-"
    with pytest.raises(Refused, match=r"the labels of my\.csv stand as they are"):
        dial.turned(settings, 1)


def test_the_seed_counts_and_stays_within_what_keras_takes() -> None:
    dial = BY_NAME["seed"]
    assert dial.turned(with_recipe(seed=7), 1).recipe.seed == 8
    assert dial.turned(with_recipe(seed=7), -1).recipe.seed == 6
    assert dial.turned(with_recipe(seed=0), -1).recipe.seed == 0
    with pytest.raises(Refused, match="expected a seed from 0 to"):
        dial.turned(with_recipe(seed=MAX_SEED), 1)


def test_units_are_those_of_the_first_dense_and_at_least_one() -> None:
    dial = BY_NAME["units"]
    assert first_dense(dial.turned(START, 1)).units == 6
    assert first_dense(dial.turned(START, -1)).units == 4
    assert dial.turned(with_hidden(1), -1) == with_hidden(1)
    most = with_hidden(MAX_UNITS)
    assert dial.turned(most, 1) == most
    dropped = with_layers(Dropout("drop", 0.5), Dense("first", 3, "relu"), Dense("second", 4), Dense("output", 1))
    turned = dial.turned(dropped, 1).network.layers
    assert turned == (dropped.network.layers[0], Dense("first", 4, "relu"), *dropped.network.layers[2:])
    assert dial.text(dropped) == "3"


def test_the_outputs_units_are_no_dials_business_but_its_activation_is() -> None:
    alone = with_layers(Dense("output", 1, "tanh"))
    for notch in (1, -1):
        with pytest.raises(Refused, match="expected a hidden layer whose units could change"):
            BY_NAME["units"].turned(alone, notch)
    assert first_dense(BY_NAME["activation"].turned(alone, 1)).activation == TURNABLE[TURNABLE.index("tanh") + 1]


def test_without_a_dense_layer_there_is_nothing_to_turn() -> None:
    none = with_layers(Dropout("drop", 0.5))
    for name in ("units", "activation"):
        assert BY_NAME[name].text(none) == "-"
        with pytest.raises(Refused, match="expected a model with a Dense layer to turn"):
            BY_NAME[name].turned(none, 1)


def test_an_activation_that_halves_the_width_is_left_alone() -> None:
    halving = with_hidden(4, "glu")
    assert BY_NAME["activation"].text(halving) == "glu"
    with pytest.raises(Refused, match="expected a Dense layer whose activation keeps its width"):
        BY_NAME["activation"].turned(halving, 1)


@st.composite
def on_the_ladders(draw: st.DrawFn) -> Settings:
    recipe = Recipe(
        draw(st.sampled_from(OF_ONE_OUTPUT)),
        draw(st.sampled_from(OPTIMIZERS)),
        draw(st.sampled_from(RATES[1:-1])),
        draw(st.sampled_from(EPOCHS[1:-1])),
        draw(st.sampled_from(BATCHES[1:-1])),
        draw(st.floats(0.0, 0.9)),
        draw(st.integers(1, MAX_SEED - 1)),
    )
    network = with_hidden(draw(st.integers(2, 40)), draw(st.sampled_from(TURNABLE))).network
    rule = SumRule(draw(st.integers(1, 500)), 2, noise=draw(st.sampled_from(NOISES[1:-1])))
    return Settings(recipe, network, generate(rule))


DIAL = st.sampled_from(DIALS)
NOTCH = st.sampled_from((1, -1))


@given(on_the_ladders(), DIAL, NOTCH)
def test_a_notch_there_and_back_is_where_it_began(settings: Settings, dial: Dial, notch: int) -> None:
    turned = dial.turned(settings, notch)
    assert dial.text(turned) != dial.text(settings)
    assert same(dial.turned(turned, -notch), settings)


@given(on_the_ladders(), DIAL, NOTCH)
def test_a_dial_turns_its_own_setting_and_no_other(settings: Settings, dial: Dial, notch: int) -> None:
    turned = dial.turned(settings, notch)
    changed = [other.name for other in DIALS if other.text(turned) != other.text(settings)]
    assert changed == [dial.name]
    assert turned.recipe.validation_split == settings.recipe.validation_split
    rules = (turned.dataset.origin, settings.dataset.origin)
    assert rules[0] == rules[1] or dial.name == "noise"
    assert turned.network.layers[1:] == settings.network.layers[1:]


@given(st.floats(1e-12, 1e6), NOTCH)
def test_any_rate_goes_the_way_that_was_asked_for(rate: float, notch: int) -> None:
    turned = BY_NAME["rate"].turned(with_recipe(learning_rate=rate), notch).recipe.learning_rate
    assert (turned - rate) * notch >= 0
    assert turned == rate or turned in RATES


def test_the_loss_dial_goes_through_those_that_fit_the_outputs() -> None:
    settings = Settings(START.recipe, chain_network(2, "5 tanh, 2 softmax"), START.dataset)
    fitting = [loss for loss in LOSSES if fits(loss, 2)]
    assert {"categorical_crossentropy", "kl_divergence", "categorical_generalized_cross_entropy"} < set(fitting)
    for loss in (*fitting, fitting[0]):
        settings = BY_NAME["loss"].turned(settings, 1)
        assert settings.recipe.loss == loss


def test_the_loss_dial_keeps_the_metrics_that_fit_the_next_loss() -> None:
    recipe = Recipe(loss="binary_crossentropy", metrics=("auc", "recall_at_precision=0.8", "r2_score"))
    turned = BY_NAME["loss"].turned(Settings(recipe, START.network, START.dataset), 1)
    assert turned.recipe.loss == "binary_focal_crossentropy"
    assert turned.recipe.metrics == recipe.metrics
    back = BY_NAME["loss"].turned(Settings(recipe, START.network, START.dataset), -1)
    assert back.recipe.loss == "log_cosh"
    assert back.recipe.metrics == ("r2_score",)


def test_where_no_loss_fits_the_loss_dial_says_what_is_expected() -> None:
    dataset = replace(START.dataset, labels=np.arange(3 * len(START.dataset), dtype=np.float32).reshape(-1, 3))
    with pytest.raises(Refused, match=r"^expected a model with 3 outputs for 3 labels a row"):
        BY_NAME["loss"].turned(Settings(START.recipe, START.network, dataset), 1)


def test_without_data_the_loss_dial_says_how_there_come_to_be_some() -> None:
    with pytest.raises(Refused, match=r"^expected data whose labels say which losses fit, got none: on Data, o opens"):
        BY_NAME["loss"].turned(Settings(START.recipe, START.network, generate(Nothing())), 1)
