"""Optimizers' options: Keras's own names and defaults; what Keras would not take is refused."""

from __future__ import annotations

import inspect

import keras
import pytest

from core.errors import Refused
from core.training.optimizers import KERAS_OPTIMIZERS, OF_OTHERS, checked_options, kept_options, require_optimizer
from core.training.options import arguments, in_words, read

LEFT_OUT = {
    *("self", "learning_rate", "name", "kwargs"),
    *("exclude_layers", "exclude_embeddings"),
    *("use_ema", "ema_momentum", "ema_overwrite_frequency"),
}


@pytest.mark.parametrize("name", KERAS_OPTIMIZERS)
def test_the_options_and_their_defaults_are_keras_s(name: str) -> None:
    optimizer = KERAS_OPTIMIZERS[name]
    parameters = inspect.signature(getattr(keras.optimizers, optimizer.keras_class).__init__).parameters
    theirs = {option: one.default for option, one in parameters.items() if option not in LEFT_OUT}
    assert {option.name: option.default for option in optimizer.options} == theirs


@pytest.mark.parametrize(
    "name, text, said",
    [
        ("sgd", "momentum 0.9, nesterov", "momentum 0.9, nesterov"),
        ("sgd", "nesterov=yes, momentum=0.9", "momentum 0.9, nesterov"),
        ("sgd", "momentum 0, nesterov no", ""),
        ("adam", "beta_1 1/2, epsilon 1e-5,", "beta_1 0.5, epsilon 1e-05"),
        ("adamw", "weight_decay 0.01, clipnorm 1", "weight_decay 0.01, clipnorm 1"),
        ("ftrl", "", ""),
        ("muon", "nesterov no, muon_b -4.7", "muon_b -4.7, nesterov no"),
        (
            "schedulefreeadamw",
            "gradient_accumulation_steps 2, warmup_steps 9",
            "warmup_steps 9, gradient_accumulation_steps 2",
        ),
        ("sgd", "momentum 0,5; clipnorm 1/4", "momentum 0.5, clipnorm 0.25"),
    ],
)
def test_what_is_typed_is_said_in_order_without_defaults(name: str, text: str, said: str) -> None:
    options = checked_options(name, read(text, name, KERAS_OPTIMIZERS[name].options))
    assert in_words(options) == said


@pytest.mark.parametrize(
    "name, text, message",
    [
        ("adam", "momentum 0.9", "expected an option of adam out of beta_1, beta_2, epsilon, amsgrad, "),
        ("sgd", "momentum 1", "expected momentum of sgd to be from 0 up to, not including, 1, got 1"),
        ("sgd", "momentum yes", "expected a number such as"),
        ("sgd", "momentum", "expected a number after momentum"),
        ("sgd", "nesterov 0.9", "expected nesterov of sgd as yes or no, got '0.9'"),
        ("sgd", "clipnorm 1, clipvalue 1", "expected one way to clip gradients, got clipnorm and clipvalue"),
        ("sgd", "momentum 0, 5", "after a comma, got 5: write 0.5, or ; between options"),
        ("adam", "epsilon 0", "expected epsilon of adam to be above 0, got 0"),
        ("adam", "epsilon nan", "expected a number such as"),
        ("adam", "gradient_accumulation_steps 1", "to be a whole number from 2 up, got 1"),
        ("adam", "gradient_accumulation_steps 2.5", "to be a whole number from 2 up, got 2.5"),
    ],
)
def test_what_keras_would_not_take_is_refused(name: str, text: str, message: str) -> None:
    with pytest.raises(Refused) as refused:
        checked_options(name, read(text, name, KERAS_OPTIMIZERS[name].options))
    assert message in str(refused.value)


def test_another_optimizer_keeps_what_it_has_too() -> None:
    options = (("momentum", 0.9), ("nesterov", True), ("clipnorm", 1.0))
    assert kept_options(options, "rmsprop") == (("momentum", 0.9), ("clipnorm", 1.0))
    assert kept_options(options, "ftrl") == (("clipnorm", 1.0),)
    assert kept_options((("weight_decay", 0.01),), "adamw") == (("weight_decay", 0.01),)


def test_what_is_made_of_other_optimizers_is_refused_and_why() -> None:
    with pytest.raises(Refused, match="got 'LossScaleOptimizer': it wraps another one; loss_scale_factor is an option"):
        require_optimizer("LossScaleOptimizer")
    with pytest.raises(Refused, match=r"got 'adm'$"):
        require_optimizer("adm")


def test_every_optimizer_of_keras_is_there_or_told_why_not() -> None:
    theirs = {
        name.lower()
        for name, kind in vars(keras.optimizers).items()
        if inspect.isclass(kind) and issubclass(kind, keras.optimizers.Optimizer) and name != "Optimizer"
    }
    assert theirs == {*KERAS_OPTIMIZERS, *OF_OTHERS}


def test_whole_numbers_are_whole_for_keras() -> None:
    known = KERAS_OPTIMIZERS["adam"].options
    (found,) = arguments((("gradient_accumulation_steps", 2.0),), known).items()
    assert found == ("gradient_accumulation_steps", 2)
    assert isinstance(found[1], int)
