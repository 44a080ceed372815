"""Pictures by task: numbers beside their predictions, rows that are images, the confusion matrix of many classes."""

from __future__ import annotations

import msgspec

from core.data.dataset import generate
from core.data.makers import MAKERS
from tests.tui.board import playing
from tui.dialogs.confusion_dialog import ConfusionDialog
from tui.dialogs.fits_dialog import FitsDialog
from tui.widgets.fit_picture import FitPicture
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
