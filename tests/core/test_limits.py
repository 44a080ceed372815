"""What a file may ask for is limited, and each refusal says how whoever trusts the file gets past it."""

from __future__ import annotations

import io
import re
import resource
import sys
import zipfile
from typing import TYPE_CHECKING

import h5py
import numpy as np
import pytest

from core.limits import allowing, allowing_more, most, raise_limits
from core.model import keras_file
from core.model.archive import confined, held_array, safetensors, zip_file
from core.model.archive.protocol import ReadWeights, Refusal
from core.model.files import graph_config
from tests import reading
from tests.hostile_files import ARRAYS, CONFIGS, GOOD, ZIPS, in_keras_3, members, nested, with_config, zipped
from tests.weight_files import npz
from tui import cli

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from core.model.archive.protocol import Answer

ADVICE = re.compile(r"if you trust the file, --limits (\d+) on the command line allows it")


@pytest.fixture(autouse=True)
def usual() -> Iterator[None]:
    depth = sys.getrecursionlimit()
    yield
    raise_limits(1)
    sys.setrecursionlimit(depth)


def answer(data: bytes) -> Answer:
    # A file of weights alone is answered by these.
    return reading.answer_on_model(data)


def followed(data: bytes) -> tuple[Answer, list[int]]:
    """Return what comes of a file when the advice of every refusal is followed, and which it was."""
    advised: list[int] = []
    while isinstance(found := answer(data), Refusal) and (advice := ADVICE.search(found.message)):
        advised.append(int(advice[1]))
        assert advised == sorted(set(advised)), found.message
        raise_limits(advised[-1])
    return found, advised


def long_name() -> bytes:
    return npz(**{"a" * 3000: np.ones(1)})


def deep_groups() -> bytes:
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file["/".join("a" * 100)] = np.ones(1, "f4")
    return buffer.getvalue()


LIMITED: dict[str, Callable[[], bytes]] = {
    "unpacks to much": ZIPS["a bomb beside"][0],
    "a large configuration": ZIPS["a padded configuration"][0],
    "many values": CONFIGS["numbers"][0],
    "a long name": long_name,
    "groups in groups": deep_groups,
    "lists in lists": lambda: nested(900),
}


@pytest.mark.parametrize("name", LIMITED)
def test_the_advice_of_a_refusal_can_be_followed(name: str) -> None:
    data = LIMITED[name]()
    found, advised = followed(data if data[:2] in (b"PK", b"\x89H") else with_config(data))
    assert advised and (not isinstance(found, Refusal) or "at most" not in found.message), found


SMALLER = (
    (zip_file, "MAX_MEMBERS", GOOD),
    (graph_config, "MAX_LAYERS", GOOD),
    (held_array, "MAX_ARRAYS", npz(**{f"a{at}": np.ones(1) for at in range(9)})),
)


@pytest.mark.parametrize("place", SMALLER, ids=lambda place: place[1])
def test_so_can_that_on_amounts(place: tuple[object, str, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    module, name, data = place
    monkeypatch.setattr(module, name, 1)
    found, advised = followed(data)
    assert advised and not isinstance(found, Refusal), found


def test_no_number_of_times_allows_what_no_model_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert allowing(1001, 1) == allowing(1 << 80, 1 << 20) == "don't trust this file"
    assert "--limits 3 " in allowing(201, 100)
    raise_limits(1000)
    assert allowing_more() == "don't trust this file" and most(7) == 7000
    monkeypatch.setattr(safetensors, "MAX_HEADER", 1)
    found = reading.answer(ReadWeights(), (2000).to_bytes(8, "little") + b"{" + b" " * 2000)
    assert isinstance(found, Refusal) and found.message.endswith("don't trust this file")


def test_rules_that_are_no_limits_stay() -> None:
    raise_limits(1000)
    for make, said in (ARRAYS["a link to another file"], ARRAYS["of another file"], ARRAYS["of a plug-in"]):
        found = answer(in_keras_3(make))
        assert isinstance(found, Refusal) and said in found.message and "--limits" not in found.message
    for name in ("a symbolic link", "a password"):
        found = answer(ZIPS[name][0]())
        assert isinstance(found, Refusal) and "--limits" not in found.message


def test_memory_and_time_are_raised_too(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[int, int] = {}
    monkeypatch.setattr(resource, "setrlimit", lambda what, limits: asked.update({what: limits[0]}))
    confined._limit(100)
    before = dict(asked)
    raise_limits(3)
    confined._limit(100)
    raised = {what for what in asked if asked[what] == 3 * before[what] != 0 and before[what] > 3}
    assert raised == {resource.RLIMIT_CPU, resource.RLIMIT_AS}


def test_a_command_takes_the_flag_and_the_limited_process_gets_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "deep.keras"
    path.write_bytes(zipped({**members(), "assets/x": bytes(40_000_000)}, zipfile.ZIP_DEFLATED))
    assert cli.main(["summary", str(path)]) == 1
    advice = ADVICE.search(" ".join(capsys.readouterr().err.split()))
    assert advice is not None
    assert cli.main(["summary", str(path), "--limits", advice[1]]) == 0
    assert "hidden" in capsys.readouterr().out
    asked: list[float] = []

    def late(_sent: bytes, _file: object, _most: int, seconds: float, _command: object) -> tuple[int, bytes]:
        asked.append(seconds)
        raise TimeoutError

    monkeypatch.setattr(keras_file, "exchange", late)
    for words in ([], ["--limits", "2"]):
        assert cli.main(["predict", str(path), "--x", "1,2", *words]) == 1
    assert asked[1] == 2 * asked[0]
    assert "took too long; get it again or, if you trust the file, --limits 8" in capsys.readouterr().err
