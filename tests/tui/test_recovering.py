"""What a session left that ended without saving: said at once, gone on with, looked at, left, thrown away."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.journal import shelf
from core.journal.journal import Journal
from core.journal.shelf import look, new_path
from core.model.files.opening import open_model
from core.model.save_model import save_model
from core.model.tutorial import trained
from core.model.weights_edited import with_number
from core.model.weights_file import open_weights
from core.model.weights_kept import changes
from core.session.session import Session
from tests.core.journals import held_by_another, left_behind
from tests.nasty_names import model_called
from tests.tui.board import playing
from tests.weight_files import npz
from tui import cli
from tui.any_model import AnyModelScreen
from tui.dialogs.recover_dialog import RecoverDialog
from tui.kept_beside import ARRAYS, PRACTICE, SHEET
from tui.weights_screen import WeightsScreen

if TYPE_CHECKING:
    from core.model.files.opening import OpenedModel
    from core.session.trail import Steps
    from tests.tui.board import Board


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "mine.keras"
    save_model(path, *trained(), None, None)
    return path


def opened(path: Path) -> tuple[OpenedModel, Path, Steps | None]:
    return open_model(path), path, None


def edited(path: Path | None) -> Session:
    session = Session()
    if path is not None:
        session.open(open_model(path), path)
    session.set_number(0, 0, (0, 0), 2.5)
    session.set_number(1, 1, (0,), -0.75)
    return session


async def offered(board: Board) -> None:
    """Wait until the form of what was left has the keys."""
    await board.until(lambda: isinstance(board.app.screen, RecoverDialog) and board.app.screen.listens, "the form")
    await board.settle()


async def open_other(board: Board, path: Path) -> None:
    """Open a file that a screen of its own shows."""
    await board.press("ctrl+o")
    await board.type(str(path))
    await board.press("enter")
    await board.until(lambda: isinstance(board.app.screen, AnyModelScreen | WeightsScreen), "its screen")
    await board.settle()


async def test_it_is_said_at_once_and_gone_on_with_step_by_step(model: Path) -> None:
    session = edited(model)
    left_behind(session, model)
    async with playing(tutorial=False, opened=opened(model)) as board:
        await offered(board)
        assert "mine.keras: 3 steps, weights not saved, last changed 20" in board.words
        await board.press("s")
        assert "2 of 21 numbers differ from mine.keras" in board.words
        assert "the largest change: hidden kernel[1, 1], " in board.words and "2.5 now" in board.words
        assert "step: hidden w[1, 1] = 2.5" in board.words
        await board.press("enter")
        assert len(board.app.screen_stack) == 1
        assert board.state.model.weights.equal(session.state.model.weights)
        assert board.state.done == session.state.done and board.state.path == model
        await board.press("u")
        assert board.state.model.weights.layers[0][0][0, 0] == np.float32(2.5)
        assert board.state.model.weights.layers[1][1][0] != np.float32(-0.75)
        # Its journal is this session's now.
        await board.until(lambda: not look(board.app.kept.path).left, "the other journal's end")


async def test_what_is_left_is_offered_again_and_what_is_thrown_away_is_not(model: Path) -> None:
    left_behind(edited(model), model)
    async with playing(tutorial=False, opened=opened(model)) as board:
        await offered(board)
        await board.press("escape")
        assert len(board.app.screen_stack) == 1 and not board.state.done[1:]
    async with playing(tutorial=False, opened=opened(model)) as board:
        await offered(board)
        await board.press("x")
        assert board.outcome == "x again throws it away for good"
        await board.press("x")
        assert len(board.app.screen_stack) == 1
    async with playing(tutorial=False, opened=opened(model)) as board:
        assert len(board.app.screen_stack) == 1


async def test_what_is_being_typed_when_it_comes_is_not_for_it(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left_behind(edited(model), model)
    monkeypatch.setattr("tui.dialogs.recover_dialog.QUIET", 3600.0)
    async with playing(tutorial=False, opened=opened(model)) as board:
        await board.until(lambda: isinstance(board.app.screen, RecoverDialog), "the form")
        await board.press("x", "x", "enter", "down", "escape", "s")
        assert isinstance(board.app.screen, RecoverDialog) and not board.outcome
        assert len(look(board.app.kept.path).left) == 1 and not board.state.done[1:]
        assert "Throw it away" not in board.text
        board.app.screen._listen()
        await board.press("escape")
        assert len(board.app.screen_stack) == 1


async def test_another_files_session_is_offered_without_a_file_only(model: Path, tmp_path: Path) -> None:
    left_behind(edited(model), model)
    left_behind(edited(None))
    other = tmp_path / "other.keras"
    save_model(other, *trained(), None, None)
    async with playing(tutorial=False, opened=opened(other)) as board:
        assert len(board.app.screen_stack) == 1
    async with playing(tutorial=False) as board:
        await offered(board)
        assert "no file: 2 steps, weights not saved" in board.words
        assert "mine.keras: 3 steps, weights not saved" in board.words
        await board.press("down", "x", "x")
        assert "mine.keras" not in board.text and "no file" in board.text
        await board.press("enter")
        assert board.state.model.weights.layers[0][0][0, 0] == np.float32(2.5)


async def test_leaving_on_purpose_leaves_nothing_and_an_end_otherwise_does() -> None:
    async with playing() as board:
        await board.press("5", "e")
        await board.type("9")
        await board.press("enter", "q", "q")
    assert not look().left
    async with playing() as board:
        await board.press("5", "e")
        await board.type("9")
        await board.press("enter")
        # The app ends without having been asked to.
    assert not look().left
    (held,) = look().live
    assert held.unsaved == "weights"


async def test_the_journal_is_begun_before_what_others_left_is_read(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left_behind(edited(model), model)
    begun, look_on = [], shelf.look

    def noting(own: Path | None) -> shelf.Shelf:
        begun.append(own is not None and own.exists())
        return look_on(own)

    monkeypatch.setattr(shelf, "look", noting)
    async with playing(tutorial=False, opened=opened(model)) as board:
        await offered(board)
    assert begun == [True]


async def test_settings_alone_are_kept_too() -> None:
    async with playing(tutorial=False) as board:
        board.session.set_recipe(type(board.state.recipe)(epochs=77))
        session = board.session
    (held,) = look().live
    assert held.unsaved == "settings"
    left_behind(session, None, {}, held.unsaved)
    async with playing(tutorial=False) as board:
        await offered(board)
        await board.press("s")
        assert "setting: epochs 77, 150 before" in board.words


async def test_weights_alone_that_another_byhand_has_open_are_asked_about_too(tmp_path: Path) -> None:
    path = tmp_path / "w.npz"
    path.write_bytes(npz(a=np.arange(3)))
    journal = Journal(new_path(), path, print)
    async with playing() as board:
        await open_other(board, path)
        await board.press("e")
        await board.type("7")
        await board.press("enter", "ctrl+s", "enter")
        assert board.beside("file").startswith("w.npz is open in another byhand, on ")
        assert open_weights(path).arrays[0].values[0] == 0
        await board.press("enter")
        assert open_weights(path).arrays[0].values[0] == 7
    journal.discard()


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone has such names")
async def test_so_is_one_of_a_byhand_with_another_state_folder(model: Path) -> None:
    with held_by_another(model, journal=True) as process:
        async with playing(tutorial=False, opened=opened(model)) as board:
            assert any(f"(process {process.pid})" in words for words in board.said)
            board.session.set_number(0, 0, (0, 0), 9.0)
            await board.press("ctrl+s", "enter")
            assert board.beside("model").startswith("mine.keras is open in another byhand, on ")
            await board.press("enter")
            assert open_model(model).weights.layers[0][0][0, 0] == np.float32(9.0)


async def test_a_file_that_another_byhand_has_open_is_said_to_be_and_asked_about(model: Path) -> None:
    journal = Journal(new_path(), model, print)
    async with playing(tutorial=False, opened=opened(model)) as board:
        assert any("mine.keras is open in another byhand, on " in words for words in board.said)
        board.session.set_number(0, 0, (0, 0), 9.0)
        await board.press("ctrl+s", "enter")
        assert board.beside("model").startswith("mine.keras is open in another byhand, on ")
        assert open_model(model).weights.layers[0][0][0, 0] != np.float32(9.0)
        await board.press("enter")
        assert open_model(model).weights.layers[0][0][0, 0] == np.float32(9.0)
        journal.discard()
        board.session.set_number(0, 0, (0, 0), 8.0)
        await board.press("ctrl+s", "enter")
        assert open_model(model).weights.layers[0][0][0, 0] == np.float32(8.0)


async def test_a_practice_under_way_is_gone_on_with() -> None:
    async with playing() as board:
        await board.press("4", "p", "enter")
        await board.until(lambda: "practice:" in board.words, "the practice")
        await board.press("h")
        asked = board.words
        assert "hint" in asked
        kept, session = dict(board.app.kept._beside), board.session
    left_behind(session, None, kept, "practice")
    for path in new_path().parent.glob("*.journal"):
        if path not in {one.path for one in look().left}:
            path.unlink()
    async with playing(tutorial=False) as board:
        await offered(board)
        assert "practice not saved" in board.words
        await board.press("enter")
        await board.until(lambda: "practice:" in board.words, "the practice again")
        assert board.tab == "by-hand" and "points" in board.words


async def test_a_practice_of_weights_that_were_changed_since_is_gone_on_with() -> None:
    async with playing() as board:
        await board.press("4", "p", "enter")
        await board.until(lambda: "practice:" in board.words, "the practice")
        board.session.set_number(0, 0, (0, 0), 2.5)
        await board.settle()
        kept, session = dict(board.app.kept._beside), board.session
    left_behind(session, None, kept, "weights and practice")
    async with playing(tutorial=False) as board:
        await offered(board)
        await board.press("enter")
        await board.until(lambda: "practice, with the weights that it began" in board.words, "the practice again")
        assert board.state.model.weights.layers[0][0][0, 0] == np.float32(2.5)
        await board.until(lambda: not look(board.app.kept.path).left, "the other journal's end")


async def test_a_practice_of_a_model_that_the_tabs_dont_take_is_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "own.keras"
    path.write_bytes(model_called("own", sealed=True))
    async with playing() as board:
        await board.press("4", "p", "enter")
        await board.until(lambda: "practice:" in board.words, "the practice on the tab")
        await open_other(board, path)
        await board.press("j", "p", "enter")
        await board.until(lambda: "blanks left" in board.words, "the practice")
        await board.type("7.5")
        await board.press("enter")
        kept, session = dict(board.app.kept._beside), board.session
        # It does not end the one on the tab.
        await board.press("escape", "enter")
        await board.until(lambda: "All is done" in board.words, "the end of the practice")
        await board.press("escape")
        assert list(board.app.kept._beside) == [PRACTICE]
    assert sorted(kept) == sorted([PRACTICE, SHEET])
    left_behind(session, path, kept, " and ".join(kept))
    for other in look().live:
        other.path.unlink()
    async with playing(tutorial=False) as board:
        await offered(board)
        await board.press("enter")
        await board.until(lambda: "blanks left" in board.words, "the practice again")
        await board.press("v")
        assert isinstance(board.app.screen_stack[1], AnyModelScreen)
        await board.until(lambda: not look(board.app.kept.path).left, "the other journal's end")
        assert sorted(board.app.kept._beside) == sorted([PRACTICE, SHEET])


async def test_a_file_that_was_named_from_another_folder_is_saved_where_it_is(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(model.parent)
    left_behind(edited(Path(model.name)), Path(model.name))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    async with playing(tutorial=False) as board:
        await offered(board)
        await board.press("enter", "ctrl+s", "enter")
        assert board.said[-1].startswith(f"Saved {model}")
    assert open_model(model).weights.layers[0][0][0, 0] == np.float32(2.5)
    assert not [*Path().iterdir()]


async def test_what_cant_be_gone_on_with_stays_where_it_was_kept(tmp_path: Path) -> None:
    path = tmp_path / "w.npz"
    path.write_bytes(npz(a=np.arange(6.0).reshape(2, 3)))
    held = open_weights(path)
    left_behind(edited(None), path, {ARRAYS: lambda: changes(held, with_number(held, 0, (0, 0), "7").held)}, ARRAYS)
    path.write_bytes(npz(a=np.arange(3.0)))
    async with playing(tutorial=False) as board:
        await offered(board)
        await board.press("s")
        assert "1 number of the file changed, in 1 array, the first a" in board.words
        await board.press("enter")
        await board.until(lambda: any("expected a as it was opened" in words for words in board.said), "the refusal")
        board.session.set_number(0, 0, (0, 0), 9.0)
        own = board.app.kept.path
        await board.until(lambda: any(one.path == own and one.unsaved for one in look().live), "its own journal")
        (left,) = look(own).left
        assert left.unsaved == ARRAYS


async def test_steps_that_were_taken_back_are_kept_too() -> None:
    async with playing(tutorial=False) as board:
        board.session.set_number(0, 0, (0, 0), 9.0)
        board.session.trail.undo()
        await board.settle()
        session = board.session
    (held,) = look().live
    assert held.unsaved == "undone steps"
    held.path.unlink()
    left_behind(session, None, {}, held.unsaved)
    async with playing(tutorial=False) as board:
        await offered(board)
        await board.press("s")
        assert "1 step taken back, which can be done again: hidden w[1, 1] = 9" in board.words
        await board.press("enter", "U")
        assert board.state.model.weights.layers[0][0][0, 0] == np.float32(9.0)


async def test_a_lesson_under_way_is_gone_on_with() -> None:
    async with playing() as board:
        await board.press("L", "enter")
        await board.until(lambda: "step 1 of" in board.words, "the lesson")
        board.app._guide._go_on()
        await board.settle()
        assert "step 2 of" in board.words
        kept, session = dict(board.app.kept._beside), board.session
    left_behind(session, None, kept, "lesson")
    async with playing(tutorial=False) as board:
        await offered(board)
        await board.press("enter")
        await board.until(lambda: "step 2 of" in board.words, "the lesson again")


async def test_changed_numbers_of_a_files_arrays_are_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "w.npz"
    path.write_bytes(npz(a=np.arange(6.0).reshape(2, 3), b=np.arange(3)))
    async with playing() as board:
        await open_other(board, path)
        await board.press("e")
        await board.type("7.5")
        await board.press("enter")
        kept, session = dict(board.app.kept._beside), board.session
        assert list(kept) == [ARRAYS]
    left_behind(session, path, kept, ARRAYS)
    for other in look().live:
        other.path.unlink()
    async with playing(tutorial=False) as board:
        await offered(board)
        assert "w.npz: 1 step, arrays of a file not saved" in board.words
        await board.press("enter")
        await board.until(lambda: isinstance(board.app.screen, WeightsScreen), "the weights again")
        await board.until(lambda: "Changed, not saved." in board.words, "the changed number")
        assert "= 7.5" in board.text
        await board.press("u")
        assert "= 0.0" in board.text
    assert open_weights(path).arrays[0].values[0, 0] == 0.0


# Without a screen


def test_changed_arrays_of_a_file_are_saved_not_the_model_on_the_tabs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, back = tmp_path / "w.npz", tmp_path / "back.npz"
    path.write_bytes(npz(a=np.arange(3)))
    held = open_weights(path)
    kept = {ARRAYS: lambda: changes(held, with_number(held, 0, (1,), "7").held)}
    left_behind(Session(), path, kept, ARRAYS)
    assert cli.main(["recover", "1", "--out", str(tmp_path / "back.keras")]) == 1
    assert cli.main(["recover", "1", "--out", str(back)]) == 0
    assert open_weights(back).arrays[0].values.tolist() == [0, 7, 2]
    left_behind(edited(None), path, kept, f"weights and {ARRAYS}")
    assert cli.main(["recover", "1", "--out", str(tmp_path / "back.keras")]) == 0
    assert "without the changed arrays of a file, which byhand goes on with" in capsys.readouterr().err


def test_the_command_lists_shows_saves_and_throws_away(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["recover"]) == 0
    assert "nothing was left" in capsys.readouterr().out
    session = edited(model)
    left_behind(session, model)
    assert cli.main(["recover"]) == 0
    assert capsys.readouterr().out.startswith("1  mine.keras: 3 steps, weights not saved, last changed ")
    assert cli.main(["recover", "1"]) == 0
    assert "2 of 21 numbers differ from mine.keras" in capsys.readouterr().out
    saved = tmp_path / "back.keras"
    assert cli.main(["recover", "1", "--out", str(saved)]) == 0
    assert open_model(saved).weights.equal(session.state.model.weights)
    assert cli.main(["recover", "2"]) == 2
    assert "expected a number from 1 to 1, got 2" in capsys.readouterr().err
    assert cli.main(["recover", "--throw-away"]) == 2
    assert cli.main(["recover", "1", "--throw-away"]) == 0
    assert cli.main(["recover", "--json"]) == 0
    assert '"left": []' in capsys.readouterr().out
