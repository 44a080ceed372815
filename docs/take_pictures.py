"""Takes the README's pictures: the app with Keras, headless, exports them as SVG. Run: python -m docs.take_pictures."""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path

from core.model.files.opening import OpenedModel
from core.model.network import Network
from core.model.weights import Weights
from tests.graphs import recurrent
from tui.app import ByhandApp
from tui.keras_status import Keras

FOLDER = Path(__file__).parent / "pictures"
SIZE = (110, 30)
SIGNS = {
    ".": "full_stop",
    ",": "comma",
    "/": "slash",
    " ": "space",
    "[": "left_square_bracket",
    "]": "right_square_bracket",
}
POINT = tuple(SIGNS.get(sign, sign) for sign in "0.1,0.2,0.3,0.4,0.5,0.6")
GATE = tuple(SIGNS.get(sign, sign) for sign in "lstm/input gate[2,1]")
PICTURES = {
    "by-hand": ("5", "T", "4"),
    "training": ("2", "space", "r", "space"),
    "set-weights": ("2", "space", "5", "a"),
    "any-model": ("4", "x", *POINT, "enter", "g", *GATE, "enter"),
}
"""File name -> the keys that lead to the picture."""


def waves() -> OpenedModel:
    """Return a model over steps as if it had been opened."""
    model = recurrent()
    network = Network.of(model.graph)
    return OpenedModel(network, Weights.of_names(network, model.weights), None, (), None)


async def take(name: str, keys: tuple[str, ...]) -> None:
    """Press ``keys`` and export what is then on the screen."""
    app = ByhandApp((waves(), Path("waves.keras"), None) if name == "any-model" else None)
    async with app.run_test(size=SIZE, notifications=False) as pilot:
        for key in ("", *keys):
            if key:
                await pilot.press(key)
            await pilot.pause(1)
            while app.keras is not Keras.READY:
                await pilot.pause(0.1)
        await app.workers.wait_for_complete()
        await pilot.pause(0.3)
        app.clear_notifications()
        await pilot.pause()
        (FOLDER / f"{name}.svg").write_text(app.export_screenshot(title="byhand"))


def main() -> None:
    """Take them all."""
    for name, keys in PICTURES.items():
        # What another session left would be offered over the picture.
        with tempfile.TemporaryDirectory() as state:
            os.environ["XDG_STATE_HOME"] = state
            asyncio.run(take(name, keys))


if __name__ == "__main__":
    main()
