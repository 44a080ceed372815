"""A picture is what Keras's load_img and img_to_array make of it; what is none, or too much of one, is refused."""

from __future__ import annotations

import sys
import zlib
from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.data.model_inputs import model_inputs, one_point
from core.errors import Refused
from core.model.graph import Graph, Input
from tests.pictures import SIZE, deep, pictures, png

if TYPE_CHECKING:
    from pathlib import Path

    from core.arrays import AnyArray


def graph(*shape: int | None) -> Graph:
    return Graph("model", (Input("image", shape),), (), (), ())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, data in pictures().items():
        (tmp_path / name).write_bytes(data)
    return tmp_path


def as_keras_has_it(name: str, channels: int, size: tuple[int, int] | None = None) -> AnyArray:
    from keras.utils import img_to_array, load_img

    mode = {1: "grayscale", 3: "rgb", 4: "rgba"}[channels]
    array: AnyArray = img_to_array(load_img(name, color_mode=mode, target_size=size))
    return array


@pytest.mark.usefixtures("folder")
def test_every_kind_of_picture_is_what_keras_makes_of_it_bit_for_bit() -> None:
    for place, name in enumerate(pictures()):
        channels = (1, 3, 4)[place % 3]
        size = (SIZE, (3, 11))[place % 2]
        (made,) = one_point(f"{name} resized", graph(*size, channels)).arrays
        np.testing.assert_array_equal(made, as_keras_has_it(name, channels, size), err_msg=name)


@pytest.mark.usefixtures("folder")
def test_numbers_are_scaled_and_laid_out_as_the_input_is() -> None:
    from keras.applications.imagenet_utils import preprocess_input

    keras = as_keras_has_it("RGB.png", 3)
    (scaled,) = one_point("RGB.png 0..1", graph(*SIZE, 3)).arrays
    assert scaled.dtype == np.float32 and np.array_equal(scaled, keras / 255)
    (signed,) = one_point("RGB.png -1..1", graph(None, None, 3)).arrays
    np.testing.assert_array_equal(signed, preprocess_input(keras.copy(), mode="tf"))
    np.testing.assert_array_equal(one_point("RGB.png", graph(3, *SIZE)).arrays[0], keras.transpose(2, 0, 1))
    np.testing.assert_array_equal(one_point("RGB.png", graph(105)).arrays[0], keras.reshape(-1))
    grey = as_keras_has_it("RGB.png", 1)
    np.testing.assert_array_equal(one_point("RGB.png", graph(35)).arrays[0], grey.reshape(-1))
    np.testing.assert_array_equal(one_point("RGB.png", graph(*SIZE)).arrays[0], grey[..., 0])
    named = Graph("model", (Input("image", (*SIZE, 1)), Input("size", (1,))), (), (), ())
    assert [one.shape for one in model_inputs("image=RGB.png 0..1 size=2", named)] == [(1, *SIZE, 1), (1, 1)]


def test_what_is_no_picture_or_too_much_of_one_is_one_sentence(folder: Path) -> None:
    wide, flat = zlib.compress(bytes(8)), b"no picture at all"
    text = b"note\x00\x00" + zlib.compress(bytes(1 << 24))
    hostile = {
        "bomb.png": png(20_000, 20_000, wide),
        "cut.png": pictures()["RGB.png"][:60],
        "cut.jpg": pictures()["RGB.jpg"][:-300],
        "text.png": png(7, 5, zlib.compress(bytes(40)), (b"zTXt", text)),
        "other.png": flat,
        "deep.png": deep(),
        "bitmap.jpg": b"BM" + bytes(100),
    }
    for name, data in hostile.items():
        (folder / name).write_bytes(data)
    (folder / "folder.png").mkdir()
    said = {
        "bomb.png": "expected at most 50,000,000 pixels, got 20,000 x 20,000; make the picture smaller",
        "cut.png": "it is damaged or cut off",
        "cut.jpg": "it is damaged or cut off",
        "text.png": "it is damaged or cut off",
        "other.png": "expected a PNG or JPEG picture, got something else",
        "bitmap.jpg": "expected a PNG or JPEG picture, got something else",
        "deep.png": "expected 8 bits for each number, got grey of more",
        "folder.png": "expected a picture, got folder.png, which is a folder",
        "gone.png": "there is no file gone.png",
        "RGB.png": "RGB.png: expected 6 x 6 pixels, width by height, got 7 x 5; the word resized after its name",
    }
    for name, words in said.items():
        with pytest.raises(Refused, match=words):
            one_point(name if name == "RGB.png" else f"{name} resized", graph(6, 6, 3))
    (folder / "large.png").write_bytes(png(3000, 3000, wide))
    with pytest.raises(Refused, match="expected at most 12,000,000 numbers, got 3,000 x 3,000 pixels; make the"):
        one_point("large.png", graph(None, None, 3))
    with pytest.raises(Refused, match="expected a picture of 36 numbers, one a pixel or 3 in colour, got 7 x 5 pixels"):
        one_point("RGB.png", graph(36))
    with pytest.raises(Refused, match="expected an input for a picture, got 'image' of shape"):
        one_point("RGB.png", graph(5, 7, 2))


def test_pillow_is_in_no_process_but_the_limited_one(folder: Path) -> None:
    one_point("L.png", graph(*SIZE, 1))
    # Keras, which the tests ask, imports it itself.
    assert "core.data.picture_process" not in sys.modules
