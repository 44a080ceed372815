"""Saving and opening from the screen, in a folder of the test's own; no Keras is needed for either."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from textual.widgets import Input

from core.model.files.opening import open_model
from core.model.save_model import save_model
from core.model.tutorial import trained
from tests.hdf5_files import CHAIN_FILE
from tests.tui.board import Board, playing

if TYPE_CHECKING:
    from core.model.weights import Weights

NETWORK, WEIGHTS = trained()


def bytes_of(weights: Weights) -> list[bytes]:
    return [array.tobytes() for arrays in weights.layers for array in arrays]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def offered(board: Board) -> str:
    return board.app.screen.query_one("#line-model Input", Input).value


async def save(board: Board, model: Path | str, data: Path | str = "") -> None:
    await board.press("ctrl+s")
    await board.fill("model", str(model))
    await board.fill("data", str(data))
    await board.press("enter")
    await board.settle()


async def open_file(board: Board, path: Path | str) -> None:
    await board.press("ctrl+o")
    await board.fill("model", str(path))
    await board.press("enter")
    await board.settle()


async def test_a_saved_model_is_opened_again_bit_for_bit(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    async with playing() as board:
        await save(board, path)
        assert board.said == [f"Saved {path}."]
        assert len(board.app.screen_stack) == 1
        board.session.load_always_right()
        await open_file(board, path)
        assert bytes_of(board.state.model.weights) == bytes_of(WEIGHTS)
        assert board.state.model.network.layers == NETWORK.layers
        assert board.state.path == path
        await board.quieten()
        await board.press("4")
        assert "by hand 0.9302 (0.93015913)" in board.text
        await board.press("ctrl+s")
        assert offered(board) == str(path)


async def test_model_and_data_are_saved_together(tmp_path: Path) -> None:
    async with playing() as board:
        await save(board, tmp_path / "a.keras", tmp_path / "a.npz")
        dataset = board.state.dataset
        assert bytes_of(open_model(tmp_path / "a.keras").weights) == bytes_of(WEIGHTS)
        with np.load(tmp_path / "a.npz") as saved:
            arrays = [saved[name] for name in saved.files]
        assert any(np.array_equal(array, dataset.points) for array in arrays)
        assert names(tmp_path) == ["a.keras", "a.npz"]


async def test_the_data_alone_are_saved_as_csv(tmp_path: Path) -> None:
    async with playing() as board:
        await save(board, "", tmp_path / "points.csv")
        table = np.loadtxt(tmp_path / "points.csv", delimiter=",", skiprows=1)
        assert np.allclose(table[:, :2], board.state.dataset.points)
        assert np.array_equal(table[:, -1:], board.state.dataset.labels)
        assert names(tmp_path) == ["points.csv"]


async def test_a_file_is_overwritten_whole_and_nothing_lies_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    path.write_bytes(b"old" * 100_000)
    async with playing() as board:
        await save(board, path)
        assert board.beside("model").startswith("model.keras exists already: enter again writes over it")
        assert path.read_bytes() == b"old" * 100_000
        await board.press("enter")
        assert bytes_of(open_model(path).weights) == bytes_of(WEIGHTS)
        assert names(tmp_path) == ["model.keras"]


async def test_a_model_of_other_layers_is_offered_another_name_than_the_opened_files(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    async with playing() as board:
        await save(board, path)
        saved = path.read_bytes()
        board.session.load_always_right()
        await board.press("ctrl+s")
        assert offered(board) == str(tmp_path / "model-2.keras")
        assert "The model has other layers than model.keras" in board.words
        await board.fill("model", str(path))
        await board.press("enter")
        await board.settle()
        assert f"{path.name} exists already: enter again writes over it" in board.words
        assert path.read_bytes() == saved
        await board.press("escape", "u", "ctrl+s")
        assert offered(board) == str(path)
        await board.press("enter")
        assert len(board.app.screen_stack) == 1


async def test_a_model_in_hdf5_is_saved_in_place_or_as_keras(tmp_path: Path) -> None:
    path = tmp_path / "old.h5"
    path.write_bytes(CHAIN_FILE)
    async with playing() as board:
        await open_file(board, path)
        assert board.state.path == path
        await board.press("ctrl+s")
        assert offered(board) == str(path)
        assert "As .h5 all else stays, as .keras the optimizer's numbers go." in board.words
        await board.press("escape")
        weights = board.state.model.weights.with_number(0, 1, (0,), 2.5)
        board.session.set_weights("bias", weights)
        await save(board, path)
        held = open_model(path)
        assert held.weights.equal(weights) and "saved by Keras 2.1.3" in held.notes[0]
        await save(board, tmp_path / "new.keras")
        assert open_model(tmp_path / "new.keras").weights.equal(weights)
        assert names(tmp_path) == ["new.keras", "old.h5"]


async def test_a_file_that_somebody_else_changed_or_took_away_is_written_over_once_asked(tmp_path: Path) -> None:
    path, other = tmp_path / "model.keras", WEIGHTS.with_number(0, 1, (0,), 2.5)
    async with playing() as board:
        await save(board, path)
        save_model(path, NETWORK, other, None, None)
        await save(board, path)
        said = f"somebody has changed model.keras: 1 of its {WEIGHTS.count} numbers differ, the first in hidden"
        assert board.beside("model").startswith(f"{said}; enter again saves it all the same")
        assert open_model(path).weights.equal(other)
        await board.press("enter")
        await board.settle()
        assert bytes_of(open_model(path).weights) == bytes_of(WEIGHTS)
        path.unlink()
        await save(board, path)
        assert board.beside("model").startswith("model.keras is not there any more; enter again saves it")
        await board.press("enter")
        await board.settle()
        assert bytes_of(open_model(path).weights) == bytes_of(WEIGHTS)
        await save(board, path)
        assert len(board.app.screen_stack) == 1
        assert names(tmp_path) == ["model.keras"]


async def test_the_first_name_that_is_offered_is_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("model.keras").touch()
    async with playing() as board:
        await board.press("ctrl+s")
        assert offered(board) == "model-2.keras"


async def test_a_long_path_has_the_room_that_there_is(tmp_path: Path) -> None:
    async with playing() as board:
        await board.press("ctrl+o")
        assert "Keras 1, 2 or 3 saved: .keras, .h5 or .hdf5" in board.words
        path = "/" + "a" * 40 + ".h5"
        await board.fill("model", path)
        assert path in board.text
        await board.press("enter")
        assert path in board.text and "there is no file" in board.text


async def test_what_is_edited_on_the_screen_is_what_is_saved(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    async with playing() as board:
        await board.press("5", "e")
        await board.type("0.125")
        await board.press("enter")
        await save(board, path)
        assert bytes_of(open_model(path).weights) == bytes_of(WEIGHTS.with_number(0, 0, (0, 0), 0.125))


NO_NAMES = [
    ("model.h5", "", "model", "expected a name that ends in .keras"),
    ("model.keras", "points.txt", "data", "expected a name that ends in .npz or .csv"),
    ("", "", None, "expected a file for the model or for the data; both are empty"),
    ("nowhere/model.keras", "", None, "there is no such folder"),
    ("taken.keras", "", None, "expected the name of a file, got the folder taken.keras"),
    ("x" * 300 + ".keras", "", None, "the name is too long"),
]
"""Names for model and data, beside which field they are refused, or at the foot, and with what words."""


async def test_a_name_that_cannot_be_saved_to_is_refused_and_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "taken.keras").mkdir()
    monkeypatch.chdir(tmp_path)
    async with playing() as board:
        for model, data, field, message in NO_NAMES:
            await save(board, model, data)
            assert message in (board.outcome if field is None else board.beside(field)), (model, data)
            assert "expected" in board.text or "could not save" in board.text
            assert len(board.app.screen_stack) == 2
            assert board.state.path is None
            assert names(tmp_path) == ["taken.keras"]
            await board.press("escape")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "there is no file"),
        (b"", "empty"),
        (b"not a zip at all", "which is none of these"),
        (b"PK\x03\x04" + bytes(200), "damaged"),
    ],
)
async def test_a_missing_or_damaged_file_is_refused_and_the_model_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path("m[b]odel.keras")
    if content is not None:
        path.write_bytes(content)
    async with playing() as board:
        before = board.state
        await open_file(board, path)
        assert message in board.outcome
        assert board.state is before
        assert len(board.app.screen_stack) == 2
        assert "m[b]odel.keras" in board.outcome


async def test_a_file_cut_off_in_the_middle_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    async with playing() as board:
        await save(board, path)
        path.write_bytes(path.read_bytes()[:-400])
        before = board.state
        await open_file(board, path)
        assert "model.keras" in board.outcome
        assert board.state is before


async def test_an_empty_name_is_refused_beside_the_field() -> None:
    async with playing() as board:
        await open_file(board, "  ")
        assert board.beside("model") == "expected the name of a .keras, .h5 or .hdf5 file, got nothing"


async def test_nothing_is_opened_while_it_trains(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    async with playing(pause_at=10) as board:
        await save(board, path)
        await board.press("2", "space")
        await open_file(board, path)
        assert board.outcome == "a training is under way: stop it first (space on the Training tab)"
        assert board.state.training


async def test_a_model_named_on_the_command_line_is_on_the_first_screen(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    async with playing() as board:
        await save(board, path)
    async with playing(opened=(open_model(path), path, None), tutorial=False) as board:
        assert board.lines[0].startswith(" byhand  hidden 5 tanh > output 1 tanh")
        assert bytes_of(board.state.model.weights) == bytes_of(WEIGHTS)
        await board.press("u")
        assert board.said == ["nothing to undo"]
        await board.press("5", "s")
        assert "(open model.keras)" in board.text


async def test_a_copy_says_whose_steps_it_has(tmp_path: Path) -> None:
    path = tmp_path / "mine.keras"
    async with playing() as board:
        board.session.set_number(0, 0, (0, 0), 1.0)
        await save(board, path)
    copy = tmp_path / "copy.keras"
    copy.write_bytes(path.read_bytes())
    async with playing(tutorial=False) as board:
        await open_file(board, copy)
        await board.press("5", "s")
        assert "The first of them were kept when these weights were saved as mine.keras." in board.words


async def test_why_something_was_not_done_makes_way_for_another_tab_and_what_was_done_stays() -> None:
    async with playing() as board:
        await board.press("2", "v")
        assert "no training is pinned yet" in board.words
        await board.press("3")
        assert "no training is pinned yet" not in board.words
        board.app.say("it is done")
        await board.press("4")
        assert "it is done" in board.words


async def test_a_notice_makes_way_for_a_dialog() -> None:
    async with playing() as board:
        await board.press("2", "x")
        assert "Not done" in board.text
        assert board.place("Not done")[1] == 1
        await board.press("ctrl+o")
        assert "Not done" not in board.text
        await board.press("escape")
        assert "Not done" not in board.text


async def test_undo_says_what_it_did_where_no_list_of_steps_shows_it() -> None:
    async with playing() as board:
        await board.press("1", "u")
        assert board.said == ["the tutorial's trained weights"]
        await board.press("5", "U")
        assert len(board.said) == 1


async def test_the_steps_are_there_again_after_saving_and_starting_anew(tmp_path: Path) -> None:
    path = tmp_path / "mine.keras"
    async with playing() as board:
        first = bytes_of(board.state.model.weights)
        board.session.set_number(0, 0, (0, 0), 1.0)
        board.session.set_number(1, 1, (0,), -2.0)
        last = bytes_of(board.state.model.weights)
        await save(board, path)
        done = board.state.done
    moved = path.rename(tmp_path / "moved.keras")
    async with playing(tutorial=False) as board:
        await open_file(board, moved)
        await board.settle()
        assert board.state.done == done
        assert bytes_of(board.state.model.weights) == last
        assert not board.state.unsaved
        await board.press("u", "u")
        assert bytes_of(board.state.model.weights) == first
        await board.press("U", "U")
        assert bytes_of(board.state.model.weights) == last


async def test_a_session_with_steps_of_its_own_keeps_them_when_a_file_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "mine.keras"
    async with playing() as board:
        board.session.set_number(0, 0, (0, 0), 1.0)
        await save(board, path)
    async with playing() as board:
        await open_file(board, path)
        await board.settle()
        assert board.state.done == ("the tutorial's trained weights", "open mine.keras")
