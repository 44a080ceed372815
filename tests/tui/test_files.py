"""Saving and opening from the screen, in a folder of the test's own; no Keras is needed for either."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.model.keras_file import open_model
from core.model.tutorial import trained
from tests.tui.board import Board, playing

if TYPE_CHECKING:
    from core.model.weights import Weights

NETWORK, WEIGHTS = trained()


def bytes_of(weights: Weights) -> list[bytes]:
    return [array.tobytes() for arrays in weights.layers for array in arrays]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


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
        assert board.app.screen.query_one("#line-model Input").value == str(path)  # type: ignore[attr-defined]


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
        assert np.array_equal(table[:, -1], board.state.dataset.labels)
        assert names(tmp_path) == ["points.csv"]


async def test_a_file_is_overwritten_whole_and_nothing_lies_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    path.write_bytes(b"old" * 100_000)
    async with playing() as board:
        await save(board, path)
        assert bytes_of(open_model(path).weights) == bytes_of(WEIGHTS)
        assert names(tmp_path) == ["model.keras"]


async def test_what_is_edited_on_the_screen_is_what_is_saved(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    async with playing() as board:
        await board.press("5", "e")
        await board.type("0.125")
        await board.press("enter")
        await save(board, path)
        assert bytes_of(open_model(path).weights) == bytes_of(WEIGHTS.with_number(0, 0, (0, 0), 0.125))


@pytest.mark.parametrize(
    ("model", "data", "field", "message"),
    [
        ("model.h5", "", "model", "expected a name that ends in .keras"),
        ("model.keras", "points.txt", "data", "expected a name that ends in .npz or .csv"),
        ("", "", None, "expected a file for the model or for the data; both are empty"),
        ("nowhere/model.keras", "", None, "there is no such folder"),
        ("taken.keras", "", None, "expected the name of a file, got the folder taken.keras"),
        ("x" * 300 + ".keras", "", None, "the name is too long"),
    ],
)
async def test_a_name_that_cannot_be_saved_to_is_refused_and_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: str, data: str, field: str | None, message: str
) -> None:
    (tmp_path / "taken.keras").mkdir()
    monkeypatch.chdir(tmp_path)
    async with playing() as board:
        await save(board, model, data)
        assert message in (board.outcome if field is None else board.beside(field))
        assert "expected" in board.text or "could not save" in board.text
        assert len(board.app.screen_stack) == 2
        assert board.state.path is None
        assert names(tmp_path) == ["taken.keras"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "there is no file"),
        (b"", "empty"),
        (b"not a zip at all", "which is not"),
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
        assert board.beside("model") == "expected the name of a .keras file, got nothing"


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
        assert board.said == ["open model.keras"]


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
