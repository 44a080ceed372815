"""The screen of weights without a model: opened by ctrl+o, browsed, taken away, closed; the model beneath stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.export.weights_saved import save_weights
from core.model.archive.held_array import HeldArray
from core.model.tutorial import trained
from core.model.weights_edited import with_number
from core.model.weights_file import WeightsFile, open_weights
from tests import graphs
from tests.hdf5_files import CHAIN_FILE
from tests.tui.board import playing
from tests.tui.test_following import take
from tests.weight_files import by_place, listed, npz
from tui.dialogs.weights_file_dialogs import Edits
from tui.weights_screen import WeightsScreen

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.board import Board

KERNEL = np.array([[0.5, -0.25], [1e-9, 2.0]], "f4")
CONVOLUTION = np.arange(24, dtype=np.float64).reshape(2, 3, 2, 2) / 7


async def opened(board: Board, path: Path, content: bytes) -> WeightsScreen:
    """Open a file by ctrl+o."""
    path.write_bytes(content)
    await board.press("ctrl+o")
    await board.type(str(path))
    await board.press("enter")
    await board.until(lambda: isinstance(board.app.screen, WeightsScreen), "the weights")
    await board.quieten()
    assert isinstance(board.app.screen, WeightsScreen)
    return board.app.screen


async def test_weights_are_browsed_taken_away_and_closed(tmp_path: Path) -> None:
    data = listed({"conv": {"conv/kernel:0": CONVOLUTION}, "dense": {"dense/kernel:0": KERNEL}}, "2.1.3")
    async with playing() as board:
        before = board.state
        await opened(board, tmp_path / "w.h5", data)
        assert (
            "w.h5: Weights alone, no model: HDF5, as Keras 1 and 2 save weights, saved by Keras 2.1.3." in board.words
        )
        assert "28 numbers in 2 arrays." in board.words
        assert board.line("conv/kernel:0 ").startswith("conv/kernel:0 2x3x2x2 24")
        assert "2 x 3 x 2 x 2, float64, 24 numbers" in board.words and "min 0.0000 max 3.2857" in board.words
        await board.press("tab", "ctrl+end", "right")
        assert "[2, 3, 2, 2] = 3.2857142857142856" in board.text
        await board.press("tab", "down")
        assert "[1, 1] = 0.5" in board.text and "2 x 2, float32, 4 numbers" in board.text
        await board.press("d")
        assert "-0.25000" in board.text
        await board.press("t", "enter", "s")
        await board.type(str(tmp_path / "taken.py"))
        await board.press("enter")
        assert (tmp_path / "taken.py").read_text().endswith("[1e-09, 2.0]], dtype=np.float32)\n")
        await board.press("u")
        assert "Nothing was changed here: e changes the number in hand." in board.said
        await board.press("escape")
        assert not isinstance(board.app.screen, WeightsScreen) and board.state is before


async def test_a_number_is_changed_undone_saved_and_never_lost_unasked(tmp_path: Path) -> None:
    path = tmp_path / "w.npz"
    async with playing() as board:
        await opened(board, path, npz(kernel=KERNEL, steps=np.array([7])))
        await board.press("e")
        await board.fill("number", "1e99")
        await board.press("enter")
        await board.settle()
        assert "float32" in board.outcome
        await board.fill("number", "0.1")
        await board.press("enter")
        await board.settle()
        assert "[1, 1] = 0.1" in board.text and "Changed, not saved." in board.words
        await board.press("escape")
        assert board.said[-1].startswith("The changed numbers are not saved: escape again loses them")
        await board.press("q")
        assert board.said[-1].startswith("The changed numbers of the file are not saved: ctrl+s saves them")
        await board.press("u")
        assert "[1, 1] = 0.5" in board.text and "Changed, not saved." not in board.words
        await board.press("U", "ctrl+s", "enter")
        await board.settle()
        assert board.said[-1] == f"Saved {path}." and "Changed, not saved." not in board.words
        with np.load(path) as held:
            assert held["kernel"].tolist() == [[np.float32(0.1), -0.25], [np.float32(1e-9), 2.0]]
        await board.press("u", "ctrl+s", "enter")
        await board.settle()
        with np.load(path) as held:
            assert held["kernel"].tobytes() == KERNEL.tobytes() and held["steps"].tolist() == [7]
        path.write_bytes(npz(kernel=KERNEL + 1, steps=np.array([7])))
        await board.press("U", "ctrl+s", "enter")
        await board.settle()
        said = "somebody has changed w.npz: 4 numbers of the file changed, in 1 array, the first kernel; enter again"
        assert board.beside("file").startswith(said)
        await board.fill("file", str(tmp_path / "w.safetensors"))
        await board.press("enter")
        await board.settle()
        assert (tmp_path / "w.safetensors").is_file()
        await board.press("escape")
        assert not isinstance(board.app.screen, WeightsScreen)


def test_what_is_changed_while_the_disk_takes_weights_is_not_saved(tmp_path: Path) -> None:
    path = tmp_path / "w.npz"
    path.write_bytes(npz(kernel=KERNEL))
    edits = Edits(open_weights(path))
    edits.put(with_number(edits.held, 0, (0, 0), "3").held)
    held = edits.held
    stamp, opened = save_weights(path, held, edits.opened)
    edits.put(with_number(edits.held, 0, (0, 0), "4").held)
    edits.saved(held, path, stamp, opened)
    assert edits.unsaved and edits.held.arrays[0].values[0, 0] == 4
    edits.undo()
    assert not edits.unsaved and edits.held.arrays[0].values[0, 0] == 3
    edits.redo()
    save_weights(path, edits.held, edits.opened, stamp)
    assert open_weights(path).arrays[0].values[0, 0] == 4


async def test_odd_arrays_and_names_are_shown_harmless(tmp_path: Path) -> None:
    arrays = {"none": np.zeros((0, 3)), "one": np.array(7), "flags": np.array([True, False]), "nan": np.array([np.nan])}
    async with playing((120, 40)) as board:
        await opened(board, tmp_path / "x.npz", npz(**arrays))
        assert "0 x 3, float64" not in board.text and "no numbers" in board.text
        for said in ("[] = 7", "[1] = True", "[1] = nan"):
            await board.press("down")
            assert said in board.text
        await board.press("escape")
        await opened(board, tmp_path / "y.h5", by_place({"\x1b]52;c;x\x07[bold]": KERNEL}))
        assert "?]52;c;x?[bold]" in board.text and "\x1b" not in board.text


def named(factor: float, layers: tuple[str, str] = ("hidden", "output")) -> bytes:
    """Return the tutorial's weights times ``factor`` under the names of two layers."""
    _, weights = trained()
    return npz(
        **{
            f"{layer}/{name}": array * np.float32(factor)
            for layer, arrays in zip(layers, weights.layers, strict=True)
            for name, array in zip(("kernel", "bias"), arrays, strict=True)
        }
    )


async def test_weights_are_compared_with_the_model_and_given_to_it_as_one_step(tmp_path: Path) -> None:
    async with playing() as board:
        before = board.state
        await opened(board, tmp_path / "w.npz", named(2))
        await board.press("o")
        await board.until(lambda: "the largest changes first" in board.text, "the comparison")
        assert "output kernel[4, 1] 2.6276 1.3138 -1.3138 -50.0 %" in board.words
        await board.press("enter")
        assert "5 x 1, float32, 5 numbers" in board.text and "[4, 1] = 2.62" in board.text
        await board.press("w")
        assert "4 arrays by name." in board.words and "hidden/kernel 2x5 hidden/kernel name" in board.words
        assert board.state is before
        await board.press("enter")
        assert not isinstance(board.app.screen, WeightsScreen)
        assert board.state.done[-1] == "weights of w.npz"
        np.testing.assert_array_equal(
            board.state.model.weights.layers[1][0], before.model.weights.layers[1][0] * np.float32(2)
        )
        await board.press("u")
        assert board.state.model.weights is before.model.weights


async def test_set_weights_takes_a_file_after_a_table_and_refuses_what_does_not_fit(tmp_path: Path) -> None:
    (tmp_path / "w.npz").write_bytes(named(3, ("fc1", "fc2")))
    (tmp_path / "other.npz").write_bytes(npz(a=KERNEL))
    async with playing() as board:
        before = board.state
        await board.press("5", "w")
        await board.type(str(tmp_path / "other.npz"))
        await board.press("enter")
        assert "for hidden/kernel in the file, got none of that shape" in " ".join(board.outcome.split())
        await board.type(str(tmp_path / "w.npz"))
        await board.press("enter")
        assert "4 arrays by order and shape." in board.words and "output/bias 1 fc2/bias order" in board.words
        await board.press("escape")
        assert board.state is before
        await board.press("w")
        await board.type(str(tmp_path / "w.npz"))
        await board.press("enter")
        await board.press("enter")
        assert board.state.done[-1] == "weights of w.npz"
        await board.press("3", "o")
        await board.fill("where", str(tmp_path / "w.npz"))
        await board.press("enter")
        assert "Every number is the same, bit for bit." in board.text


async def test_a_model_that_is_opened_from_the_screen_of_weights_is_seen(tmp_path: Path) -> None:
    (tmp_path / "m.h5").write_bytes(CHAIN_FILE)
    async with playing() as board:
        await opened(board, tmp_path / "w.npz", named(2))
        await board.press("ctrl+o")
        await board.type(str(tmp_path / "m.h5"))
        await board.press("enter")
        await board.until(lambda: len(board.app.screen_stack) == 1, "the tabs")
        assert board.state.model.network.layers[0].units == 3  # type: ignore[attr-defined]
        # Changed numbers that no file has stay until they are saved or given up.
        screen, before = await opened(board, tmp_path / "w.npz", named(2)), board.state.model.initial
        await board.press("e")
        await board.type("7")
        await board.press("enter", "ctrl+o")
        await board.type(str(tmp_path / "m.h5"))
        await board.press("enter")
        await board.until(lambda: board.state.model.initial is not before, "the other model")
        await board.quieten()
        assert board.app.screen is screen and screen.has_unsaved
        await board.press("escape", "escape")
        assert board.app.screen is not screen


async def test_a_difference_in_gates_that_keras_1_has_apart_leads_to_the_arrays_of_their_layer(tmp_path: Path) -> None:
    async with playing() as board:
        await take(board, graphs.recurrent())
        lstm, output = board.state.model.weights.layers
        parts = {"W": lstm[0], "U": lstm[1], "b": lstm[2]}
        gates = {part: np.split(array, 4, axis=-1) for part, array in parts.items()}
        apart = [
            HeldArray("lstm", f"lstm_{part}_{gate}", gates[part]["ifco".index(gate)] * 2, "float32")
            for gate in "icfo"
            for part in "WUb"
        ]
        last = [
            HeldArray("output", f"output_{part}", array, "float32") for part, array in zip("Wb", output, strict=True)
        ]
        screen = WeightsScreen(WeightsFile("HDF5", "Keras 1", (*last, *apart), ()), "w.h5", board.session)
        board.app.push_screen(screen)
        await board.quieten()
        await board.press("o")
        await board.until(lambda: "the largest changes first" in board.text, "the comparison")
        await board.press("enter")
        assert board.app.screen is screen and screen._here is apart[0]
        assert any("lstm/" in said and "in several arrays of the file" in said for said in board.said)
