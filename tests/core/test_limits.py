"""What a file may ask for is limited, and each refusal says how whoever trusts the file gets past it."""

from __future__ import annotations

import io
import re
import resource
import sys
import zipfile
import zlib
from argparse import ArgumentParser
from typing import TYPE_CHECKING

import h5py
import numpy as np
import pytest

from core.data.files import open_data
from core.data.model_inputs import one_point
from core.errors import Refused
from core.limits import DEEPEST, allowing, allowing_more, most, raise_limits
from core.model import keras_file
from core.model.archive import confined, held_array, safetensors, zip_file
from core.model.archive.protocol import ReadWeights, Refusal
from core.model.files import graph_config
from core.model.graph import Graph, Input
from tests import reading
from tests.hostile_files import ARRAYS, CONFIGS, GOOD, ZIPS, in_keras_3, members, nested, with_config, zipped
from tests.pictures import png
from tests.weight_files import npz
from tui import cli
from tui.options import OPTIONS

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
    # Of what lies within each other there is less to be had.
    for times, advised in ((1, 4), (4, 10), (10, 0)):
        raise_limits(times)
        advice = allowing_more(DEEPEST)
        assert advice.endswith(f"--limits {advised} on the command line allows it") if advised else "don't" in advice
    raise_limits(1000)
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


@pytest.mark.limited
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


@pytest.mark.parametrize("command", [name for name in OPTIONS if name != "tutorial"])
def test_every_command_that_reads_a_file_takes_the_flag(command: str) -> None:
    parser = ArgumentParser()
    OPTIONS[command](parser)
    assert "--limits N" in parser.format_help()


def tables(folder: Path) -> Iterator[Path]:
    """Give data files of 12 rows of 3 inputs, of every kind."""
    rows = np.arange(48.0).reshape(12, 4)
    text = "a,b,c,label\n" + "".join(f"{','.join(map(str, row))}\n" for row in rows.tolist())
    for name, written in (("a.csv", text), ("quoted.csv", text.replace("0.0,", '"0.0",', 1))):
        (folder / name).write_text(written)
        yield folder / name
    np.savez(folder / "a.npz", points=rows[:, :3], labels=rows[:, 3])
    yield folder / "a.npz"
    np.save(folder / "a.npy", rows[:, :3])
    yield folder / "a.npy"


@pytest.mark.parametrize("limit", ["limits.MAX_POINTS", "limits.MAX_INPUTS", "limits.MAX_NUMBERS", "files.MAX_BYTES"])
def test_a_data_files_refusal_names_the_number_that_is_enough(
    limit: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"core.data.{limit}", 2)
    for path in tables(tmp_path):
        raise_limits(1)
        with pytest.raises(Refused, match=r"; take a part of (it|them) or, if you trust") as refusal:
            open_data(path)
        advice = ADVICE.search(str(refusal.value))
        assert advice is not None
        raise_limits(int(advice[1]) - 1)
        with pytest.raises(Refused):
            open_data(path)
        raise_limits(int(advice[1]))
        assert len(open_data(path)) == 12


def test_beyond_a_thousand_times_a_part_of_the_data_is_all_that_can_be_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,label\n" + "1,2\n" * 1500)
    monkeypatch.setattr("core.data.limits.MAX_NUMBERS", 1)
    with pytest.raises(Refused, match=r"got 1,500 rows of 1 input; take a part of them$"):
        open_data(path)


def test_a_pictures_refusal_names_it_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    grey = Graph("image", (Input("image", (2, 2)),), (), (), ())
    path = tmp_path / "a.png"
    rows = zlib.compress(bytes(8001 * 7000))
    path.write_bytes(png(8000, 7000, rows))
    with pytest.raises(Refused, match=r"expected at most 50,000,000 pixels, got 8,000 x 7,000; .* --limits 2 "):
        one_point(f"{path} resized", grey)
    raise_limits(2)
    assert one_point(f"{path} resized", grey).arrays[0].tolist() == [[0, 0], [0, 0]]
    monkeypatch.setattr("core.data.pictures.MAX_FILE", 100)
    with pytest.raises(
        Refused, match=r"a\.png: expected at most 0 MB, got 1; make the picture smaller or, .* --limits "
    ):
        one_point(f"{path} resized", grey)
