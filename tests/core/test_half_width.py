"""Numbers as Japanese learners and books write them are the same numbers, wherever a number is typed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.editing.expression import parse
from core.editing.pasted import parse_pasted
from core.errors import Refused
from core.findings.search import parse_condition
from core.half_width import half_width, key_of, with_commas
from core.lessons.conditions import condition
from core.lessons.places import find
from core.model.layers_text import chain_network
from core.model.literal import parse_array, parse_arrays, parse_number, parse_numbers
from core.model.network import describe
from core.model.tutorial import trained
from core.training.keras_metrics import read_metrics
from core.training.optimizers import KERAS_OPTIMIZERS
from core.training.options import number, read
from core.training.schedules import Schedule, read_schedule
from core.typed import real, whole

NETWORK, _ = trained()

RATE = number("rate", None, lambda _: True, "any number")

MINUSES = "-−－‐‑‒–—―﹣ー"

IN_FULL_WIDTH = {ord(sign): chr(ord(sign) + 0xFEE0) for sign in "0123456789e+/*=<>()[]w"}


@st.composite
def written(draw: st.DrawFn, points: str = ".．。,，") -> tuple[float, str]:
    """Draw a number, and the same number in one of the ways in which it is typed."""
    text = draw(
        st.from_regex(r"-?(0|[1-9][0-9]{0,3})(\.[0-9]{1,6})?(e-?[1-9])?", fullmatch=True, alphabet="0123456789.e-")
    )
    minus, point = draw(st.sampled_from(MINUSES)), draw(st.sampled_from(points))
    wide = {key: sign for key, sign in IN_FULL_WIDTH.items() if draw(st.booleans())}
    return float(text), text.replace("-", minus).replace(".", point).translate(wide)


@given(written(), st.sampled_from(["", " ", "\u3000", "\u00a0"]))
def test_a_number_is_the_same_in_every_style(drawn: tuple[float, str], space: str) -> None:
    value, text = drawn
    assert parse_number(f"{space}{text}{space}") == value
    assert parse(f"{space}{text}").evaluate(np.zeros(1, np.float32)) == np.float32(value)
    assert parse_condition(f"＞＝{text}").holds(np.array([value], np.float32)).all()
    assert read(f"rate\u3000{text}", "an optimizer", [RATE]) == (("rate", value),)


@given(st.lists(written(), min_size=1, max_size=4), st.sampled_from(["、", ";", "；", "､", " ", "\u3000"]))
def test_a_list_with_decimal_commas_is_the_same_where_something_else_separates(
    drawn: list[tuple[float, str]], between: str
) -> None:
    values, text = [value for value, _ in drawn], between.join(text for _, text in drawn)
    mixes = any("," in half_width(text) for _, text in drawn) and any("." in half_width(text) for _, text in drawn)
    if between.strip() or not mixes:
        assert parse_numbers(text, len(values)).tolist() == values


@given(st.lists(written(".．。"), min_size=2, max_size=4), st.sampled_from([",", "，", "、", ", ", "、\u3000"]))
def test_a_list_and_an_array_with_decimal_points_are_the_same_with_any_comma(
    drawn: list[tuple[float, str]], between: str
) -> None:
    values, text = [value for value, _ in drawn], between.join(text for _, text in drawn)
    assert parse_numbers(text, len(values)).tolist() == values
    assert parse_array(f"［［{text}］］").tolist() == [values]
    assert parse_array(f"「{text}」").tolist() == values


@settings(max_examples=50)
@given(st.lists(written(".．"), min_size=2, max_size=3), st.sampled_from(["\t", "；", "、", "\u3000", ","]))
def test_a_pasted_table_is_the_same_in_every_style(drawn: list[tuple[float, str]], between: str) -> None:
    row = between.join(text for _, text in drawn)
    values = [value for value, _ in drawn]
    assert parse_pasted(f"{row}\n{row}", (2, len(values))).tolist() == [values, values]


PLACES = [
    (parse_number("１／４"), 0.25),
    (parse_number("０、２１３２"), 0.2132),
    (parse_number("１，５ｅ－３"), 1.5e-3),
    (parse_numbers("（０．３，\u3000０．１）", 2).tolist(), [0.3, 0.1]),
    (parse_numbers("0,3 0,1", 2).tolist(), [0.3, 0.1]),
    (parse_numbers("０，３、−０，１", 2).tolist(), [0.3, -0.1]),
    (parse_numbers("0.3,0.1", 2).tolist(), [0.3, 0.1]),
    (parse_numbers("0,3", 2).tolist(), [0, 3]),
    (parse_array("［［１．０］、［１．０］］").tolist(), [[1], [1]]),
    (
        [
            array.tolist()
            for array in parse_arrays("［［［１］，［２］］、［−０．５］］", {"kernel": (2, 1), "bias": (1,)}, "a")
        ],
        [[[1], [2]], [-0.5]],
    ),
    (float(parse("（ｗ＋１）＊２−３／４").evaluate(np.ones(1, np.float32))[0]), 3.25),
    (float(parse("ｃｌｉｐ（ｗ、０．１、０．９）").evaluate(np.ones(1, np.float32))[0]), np.float32(0.9)),
    (float(parse("０，５").evaluate(np.ones(1, np.float32))[0]), 0.5),
    (parse_pasted("０，３；０，１", (1, 2)).tolist(), [[0.3, 0.1]]),
    (parse_condition("｜ｗ｜\u3000≦ ０．５").text, "|w| <= 0.5"),
    (parse_condition("≠０").text, "!=0"),
    (whole("epochs", 1, 200)("１５０"), 150),
    (whole("a place", -5, 5)("ー３"), -3),
    (real("a rate", lambda value: value > 0, "above 0")("０。１"), 0.1),
    (
        read("momentum\u3000０．９、nesterov", "sgd", KERAS_OPTIMIZERS["sgd"].options),
        (("momentum", 0.9), ("nesterov", True)),
    ),
    (read("momentum＝0,9, nesterov", "sgd", KERAS_OPTIMIZERS["sgd"].options), (("momentum", 0.9), ("nesterov", True))),
    (read_schedule("cosine_decay\u3000decay_steps\u3000９００"), Schedule("cosine_decay", (("decay_steps", 900.0),))),
    (read_metrics("auc、recall_at_precision＝０，８"), ("auc", "recall_at_precision=0.8")),
    (
        describe(chain_network(2, "５\u3000tanh、dropout ０，５、１\u3000tanh")),
        describe(chain_network(2, "5 tanh, dropout 0.5, 1 tanh")),
    ),
    (find(NETWORK, "ｚ２\u3000of hidden"), find(NETWORK, "z2 of hidden")),
    (find(NETWORK, "ｗ１２"), find(NETWORK, "w12")),
]
"""What each place that reads numbers makes of a full-width entry, and what it is."""


@pytest.mark.parametrize("place", range(len(PLACES)))
def test_every_place_that_reads_numbers_takes_a_full_width_one(place: int) -> None:
    assert PLACES[place][0] == PLACES[place][1]


def test_what_a_lesson_waits_for_may_be_written_in_full_width() -> None:
    network = chain_network((2,), "1 tanh")
    wide = {
        "sign accuracy ≧ ８７．５ ％": "sign accuracy >= 87.5 %",
        "epochs＝１５０": "epochs = 150",
        "x ＝ ０．３、０．１": "x = 0.3, 0.1",
        "weights of output ＝ ［［１］，［１］］、［２］": "weights of output = [[1],[1]],[2]",
    }
    for text, plain in wide.items():
        assert condition(text, network).wanted == condition(plain, network).wanted


@pytest.mark.parametrize(
    ("read_it", "text"),
    [
        (parse_array, "[0,3、0,1]"),
        (parse, "max(w、0,1)"),
        (parse_number, "0,3、1"),
        (lambda text: parse_numbers(text, 2), "1, 2、3"),
        (lambda text: parse_numbers(text, 2), "0.3 0,1"),
        (lambda text: parse_numbers(text, 2), "0,3,0,1"),
        (parse_number, "データー1"),
        (parse_number, "三"),
        (parse_number, "٣"),
        (whole("epochs", 1, 2000), "１，０００"),
    ],
)
def test_what_has_two_meanings_or_none_is_refused(read_it, text: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(Refused):
        read_it(text)


def test_ascii_stays_as_it_is_and_a_word_keeps_its_long_vowel() -> None:
    assert half_width("w*2, 0.5 [a]") == "w*2, 0.5 [a]"
    assert half_width("データー") == "データー"
    assert half_width("３ー１") == "3-1"
    assert with_commas("１、２") == "1,2"


@pytest.mark.parametrize(
    ("character", "key"),
    [("１", "1"), ("ｑ", "q"), ("Ｌ", "L"), ("？", "?"), ("、", ","), ("・", "/"), ("「", "["), ("ー", "-")],
)
def test_a_sign_of_an_input_method_is_that_of_its_key(character: str, key: str) -> None:
    assert key_of(character) == key
