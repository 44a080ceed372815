"""A person's own data on the screen: opened, shown with their weights and axes, trained on, taken back, saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from textual.widgets import Input

from core.data.dataset import COUNTED_BY_ROWS, DataFile
from core.data.files import open_data
from core.engine.protocol import Prepare, Train
from core.model.initial import initial_weights
from core.model.layers_text import chain_network
from core.model.save_model import save_model
from core.session.session import Session
from core.training.recipe import Recipe
from tests.tui.board import Board, playing, text_of
from tui.dialogs.form_dialog import DONE_BY
from tui.dialogs.open_data_dialog import WORDS
from tui.tabs.effect_words import effect_lines
from tui.tabs.three_way import verdict
from tui.widgets.form import Line
from tui.widgets.plane import Plane

if TYPE_CHECKING:
    from pathlib import Path

ROWS = 24


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file of points from -3 to 5, with weights."""
    random = np.random.default_rng(0)
    points = np.vstack([[-3, -3], [5, 5], random.uniform(-2, 4, (ROWS - 2, 2))]).round(2)
    lines = [f"{x},{y},{int(x > y)},{place / 4}" for place, (x, y) in enumerate(points)]
    path = tmp_path / "mine.csv"
    path.write_text("\n".join(["height,age,label,weight", *lines]))
    return path


async def open_file(board: Board, path: Path) -> None:
    await board.press("1", "o")
    assert isinstance(board.app.focused, Input)
    await board.fill("data", str(path))
    await board.press("enter")


async def test_a_file_is_opened_shown_and_taken_back(path: Path) -> None:
    async with playing() as board:
        before = board.state.dataset
        await open_file(board, path)
        assert len(board.app.screen_stack) == 1
        assert board.state.dataset.origin == DataFile("mine.csv", ("height", "age"))
        rows = "mine.csv: 24 rows of 2 inputs (height, age)"
        assert "Task (k) binary: labels 0 and 1; an output above 0 answers 1." in board.words
        assert f"{rows}, weights from 0 to 5.75." in board.words
        assert COUNTED_BY_ROWS in board.words
        assert "height age label weight" in board.words
        assert "2 5.0000 5.0000 0 0.2500" in board.words
        await board.press("u")
        assert board.state.dataset is before
        assert "Weights count" not in board.words
        await board.press("U")
        assert "weights from 0 to 5.75" in text_of(board.app.query_one("#rule"))


async def test_what_cannot_be_opened_changes_nothing() -> None:
    async with playing() as board:
        before = board.state
        await board.press("o", "enter")
        assert "expected the name of a data file, such as .csv or .npz, got nothing" in board.beside("data")
        await board.fill("data", "model.keras")
        await board.press("enter")
        assert "expected a data file, whose name ends in one of .csv" in board.outcome
        await board.fill("data", "[b]none[/b].csv")
        await board.press("enter")
        assert "there is no file [b]none[/b].csv; check the name" in board.outcome
        await board.fill("data", "[b]none[/b]")
        assert board.outcome == DONE_BY, "what was refused is not there any more"
        await board.press("escape")
        assert board.state is before


async def test_a_bad_row_is_named_in_the_dialog_and_can_be_corrected(path: Path) -> None:
    good = path.read_text()
    path.write_text(good + "\n1,2,3\n")
    async with playing() as board:
        await open_file(board, path)
        assert "mine.csv, row 25: expected 4 cells, as in the first line, got 3" in board.outcome
        path.write_text(good)
        await board.press("enter")
        assert len(board.state.dataset) == ROWS


async def test_what_is_understood_is_shown_before_it_is_taken_and_follows_what_is_chosen(tmp_path: Path) -> None:
    rows = "".join(f"{row};{row / 4:.2f};{row % 3};{row % 2}\n".replace(".", ",") for row in range(9))
    path = tmp_path / "mine.csv"
    path.write_bytes(("id;\u9ad8\u3055;y;b\n" + rows).encode("cp932"))
    async with playing() as board:
        await board.press("1", "o")
        await board.fill("data", str(path))
        beside = {name: board.beside(name) for name in ("separator", "decimal", "header", "encoding", "without")}
        assert beside == {
            "separator": "semicolon",
            "decimal": "comma",
            "header": "names of columns",
            "encoding": "CP932 (Shift-JIS)",
            "without": "id (an index)",
        }
        assert board.beside("labels") == "labels from y: 0, 1, 2"
        assert "out: id \u9ad8\u3055 label: y b" in board.words
        await board.fill("labels", "b")
        assert board.beside("labels") == "labels from b: 0, 1"
        assert board.beside("task").startswith("binary: labels 0 and 1")
        await board.fill("without", "id, y")
        assert "out: id \u9ad8\u3055 out: y label: b" in board.words
        await board.press("tab", "down", "down", "down", "down", "enter")
        assert board.beside("task").startswith("2 classes (0, 1), an output for each")
        await board.press("shift+tab", "shift+tab", "shift+tab", "shift+tab", "down", "down", "down", "enter")
        below = text_of(board.app.screen.query_one("#first-rows"))
        assert "a column that is no input out of column 1, column 2, column 3, column 4, got 'id'" in below
        await board.fill("data", "")
        assert text_of(board.app.screen.query_one("#first-rows")) == WORDS, "what is said is of what stands there"
        await board.fill("data", str(path))
        board.app.screen.query_one("#line-header", Line).focus_field()
        await board.press("down", "up", "up", "enter", "enter")
        assert board.state.dataset.origin == DataFile(
            "mine.csv", ("\u9ad8\u3055",), ("b",), "columns id, y left out", ("id", "y")
        )
        assert board.state.task.name == "classes"
        await board.press("u")
        assert board.state.recipe.task is None


async def test_data_of_other_inputs_begin_the_layers_anew_and_say_so(tmp_path: Path) -> None:
    (tmp_path / "three.csv").write_text("a,b,c,label\n1,2,3,-1\n4,5,6,1\n")
    async with playing() as board:
        await open_file(board, tmp_path / "three.csv")
        assert board.said == ["The model had 2 inputs: its layers begin anew over 3."]
        assert board.state.model.network.inputs == 3
        assert not board.app.query_one("#scatter", Plane).display


@pytest.mark.parametrize("inputs", [2, 3])
async def test_a_model_of_other_inputs_does_not_put_a_file_aside_without_a_word(
    path: Path, tmp_path: Path, inputs: int
) -> None:
    network = chain_network(inputs, "1 tanh")
    save_model(model := tmp_path / "other.keras", network, initial_weights(network, 0), Recipe(), None)
    async with playing() as board:
        await open_file(board, path)
        data = board.state.dataset
        await board.press("ctrl+o")
        await board.fill("model", str(model))
        await board.press("enter")
        said = (
            "The model has 3 inputs, mine.csv has 2: the data don't fit it, and stay as they are. "
            "On Data, o opens others, or other columns of these, s makes some."
        )
        assert board.said == [f"In this file: {said} x is zeros."] * (inputs == 3)
        assert board.state.dataset is data
        await board.quieten()
        assert (said in board.words) == (inputs == 3)
        for tab in "2345":
            await board.go(tab)
        await board.press("u")
        assert board.state.fits


async def test_the_axes_are_those_of_the_file(path: Path) -> None:
    async with playing((120, 40)) as board:
        await open_file(board, path)
        for tab in ("1", "2"):
            await board.go(tab)
            plane = board.page.query_one(Plane)
            columns, rows = plane.cells
            edges = [plane.render_line(line).text for line in range(rows + 1)]
            assert edges[0].startswith(" 5") and edges[rows - 1].startswith("-3")
            assert edges[rows].startswith(" -3") and edges[rows].rstrip().endswith("5") and columns == 2 * rows
            # The first row lies in the lower left corner, the second in the upper right.
            assert edges[rows - 1][3] == "o"
            assert edges[0][3 + columns - 1] == "o"


async def test_a_training_gets_the_weights_and_its_program_is_prepared_for_them(path: Path) -> None:
    async with playing() as board:
        assert not board.engine.sent_of(Prepare)[-1].weighted
        await open_file(board, path)
        assert board.engine.sent_of(Prepare)[-1].weighted
        await board.press("2", "space")
        command = board.engine.sent_of(Train)[-1]
        assert command.sample_weights is not None
        assert command.sample_weights.array().tolist() == [place / 4 for place in range(ROWS)]
        assert board.state.model.run is not None and board.state.model.run.epochs == 150
        await board.press("u", "u", "space")
        assert board.engine.sent_of(Train)[-1].sample_weights is None


async def test_the_noise_dial_says_why_it_does_not_turn(path: Path) -> None:
    async with playing() as board:
        await open_file(board, path)
        await board.press("2", "left", "left", "up")
        assert board.said == ["the labels of mine.csv stand as they are: noise is for data that a rule makes"]
        assert "noise -" in board.words


async def test_by_hand_a_row_has_its_label_and_another_x_has_none(path: Path) -> None:
    async with playing() as board:
        await open_file(board, path)
        await board.press("4", "end", "ctrl+end")
        # Nobody gave an x: it is the data's row 1.
        assert "row 1: the label is 0 and the model is" in board.words
        board.session.set_x([0.3, 0.1])
        await board.quieten()
        assert "no label: x is no row of mine.csv, which has no rule to make one by; n takes a row" in board.words


def test_the_words_about_a_model_make_no_points_up(path: Path) -> None:
    session = Session()
    session.take_data(open_data(path))
    from core.calculation.effect import measure_change

    now, before = measure_change(session.state)
    told = effect_lines(session.state, now, before, 4)
    assert told[-1] == "no fresh points: the data are from a file, which has no rule to make more by"
    assert not any("fresh points" in line for line in told[:-1])
    session.take_row(1)
    assert verdict(session.state, np.array([0.5])) == "row 2: the label is 0 and the model is wrong here with 1"
    assert verdict(session.state, np.array([0.0])) == "row 2: the label is 0 and the model is right here with 0"


async def test_a_rule_is_begun_with_the_files_inputs(path: Path) -> None:
    async with playing() as board:
        await open_file(board, path)
        await board.press("1", "s")
        shown = [line.value for line in board.app.screen.query(Line) if line.display]
        assert shown[1:-1] == ["250", "2", "0.5", "0", "0.0"]
        await board.press("escape", "5", "R", "enter")
        assert "The Data tab's points are those of mine.csv, whose labels may follow another rule." in " ".join(
            str(widget.render()) for widget in board.app.screen.query("Static")
        ).replace("\n", " ")


async def test_what_is_saved_has_the_weights(path: Path) -> None:
    async with playing() as board:
        await open_file(board, path)
        held = board.state.dataset
        for suffix in (".csv", ".npz"):
            saved = path.with_name(f"saved{suffix}")
            await board.press("ctrl+s")
            await board.fill("model", "")
            await board.fill("data", str(saved))
            await board.press("enter")
            again = open_data(saved)
            assert held.weights is not None and again.weights is not None
            assert again.weights.tobytes() == held.weights.tobytes()
            assert again.points.tobytes() == held.points.tobytes()
