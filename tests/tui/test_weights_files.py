"""Files of weights without a model, by the commands: listed, taken away, and not taken for models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.hdf5_files import CHAIN_FILE
from tests.weight_files import by_place, listed, npz
from tui import cli

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., tuple[int, str, str]]

KERNEL, BIAS = np.array([[0.1, 0.2], [0.3, 0.4]], "f4"), np.array([0.1, 1e-9])


@pytest.fixture
def ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.chdir(tmp_path)
    files = {
        "w.h5": listed({"hidden": {"hidden/kernel:0": KERNEL, "hidden/bias:0": BIAS}}, "2.1.3"),
        "n.npz": npz(a=np.array([[1, -(2**53)]]), b=np.array([True])),
        "odd.h5": by_place({"\x1b]52;c;x\x07[bold]\u202e": KERNEL}),
        "m.h5": CHAIN_FILE,
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)

    def run(*words: str) -> tuple[int, str, str]:
        code = cli.main(list(words))
        written = capsys.readouterr()
        return code, written.out, written.err

    return run


def test_summary_lists_the_arrays_and_says_that_there_is_no_model(ran: Run) -> None:
    assert ran("summary", "w.h5") == (
        0,
        "array            numbers  shape  type\n"
        "hidden/kernel:0  4        2 x 2  float32\n"
        "hidden/bias:0    2        2      float64\n"
        "\n"
        "Weights alone, no model: HDF5, as Keras 1 and 2 save weights, saved by Keras 2.1.3; 6 numbers.\n",
        "",
    )


def test_summary_of_several_files_is_an_object_each_and_goes_on_behind_one_that_is_refused(ran: Run) -> None:
    code, out, err = ran("summary", "w.h5", "none.h5", "m.h5", "--json")
    assert code == 1 and "there is no file none.h5" in err
    decoder, objects, at = json.JSONDecoder(), [], 0
    while at < len(out):
        made, end = decoder.raw_decode(out, at)
        objects.append(made)
        at = end + 1
    weights, model = objects
    assert (weights["weights_alone"], weights["saved_by"], weights["parameters"]) == (True, "Keras 2.1.3", 6)
    assert weights["arrays"][1] == {
        "name": "hidden/bias:0",
        "layer": "hidden",
        "array": "bias:0",
        "shape": [2],
        "dtype": "float64",
        "parameters": 2,
        "of_optimizer": False,
    }
    assert (model["file"], model["layers"][0]["name"]) == ("m.h5", "hidden")


def test_arrays_are_written_with_their_own_types_and_all_digits(ran: Run) -> None:
    assert ran("weights", "w.h5", "hidden", "--array", "bias:0")[:2] == (
        0,
        "np.array([0.1, 1e-09], dtype=np.float64)\n",
    )
    assert ran("weights", "n.npz")[1] == (
        "[np.array([[1, -9007199254740992]], dtype=np.int64),\n np.array([True], dtype=np.bool)]\n"
    )
    assert ran("weights", "n.npz", "--array", "a", "--format", "csv")[1] == "1,-9007199254740992\n"
    code, _, err = ran("weights", "w.h5", "--format", "npz", "--out", "taken.npz")
    assert code == 0 and "w.h5: Weights alone, no model" in err
    with np.load("taken.npz") as taken:
        assert taken["hidden/bias:0"].tobytes() == BIAS.tobytes()
    assert "min 0.0000   max 0.1000" in ran("weights", "w.h5", "hidden", "--array", "bias:0", "--statistics")[1]
    assert "expected the name of a layer (hidden), got 'x'" in ran("weights", "w.h5", "x")[2]


def test_weights_are_given_to_a_model_and_compared_with_it(ran: Run) -> None:
    assert ran("tutorial", "--out", "t.keras")[0] == 0
    given = [np.full((2, 5), 0.5), np.arange(5.0), np.full((5, 1), -1.0), np.ones(1)]
    Path("given.npz").write_bytes(npz(**{f"fc{at // 2}/w{at}": array for at, array in enumerate(given)}))
    code, out, _ = ran("weights", "t.keras", "--give", "given.npz")
    assert code == 0 and out.splitlines() == [
        "weight         shape  gets    by",
        "hidden/kernel  2 x 5  fc0/w0  order and shape",
        "hidden/bias    5      fc0/w1  order and shape",
        "output/kernel  5 x 1  fc1/w2  order and shape",
        "output/bias    1      fc1/w3  order and shape",
        "4 arrays by order and shape",
        "nothing is saved: --out NEW.keras saves the model so",
    ]
    assert ran("weights", "t.keras", "--give", "given.npz", "--out", "new.keras")[1].endswith("\nsaved as new.keras\n")
    assert ran("weights", "new.keras", "--compare", "given.npz")[1].endswith("every layer is bit-equal\n")
    assert "hidden: differs" in ran("weights", "t.keras", "--compare", "given.npz")[1]
    before = Path("new.keras").read_bytes()
    assert ran("weights", "t.keras", "--give", "w.h5", "--out", "new.keras")[0] == 1
    assert ran("weights", "t.keras", "hidden", "--give", "given.npz", "--out", "new.keras")[0] == 2
    assert "expected a model to compare with, got weights alone" in ran("weights", "w.h5", "--compare", "t.keras")[2]
    assert Path("new.keras").read_bytes() == before


def test_names_of_a_hostile_file_are_shown_plain(ran: Run) -> None:
    weights = [("weights", "odd.h5", "--format", name) for name in ("literal", "csv", "markdown", "latex")]
    summaries = [("summary", "odd.h5"), ("summary", "odd.h5", "--json")]
    for words in (*summaries, *weights, ("weights", "odd.h5", "--statistics"), ("weights", "odd.h5", "x")):
        _, out, err = ran(*words)
        assert (out + err).replace("\n", "").replace("\r", "").isprintable(), words
    assert "52;c;x?[bold]?" in ran("summary", "odd.h5")[1]


@pytest.mark.parametrize(
    "words",
    [
        ("predict", "w.h5", "--x", "n.npz"),
        ("explain", "w.h5", "--x", "1,2"),
        ("evaluate", "w.h5"),
        ("practise", "w.h5", "--x", "1,2"),
        ("set-weights", "w.h5", "hidden", "[1]", "--out", "new.keras"),
    ],
)
def test_what_needs_a_model_says_what_can_be_done_with_weights(words: tuple[str, ...], ran: Run) -> None:
    code, out, err = ran(*words)
    assert (code, out) == (1, "") and err.count("\n") == 1
    assert "w.h5: expected a whole model, got weights alone; byhand summary and byhand weights show them" in err
