"""Pictures by task: numbers beside their predictions, rows that are images, the confusion matrix of many classes."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np

from core.arrays import frozen
from core.cells import cell_width
from core.data.dataset import DataFile, Dataset, generate
from core.data.makers import MAKERS, Blobs, Suited
from core.model.initial import initial_weights
from core.model.layers_text import chain_network
from core.session.session import Session
from core.session.state import Model
from core.tasks.classes import Classes
from core.training.recipe import Recipe
from tests.tui.board import playing
from tui.dialogs.confusion_dialog import ConfusionDialog
from tui.dialogs.fits_dialog import FitsDialog
from tui.dialogs.make_dialog import MakeDialog
from tui.tabs.pictures import picture
from tui.tabs.three_way import verdict
from tui.tabs.words import scores_table
from tui.widgets.fit_picture import FitPicture
from tui.widgets.form import Line
from tui.widgets.matrix import Matrix
from tui.widgets.plane import Plane


async def test_predicted_numbers_are_drawn_over_one_input_against_the_labels_and_by_how_far_off_they_are() -> None:
    async with playing() as board:
        sine = MAKERS["sine"]()
        board.app.session.take_data(generate(sine), sine.suited)
        await board.press("1")
        assert "label over x1" in board.text
        await board.press("2")
        for words in (
            "labels; line: predicted",
            "predicted against true; line: equal",
            "predicted - true",
            "labels; line",
        ):
            assert words in board.text
            assert board.app.screen.query_one("#fit", FitPicture).region.height >= 5
            await board.press("f")
        await board.press("5", "v")
        assert isinstance(board.app.screen, FitsDialog)
        await board.press("f")
        assert "predicted against true" in board.text and "mean abs. error" in board.text


async def test_numbers_of_two_inputs_are_in_steps_on_the_plane() -> None:
    async with playing() as board:
        sine = msgspec.structs.replace(MAKERS["sine"](), inputs=2)
        board.app.session.take_data(generate(sine), sine.suited)
        await board.press("2")
        assert "labels; field: predicted" in board.text and "o 0 <" in board.text and "point, predicted" in board.text
        assert board.app.screen.query_one("#boundary", Plane).region.height
        await board.press("f")
        assert "predicted against true" in board.text
        assert not board.app.screen.query_one("#boundary", Plane).region.height


async def test_a_row_that_is_an_image_is_drawn_and_ten_classes_are_confused_in_one_table() -> None:
    async with playing() as board:
        digits = MAKERS["digits"]()
        data = generate(digits)
        board.app.session.take_data(data, digits.suited)
        await board.press("1", "down")
        assert f"row 2 of 1,797: label {int(data.labels[1, 0])}" in board.text
        assert "f Picture" not in board.text, "what is for numbers alone is not in the footer"
        await board.press("2", "C")
        assert isinstance(board.app.screen, ConfusionDialog)
        assert "│ 0 1 2 3 4 5 6 7 8 9 │" in board.words


async def test_classes_have_their_names_wherever_they_are_drawn_counted_and_changed() -> None:
    async with playing() as board:
        names = ("versicolor", "virginica", "virgo", "setosa")
        data = replace(generate(Blobs(classes=4)), origin=DataFile("mine.csv", ()), classes=names)
        board.app.session.take_data(data, Suited("5 tanh, 4 softmax", "sparse_categorical_crossentropy"))
        await board.press("1")
        for name in names:
            assert f" {name}" in board.text, "no name is cut in the table"
        await board.press("2")
        assert "o 0 versicolor" in board.text and "x 1 virginica" in board.text
        assert board.line("label, answered").endswith("label, answered 0 1 2 3")
        await board.press("5")
        board.session.set_number(1, 1, (0,), 9.0)
        await board.settle()
        assert "sparse_categorical_crossentropy before" in board.words
        assert board.line("class for x").endswith(" versicolor")
        assert "points got another class: " in board.words
        await board.press("v")
        assert "-> versicolor" in board.text and "OXVS changed" in board.text
        await board.press("escape", "2", "C")
        assert "versicolor virginica virgo setosa" in board.words
        await board.press("escape")
        board.session.new_network(chain_network(2, "3 tanh, 1 tanh"))
        await board.settle()
        assert "nothing to draw or to count: expected" in board.words
        assert not board.app.screen.query_one("#boundary", Plane).display


async def test_the_whole_table_of_data_with_two_labels_is_seen_in_a_wide_terminal() -> None:
    data = generate(MAKERS["plane"]())
    both = np.column_stack([data.labels, -data.labels])
    two = replace(data, labels=both, origin=DataFile("two.csv", targets=("y1", "y2")))
    async with playing(size=(120, 40)) as board:
        board.app.session.take_data(two, Suited("3 relu, 2 linear", "mean_squared_error"))
        await board.press("1")
        assert board.app.screen.query_one("#points", Matrix).max_scroll_x == 0
        assert "label y2" in board.text


async def test_nothing_is_offered_to_be_looked_at_where_the_data_have_other_inputs_than_the_model() -> None:
    async with playing() as board:
        sine = MAKERS["sine"]()
        data = replace(generate(sine), origin=DataFile("mine.csv"))
        board.app.session.take_data(data, sine.suited)
        await board.press("2")
        assert "f Picture" in board.text
        await board.press("1")
        board.session.new_network(chain_network(3, "4 tanh, 1 linear"))
        await board.press("2")
        assert not board.state.fits
        assert "f Picture" not in board.text


async def test_a_refusal_beside_a_choice_of_made_data_is_whole_in_a_small_terminal() -> None:
    async with playing() as board:
        await board.press("1", "s", "down", *(["down"] * 5), "enter", "enter")
        assert isinstance(board.app.screen, MakeDialog)
        for line in board.app.screen.query(Line):
            note = line.query_one(".hint")
            assert note.region.right <= line.region.right, line.field.name
        assert "suits them" in board.text, "the refusal to its end"


def test_scores_stay_aligned_under_a_wide_name() -> None:
    answers = Classes(("桜", "b")).judged(np.eye(2), np.array([[1.0, 0.0], [1.0, 0.0]]))
    always = scores_table(answers)[0]
    assert cell_width(always[: always.index("1.000")]) == 16


def test_labels_that_the_loss_leaves_out_are_told_where_answers_are_counted() -> None:
    network, session = chain_network(2, "2 softmax"), Session()
    weights = initial_weights(network, 1)
    labels = np.array([[0], [1], [-1]], np.float32)
    data = Dataset(frozen(np.arange(6.0).reshape(3, 2)), frozen(labels), DataFile("own.csv"))
    session.take("a model", Model(network, weights, weights), data)
    session.set_recipe(Recipe("sparse_categorical_crossentropy", loss_options=(("ignore_class", -1.0),)))
    task = session.state.task
    assert "left out        1   counted as wrong" in scores_table(task.judged(np.eye(2)[[0, 0, 0]], labels))
    drawn = picture(data, task, None, 3)
    assert drawn.kinds.tolist() == [0, 1, 2] and len(drawn.names) == 3
    session.take_row(2)
    said = verdict(session.state, np.array([0.5, 0.5]))
    assert said == "row 3: the label is -1 (left out), so no answer is right"
