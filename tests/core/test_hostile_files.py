"""Whatever a file wants, by whatever way it comes in, is refused in one sentence before it gets any of it."""

from __future__ import annotations

import io
import json
import os
import re
import tracemalloc
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import pytest

from core.errors import Refused
from core.lessons.reader import lesson_of
from core.lessons.source import from_file
from core.model.archive import json_text
from core.model.archive.described import Described, Saved
from core.model.archive.protocol import HeldWeights, ReadParts, ReadWeights, Refusal
from core.model.files.assembled import assembled
from core.model.files.opening import open_any, open_graph, open_model
from core.model.giving import weights_for
from core.model.save_model import save_model
from core.model.weights_file import open_weights
from core.session import kept_steps
from tests import reading
from tests.hdf5_files import hdf5
from tests.hostile_files import (
    ARRAYS,
    ATTRIBUTES,
    BIAS,
    CONFIGS,
    GOOD,
    KERNEL,
    NETWORK,
    PLACES,
    WEIGHTS,
    ZIPS,
    in_keras_3,
    members,
    plain,
    with_config,
    with_slash,
    zipped,
)
from tests.weight_files import safetensors

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.model.archive.protocol import Answer

ROOT = Path(__file__).parents[2]

EVERY = (ReadParts, ReadWeights)

MOST_MEMORY = 50 << 20


def answer(kind: type[ReadParts | ReadWeights], data: bytes) -> Answer:
    found = reading.answer(kind(), data)
    if isinstance(found, Refusal):
        assert found.message.isprintable() and len(found.message) < 300
    return found


def require_refused(found: Answer, said: str) -> None:
    assert isinstance(found, Refusal), found
    assert re.search(said, found.message), found.message


@pytest.mark.parametrize("name", ZIPS)
def test_a_zip_whose_directory_is_hostile_is_refused_before_anything_is_unpacked(name: str) -> None:
    make, said = ZIPS[name]
    data = make()
    tracemalloc.start()
    try:
        for kind in (ReadParts,) if "json" in said else EVERY:
            require_refused(answer(kind, data), re.escape(said))
        assert tracemalloc.get_traced_memory()[1] < len(data) * 8 + (2 << 20)
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", CONFIGS)
def test_a_configuration_that_asks_for_much_is_refused_before_it_is_read(name: str) -> None:
    make, said = CONFIGS[name]
    require_refused(answer(ReadParts, with_config(make())), said)


@pytest.mark.parametrize("attribute", ["model_config", "training_config"])
def test_so_is_one_in_hdf5(attribute: str) -> None:
    deep = CONFIGS["as deep as Python goes"][0]().decode()
    model = {"class_name": "Sequential", "config": []}
    data = hdf5(model, "2.1.3", {}, **{attribute: deep})
    require_refused(answer(ReadParts, data), f"{attribute} of at most 200 levels")


def test_so_is_the_header_of_safetensors() -> None:
    header = b'{"a": ' + b"[" * 300 + b"]" * 300 + b"}"
    data = len(header).to_bytes(8, "little") + header
    require_refused(answer(ReadWeights, data), "the header of at most 200 levels")
    assert isinstance(answer(ReadWeights, safetensors({})), HeldWeights)


def test_brackets_and_commas_within_text_are_none() -> None:
    value = {"a": ['[{,"\\' * 300_000, "\\\\", '"', {"b": []}]}
    assert json_text.read_json("it", json.dumps(value)) == value


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", ARRAYS)
def test_an_array_that_is_no_plain_one_is_refused_in_every_file(name: str, place: str) -> None:
    make, said = ARRAYS[name]
    data = PLACES[place](make)
    assert len(data) < 100_000
    ways = EVERY if place != "weights alone" else (ReadWeights,)
    for kind in ways:
        found = answer(kind, data)
        if said == "numbers" and not isinstance(found, Refusal):
            # What is no number is named or passed over where no model misses it, and never read.
            assert "references" not in str(found)
        else:
            require_refused(found, f"{said}|as float32 numbers")


@pytest.mark.parametrize("kind", EVERY)
def test_a_links_name_is_never_taken_for_a_path(kind: type[ReadParts]) -> None:
    require_refused(answer(kind, with_slash()), "expected 'vars/0' of the weights")


@pytest.mark.parametrize("link", [h5py.SoftLink("/elsewhere"), h5py.ExternalLink("/etc/passwd", "/x")])
@pytest.mark.parametrize("name", ["optimizer_weights", "optimizer"])
def test_an_optimizers_numbers_elsewhere_are_not_looked_for(name: str, link: object) -> None:
    for place, data in (
        ("model.weights.h5", members()["model.weights.h5"]),
        ("", PLACES["a whole model in HDF5"](plain)),
    ):
        buffer = io.BytesIO(data)
        with h5py.File(buffer, "r+") as file:
            if name in file:
                del file[name]
            file[name] = link
        made = zipped({**members(), place: buffer.getvalue()}, zipfile.ZIP_STORED) if place else buffer.getvalue()
        require_refused(answer(ReadParts, made), "got a link to elsewhere")


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_an_attribute_that_is_no_text_is_refused(name: str) -> None:
    make, said = ATTRIBUTES[name]
    require_refused(answer(ReadParts, make()), said)


def test_an_array_of_another_shape_than_the_models_is_not_read() -> None:
    layers = {"hidden": {"hidden/kernel:0": KERNEL.T, "hidden/bias:0": BIAS}}
    data = hdf5({"class_name": "Sequential", "config": []}, "2.1.3", layers)
    assert isinstance(reading.answer_on_model(data), Refusal)


def test_the_good_ones_are_opened() -> None:
    for kind in EVERY:
        assert not isinstance(answer(kind, GOOD), Refusal)


WAYS: dict[str, Callable[[Path], object]] = {
    "opening": open_any,
    "opening any graph": open_graph,
    "opening for the tabs": open_model,
    "weights": open_weights,
    "comparing": lambda path: weights_for(NETWORK, path),
    "a lesson": lambda path: lesson_of(from_file(lesson_beside(path))),
}
"""Each way that a model's file or one of weights comes in."""


def lesson_beside(path: Path) -> Path:
    lesson = path.with_name("lesson.md")
    lesson.write_text(f"# T\nmodel: {path.name}\n## S\nread\n")
    return lesson


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("hostile")
    os.mkfifo(made / "pipe.keras")
    (made / "link.keras").write_bytes(in_keras_3(ARRAYS["a link to another file"][0]))
    return made


@pytest.mark.limited
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("name", "said"), [("pipe.keras", "device or pipe"), ("link.keras", "got a link to elsewhere")]
)
def test_the_same_gate_stands_before_every_way_in(way: str, name: str, said: str, folder: Path) -> None:
    with pytest.raises(Refused, match=said):
        WAYS[way](folder / name)


def test_a_hostile_archive_among_kept_steps_is_refused_where_it_would_be_used(tmp_path: Path) -> None:
    path = tmp_path / "saved.keras"
    path.write_bytes(GOOD)
    for hostile in (in_keras_3(ARRAYS["a soft link"][0]), ZIPS["a symbolic link"][0](), CONFIGS["empty lists"][0]()):
        with pytest.raises(Refused):
            save_model(path, NETWORK, WEIGHTS, None, hostile)
    assert path.read_bytes() == GOOD


def test_a_pipe_in_the_place_of_kept_steps_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    path = kept_steps.file_of(NETWORK, WEIGHTS)
    path.parent.mkdir()
    os.mkfifo(path)
    assert kept_steps.taken_up(NETWORK, WEIGHTS) is None


OPENING = {r"h5py\.File\((?!buffer, \"w\"\))": "hdf5.py", r"zipfile\.ZipFile\((?!buffer, \"w\"\))": "zip_file.py"}
"""What opens a file of others -> the one module that may."""


@pytest.mark.parametrize("opening", OPENING)
def test_one_module_opens_such_files(opening: str) -> None:
    sources = (ROOT / "core" / "model").rglob("*.py")
    assert {path.name for path in sources if re.search(opening, path.read_text())} == {OPENING[opening]}


def test_models_within_each_other_that_are_called_twice_each_are_given_up_soon() -> None:
    def model(depth: int) -> dict[str, Any]:
        def made_by(layer: str, call: int = 0) -> dict[str, Any]:
            history = {"keras_history": [layer, call, 0], "shape": [None, 2], "dtype": "float32"}
            return {"class_name": "__keras_tensor__", "config": history}

        named = {"module": "keras.layers", "registered_name": None}
        start = {**named, "class_name": "InputLayer", "name": "i", "config": {"batch_shape": [None, 2], "name": "i"}}
        within: dict[str, Any] = (
            model(depth - 1) if depth else {**named, "class_name": "Dropout", "config": {"rate": 0.1}}
        )
        nodes = [{"args": [made_by("i")], "kwargs": {}}, {"args": [made_by("x")], "kwargs": {}}]
        within = {**within, "name": "x", "config": {**within["config"], "name": "x"}, "inbound_nodes": nodes}
        layers = {"layers": [{**start, "inbound_nodes": []}, within], "input_layers": [["i", 0, 0]]}
        config = {"name": "m", **layers, "output_layers": [["x", 1, 0]]}
        return {"class_name": "Functional", "module": "keras", "registered_name": None, "config": config}

    with pytest.raises(Refused, match=r"at most 25,000 calls of layers, got more: .*--limits"):
        assembled(Described(model(40), Saved("zip of Keras 3", "3.1.0")))
