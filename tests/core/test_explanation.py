"""The explanation of any model's calculation, as text and Markdown: every printed line adds up or says that not."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calculation.calculated import Spot, calculated
from core.calculation.writing import ABOUT, LEGEND
from core.export.calculation.explanation import explain
from core.export.calculation.latex import latex_page
from core.export.calculation.text import markdown_page, section_lines, text_page
from core.export.opened import opened as number_opened
from core.formatting import Notation
from core.layers.dense import Dense
from core.model.graph import Input, chain
from core.operations.functions import FUNCTIONS
from core.operations.rounding import EXACT, Rounding
from core.operations.writing import FORMS
from tests.graphs import MODELS, attending, both_ways, dense, image, of_words, opened, point, recurrent, sealed

if TYPE_CHECKING:
    from core.export.calculation.explanation import Explanation
    from core.model.files.opening import OpenedGraph

NUMBER = r"(?<![\w.\])])\d+(?:\.\d+)?(?:e[+-]?\d+)?"

FUNCTIONS_BY_HAND: dict[str, Any] = {
    "tanh": math.tanh,
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "erf": math.erf,
    "sigmoid": lambda z: 1 / (1 + math.exp(-z)),
    "max": max,
    "min": min,
    "mean": lambda *numbers: sum(numbers) / len(numbers),
    "F": Fraction,
}

AWKWARD = "=1+1 a\\b_{c}$x^2~%&#|<b>`'\"--\u00e9 \u00df \u96a0 \\input{x}\x1b[31m\n```\n"
"""A name that says something in each of the formats, and has letters that some of them lack."""


def explained(model: OpenedGraph, rounding: Rounding = Rounding.SHOWN, digits: int = 4, seed: int = 1) -> Explanation:
    return explain(model.graph, model.weights, point(model, seed), rounding, Notation(digits))


def comes_to(text: str) -> Any:
    """Return what a printed expression comes to, worked out by Python; None of what is no expression of Python's."""
    plain = re.sub(r"\([\d,]+ more[^:()]*: ([^()]+)\)", r"(\1)", text)
    plain = re.sub(r"\([\d,]+ more, at (?:most|least) ([^()]+)\)", r"\1", plain).replace("^", "**")
    plain = re.sub(r"(.+) if (.+), else (.+)", r"(\1) if (\2) else (\3)", plain)
    try:
        return eval(re.sub(NUMBER, r'F("\g<0>")', plain), {"__builtins__": {}}, FUNCTIONS_BY_HAND)
    except (SyntaxError, ArithmeticError, TypeError, NameError):
        return None


def prints_as(made: Any, result: str) -> bool | None:
    """Return whether a number is printed as ``result``; None if it is so near to another that it may be either."""
    digits = len(result.partition("e")[0].partition(".")[2])
    off = abs(Fraction(made) - Fraction(result)) * 2 * 10**digits
    return None if abs(off - 1) < Fraction(1, 10**6) else off < 1


def require_honest(line: str) -> list[str]:
    """Check that the last printed expression of a line comes to its result exactly if it says so; return its signs."""
    _, *pieces = re.split(r" (~=|=) ", line)
    signs, texts = pieces[0::2], pieces[1::2]
    if len(texts) > 2 and (made := comes_to(texts[-2])) is not None and "nan" not in line and "inf" not in line:
        comes = prints_as(made, texts[-1])
        assert comes is None or (signs[-1] != ABOUT) is comes, line
    return signs


def all_lines(explanation: Explanation) -> list[str]:
    return [line for section in explanation.sections for line in section_lines(explanation, section) if " = " in line]


@pytest.mark.parametrize("rounding", Rounding)
@pytest.mark.parametrize("name", MODELS)
def test_every_line_comes_to_what_is_printed_or_says_that_it_is_rounded(name: str, rounding: Rounding) -> None:
    explanation = explained(MODELS[name](), rounding)
    signs = [require_honest(line) for line in all_lines(explanation)]
    assert len(signs) > 10
    page = text_page(explanation)
    assert (LEGEND in page) is any(ABOUT in one for one in signs)


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10**6), st.integers(1, 6), st.sampled_from(Rounding))
def test_lines_of_a_chain_are_honest_with_any_digits_and_carried_ones_add_up(
    seed: int, digits: int, rounding: Rounding
) -> None:
    model = dense("4 relu, 3 elu, 2", inputs=3)
    explanation = explained(model, rounding, digits, seed)
    signs = [sign for line in all_lines(explanation) for sign in require_honest(line)]
    if rounding is Rounding.CARRIED:
        assert ABOUT not in signs


@pytest.mark.parametrize("name", MODELS)
def test_the_page_ends_with_what_the_calculation_makes(name: str) -> None:
    model = MODELS[name]()
    explanation = explained(model)
    done = calculated(model.graph, model.weights, point(model), EXACT)
    by_hand = [line for line in text_page(explanation).splitlines() if line.startswith("by hand")]
    for line, output in zip(by_hand, done.written.outputs, strict=True):
        written = [float(number) for number in re.findall(r"\((-?[\d.]+)\)", line)]
        np.testing.assert_allclose(written, done.numbers[output].reshape(-1), atol=5.1e-9)


def test_a_chain_has_the_tutorials_letters() -> None:
    page = text_page(explained(dense()))
    assert page.startswith("dense_1 5 tanh > dense_2 1 tanh\nx = [ 0.3500 ] [ 0.8200 ]\ndigits 4   rounding shown")
    assert "\ndense_1    h = tanh(W^T x + b)\n" in page and "\ndense_2    y = tanh(V^T h + c)\n" in page
    assert "  s1 = w11*x1 + w21*x2 = 0.0629*0.3500 + " in page
    assert "  z1 = s1 + b1 = " in page and "  h1 = tanh(z1) = tanh(" in page and "  y = tanh(z1) = tanh(" in page


def test_values_of_one_shape_stand_side_by_side_with_their_axes_named() -> None:
    page = text_page(explained(recurrent()))
    assert re.search(r"input gate +forget gate +candidate +cell state +output gate +hidden state\n", page)
    assert "  step 2, unit 1  [ " in page
    assert "  cell state = forget gate * cell state before + input gate * candidate\n" in page
    # Sums that the gates share say which gate they go into.
    assert " step 2, forget gate 3   [ " in page and "step 2, unit 4" not in page
    assert "cell state[2,1] = forget gate[2,1] * cell state[1,1] + input gate[2,1] * candidate[2,1] = " in page


def test_what_was_added_up_along_an_axis_has_no_place_there() -> None:
    page = text_page(explained(MODELS["attending"]()))
    assert re.search(r"\n +head 1, query 2 +\[ ", page) and re.search(r"\n +head 1, query 2, key 1 +\[ ", page)


def test_what_goes_backwards_over_steps_is_told_by_a_step_that_has_one_before_it() -> None:
    page = text_page(explained(both_ways()))
    for way in ("forward", "backward"):
        _, _, told = page.partition(f"\nboth/{way}_lstm\n")
        formulas = told.splitlines()[:9]
        assert "  sum of products 2 = hidden state before . recurrent_kernel" in formulas
        assert "  cell state = forget gate * cell state before + input gate * candidate" in formulas
        # What goes out is of no step.
        assert "  output = hidden state" in formulas


def test_what_is_long_or_large_is_counted() -> None:
    page = text_page(explained(dense("60 relu, 1", inputs=64)))
    assert "(60 more) + " in page and re.search(r"\(60 more products: -?\d\.\d{4}\)", page)
    assert "and 20 more numbers of s, which JSON has" in page
    assert "] and 24 more numbers\n" in page


def test_what_was_changed_is_said_and_is_no_result() -> None:
    model = dense()
    spots = {
        Spot((), "x", (0,)): 0.25,
        Spot(("dense_1",), "kernel", (1, 0)): -2.0,
        Spot(("dense_1",), "pre-activation", (1,)): 0.5,
    }
    explanation = explain(model.graph, model.weights, point(model), Rounding.SHOWN, Notation(4), spots)
    page = text_page(explanation)
    assert "changed by hand, so this is not the model's own calculation: x1, w21, z2\n" in page
    assert "z2 = s2 + b2 = " in page and " changed to 0.5000\n" in page
    assert "h2 = tanh(z2) = tanh(0.5000) = 0.4621\n" in page
    assert "w21*x2 = 0.0629*0.2500 + (-2.0000)*0.8200" in page


def test_a_calculation_that_stops_says_why() -> None:
    page = text_page(explained(sealed()))
    assert page.endswith("got 'own', a class of the person who saved it: the calculation stops before it\n")
    assert "h1 = tanh(z1) = " in page


def test_keras_stands_beside_with_a_bound_and_a_verdict() -> None:
    model = dense()
    ours = explained(model).exact.numbers[-1]
    for off, verdict in ((1e-8, "they agree"), (1e-3, "they part")):
        for rounding in Rounding:
            keras = [(ours + off).astype(np.float32)]
            told = replace(explain(model.graph, model.weights, point(model), rounding, Notation(4)), keras=keras)
            last = text_page(told).splitlines()[-2:]
            assert last[0].startswith("Keras ") and ", tolerance " in last[0] and verdict in last[1]
            assert ("calculated exactly" in last[0]) is (rounding is Rounding.CARRIED)
            assert ("drift up to" in text_page(told)) is (rounding is Rounding.CARRIED)


def test_a_name_is_text_whatever_it_says() -> None:
    model = opened(chain(AWKWARD, Input(AWKWARD, (2,)), [Dense(AWKWARD, 2, "tanh"), Dense("b", 1)]))
    for page in (text_page(explained(model)), markdown_page(explained(model))):
        assert "\x1b" not in page
        assert all(not line.startswith("```\n") for line in page.split("dense"))
    assert r"## =1+1 a\\b\_\{c\}\$x^2\~%\&\#\|\<b\>\`'" in markdown_page(explained(model))


@pytest.mark.parametrize("name", MODELS)
def test_markdown_has_the_lines_and_numbers_of_the_text(name: str) -> None:
    explanation = explained(MODELS[name]())
    page = markdown_page(explanation)
    for line in all_lines(explanation):
        assert f"\n{line}\n" in page
    tables = [line for line in page.splitlines() if line.startswith("| ")]
    assert len(tables) > 8 and page.count("```") % 2 == 0


def test_numbers_without_names_between_have_short_lines() -> None:
    longest = max(len(line) for line in all_lines(explained(dense("200 softmax", 2))))
    assert longest < 1_000
    names = {value.name for value in explained(image()).sections[-1].values}
    assert {"largest", "exp", "sum"} <= names


def test_every_function_is_written_in_every_notation() -> None:
    assert set(FORMS) == set(FUNCTIONS)


def test_a_setting_in_a_formula_has_its_name() -> None:
    page = text_page(explained(attending()))
    assert "score = sum of products 4 / sqrt(key_dim)" in page
    assert re.search(r"score\[1,1,2\] = sum of products 4\[1,1,2\] / sqrt\(key_dim\) = .* / sqrt\(3\) ~?= ", page)
    normalized = text_page(explained(image()))
    assert "sqrt(variance + epsilon)" in normalized and "+ 0.001) " in normalized
    assert r"\frac{\text{sum of products 4}}{\sqrt{\text{key\_dim}}}" in latex_page(explained(attending()))


def test_whole_numbers_are_written_as_such_where_the_model_takes_them_so_and_they_are() -> None:
    model = of_words()
    row, words = np.array([2.0, 0.5]), np.array([12.0, 3.0, 1.0])
    made = explain(model.graph, model.weights, [row, words], Rounding.SHOWN, Notation(4))
    page = text_page(made)
    assert "words = [ 12 ] [ 3 ] [ 1 ]" in page and "more = [ 2.0000 ] [ 0.5000 ]" in page
    spot = Spot((), "words", (0,))
    assert number_opened(made.done, made.done.value_of(spot), (0,), Notation(4))[0] == "words[1] = 12"
    odd = explain(model.graph, model.weights, [row, np.array([12.5, 3.0, 1.0])], Rounding.SHOWN, Notation(4))
    assert "words = [ 12.5000 ] [ 3.0000 ] [ 1.0000 ]" in text_page(odd)
