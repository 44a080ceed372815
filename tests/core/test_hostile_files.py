"""Whatever a file wants, by whatever way it comes in, is refused in one sentence before it gets any of it."""

from __future__ import annotations

import json
import re
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from core.model.archive import json_text, process
from core.model.archive.protocol import HeldWeights, ReadArchive, ReadParts, ReadWeights, Refusal, encode, read_answer
from tests.hdf5_files import hdf5
from tests.hostile_files import (
    ARRAYS,
    ATTRIBUTES,
    BIAS,
    CONFIGS,
    GOOD,
    KERNEL,
    PLACES,
    ZIPS,
    with_config,
    with_slash,
)
from tests.weight_files import safetensors

if TYPE_CHECKING:
    from core.model.archive.protocol import Answer

MODELS = (ReadArchive, ReadParts)
EVERY = (*MODELS, ReadWeights)

MOST_MEMORY = 50 << 20


def answer(kind: type[ReadArchive | ReadParts | ReadWeights], data: bytes) -> Answer:
    found = read_answer(process.answer(encode(kind(data))))
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
        for kind in EVERY:
            require_refused(answer(kind, data), re.escape(said))
        assert tracemalloc.get_traced_memory()[1] < len(data) * 8 + (2 << 20)
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", CONFIGS)
def test_a_configuration_that_asks_for_much_is_refused_before_it_is_read(name: str) -> None:
    make, said = CONFIGS[name]
    text = make()
    require_refused(answer(ReadArchive, with_config(text)), said)
    require_refused(answer(ReadParts, with_config(text)), said)


@pytest.mark.parametrize("attribute", ["model_config", "training_config"])
def test_so_is_one_in_hdf5(attribute: str) -> None:
    deep = CONFIGS["as deep as Python goes"][0]().decode()
    model = {"class_name": "Sequential", "config": []}
    data = hdf5(model, "2.1.3", {}, **{attribute: deep})
    require_refused(answer(ReadArchive, data), f"{attribute} of at most 200 levels")


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
            assert kind is not ReadArchive and "references" not in str(found)
        else:
            require_refused(found, f"{said}|as float32 numbers")


@pytest.mark.parametrize("kind", EVERY)
def test_a_links_name_is_never_taken_for_a_path(kind: type[ReadArchive]) -> None:
    require_refused(answer(kind, with_slash()), "expected 'vars/0' of the weights")


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_an_attribute_that_is_no_text_is_refused(name: str) -> None:
    make, said = ATTRIBUTES[name]
    require_refused(answer(ReadArchive, make()), said)


def test_an_array_of_another_shape_than_the_models_is_not_read() -> None:
    layers = {"hidden": {"hidden/kernel:0": KERNEL.T, "hidden/bias:0": BIAS}}
    data = hdf5({"class_name": "Sequential", "config": []}, "2.1.3", layers)
    assert isinstance(answer(ReadArchive, data), Refusal)


def test_the_good_ones_are_opened() -> None:
    for kind in EVERY:
        assert not isinstance(answer(kind, GOOD), Refusal)
