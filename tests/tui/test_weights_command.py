"""byhand weights: arrays in every format, statistics and comparisons as text and JSON, and what doesn't go together."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.export.arrays import named_arrays
from core.export.formats import ARRAY_FORMATS
from core.layers.activation_layers import Activation
from core.layers.dense import Dense
from core.model.initial import initial_weights
from core.model.layers_text import chain_network
from core.model.literal import parse_array, parse_arrays
from core.model.network import Network
from core.model.save_model import save_model
from core.model.tutorial import trained
from tui import cli

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = tuple[int, str, str]

NETWORK, WEIGHTS = trained()
CHANGED = WEIGHTS.with_number(0, 0, (1, 2), 0.0).with_number(0, 1, (3,), math.nan)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the tutorial's model, a changed one, one of another shape, one with odd layers, a wide one."""
    folder = tmp_path_factory.mktemp("models")
    save_model(folder / "a.keras", NETWORK, WEIGHTS, None, None)
    save_model(folder / "b.keras", NETWORK, CHANGED, None, None)
    for name, network in {
        "other": chain_network(2, "4 tanh, 1 tanh"),
        "odd": Network.chain(2, (Dense("plain", 2, use_bias=False), Activation("act", "relu"))),
        "wide": chain_network(2, "9000 relu, 1"),
    }.items():
        save_model(folder / f"{name}.keras", network, initial_weights(network, 0), None, None)
    return folder


@pytest.fixture
def ran(models: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Run]:
    monkeypatch.chdir(models)

    def run(*words: str) -> Run:
        code = cli.main(["weights", *words])
        written = capsys.readouterr()
        return code, written.out, written.err

    return run


# Arrays


def test_a_layer_is_written_as_what_set_weights_takes(ran: Callable[..., Run]) -> None:
    code, out, err = ran("a.keras", "hidden")
    assert (code, err) == (0, "")
    made = parse_arrays(out, NETWORK.arrays_of(0), "hidden")
    assert [array.tobytes() for array in made] == [array.tobytes() for array in WEIGHTS.layers[0]]


def test_one_array_is_written_by_itself(ran: Callable[..., Run]) -> None:
    _, out, _ = ran("a.keras", "output", "--array", "kernel")
    assert parse_array(out).astype(np.float32).tobytes() == WEIGHTS.layers[1][0].tobytes()


def test_all_arrays_of_one_name_and_all_of_the_model(ran: Callable[..., Run]) -> None:
    assert ran("a.keras", "--array", "bias")[1].count("np.array(") == 2
    assert ran("a.keras")[1].count("np.array(") == 4


def test_a_layer_with_one_array_is_still_a_list(ran: Callable[..., Run]) -> None:
    assert ran("odd.keras", "plain")[1].startswith("[np.array([[")


def test_digits_are_those_asked_for(ran: Callable[..., Run]) -> None:
    assert ran("a.keras", "output", "--array", "bias", "--digits", "2")[1] == "np.array([0.27], dtype=np.float32)\n"
    assert "| 0.2741 |" in ran("a.keras", "output", "--array", "bias", "--format", "markdown")[1]
    assert "  0.274108\n" in ran("a.keras", "output", "--array", "bias", "--format", "latex", "--digits", "6")[1]


@pytest.mark.parametrize("name", ARRAY_FORMATS)
def test_every_format_is_saved(name: str, ran: Callable[..., Run], tmp_path: Path) -> None:
    made = ARRAY_FORMATS[name]
    path = tmp_path / f"bias{made.suffix}"
    arrays, part = named_arrays(NETWORK, WEIGHTS), ("hidden", "--array", "bias")
    words = ("a.keras", *(() if name == "weights.h5" else part), "--format", name, "--out", str(path))
    assert ran(*words) == (0, f"saved as {path}\n", "")
    # Without a format it is what the name ends as.
    again = path.with_name(f"again{made.suffix}")
    assert ran(*words[:-4], "--out", str(again)) == (0, f"saved as {again}\n", "")
    if made.name != "npz":  # which has the time in it
        assert again.read_bytes() == path.read_bytes()
        taken = arrays if name == "weights.h5" else arrays[1]
        assert path.read_bytes() == made.data(taken, None if name == "literal" else 4)


def test_numpy_loads_what_was_saved(ran: Callable[..., Run], tmp_path: Path) -> None:
    ran("b.keras", "--format", "npz", "--out", str(tmp_path / "all.npz"))
    ran("b.keras", "hidden", "--array", "bias", "--format", "npy", "--out", str(tmp_path / "bias.npy"))
    with np.load(tmp_path / "all.npz") as made:
        assert made["hidden/kernel"].tobytes() == CHANGED.layers[0][0].tobytes()
        assert sorted(made) == ["hidden/bias", "hidden/kernel", "output/bias", "output/kernel"]
    assert np.load(tmp_path / "bias.npy").tobytes() == CHANGED.layers[0][1].tobytes()


def test_the_choices_of_the_command_line_are_the_formats_that_there_are(
    ran: Callable[..., Run],
) -> None:
    assert ", ".join(ARRAY_FORMATS) in " ".join(ran("--help")[1].split())


# Statistics


def test_statistics_as_text(ran: Callable[..., Run]) -> None:
    code, out, _ = ran("b.keras", "hidden", "--statistics", "--array", "bias", "--digits", "2")
    assert code == 0
    assert out == (
        "hidden bias   5 float32   5 numbers, 20 bytes\n"
        "  min -0.18   max 0.21   mean 0.04   std 0.14   norm 0.30\n"
        "  zeros 0 (0.0 %)   nan 1   infinite 0\n"
        "  -0.25 .. -0.13  1 ####################\n"
        "  -0.13 ..  0.00  0\n"
        "   0.00 ..  0.13  2 ########################################\n"
        "   0.13 ..  0.25  1 ####################\n"
    )


def test_statistics_as_json(ran: Callable[..., Run]) -> None:
    kernel, bias = json.loads(ran("b.keras", "hidden", "--statistics", "--json")[1])["statistics"]
    assert (kernel["layer"], kernel["array"], kernel["shape"], kernel["bytes"]) == ("hidden", "kernel", [2, 5], 40)
    assert (kernel["zeros"], kernel["zero_share"], bias["nan"]) == (1, 0.1, 1)
    assert kernel["norm"] == pytest.approx(np.linalg.norm(CHANGED.layers[0][0]), rel=1e-6)
    assert sum(kernel["histogram"]["counts"]) == 10
    assert sum(bias["histogram"]["counts"]) == 4


# Comparison


def test_a_comparison_goes_from_the_other_model_to_this_one(ran: Callable[..., Run]) -> None:
    code, out, _ = ran("b.keras", "--compare", "a.keras")
    assert code == 0
    lines = out.splitlines()
    assert lines[:2] == ["old: a.keras   new: b.keras", "hidden: differs"]
    assert "output: bit-equal" in lines
    assert lines[-1].split() == ["hidden", "kernel", "2,", "3", "0.9162", "0.0000", "-0.9162", "-100.0", "%"]


def test_a_comparison_of_one_array_as_json(ran: Callable[..., Run]) -> None:
    made = json.loads(ran("b.keras", "hidden", "--array", "kernel", "--compare", "a.keras", "--json")[1])["comparison"]
    assert [layer["layer"] for layer in made["layers"]] == ["hidden"]
    assert [array["array"] for array in made["layers"][0]["arrays"]] == ["kernel"]
    assert [(change["index"], change["new"]) for change in made["largest"]] == [([1, 2], 0.0)]


def test_a_model_is_bit_equal_to_itself(ran: Callable[..., Run]) -> None:
    assert ran("a.keras", "--compare", "a.keras")[1].endswith("\nevery layer is bit-equal\n")
    assert ran("b.keras", "output", "--compare", "a.keras")[1].endswith("\nevery layer is bit-equal\n")


def test_statistics_and_a_comparison_together(ran: Callable[..., Run], tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    assert ran("b.keras", "--statistics", "--compare", "a.keras", "--json", "--out", str(path))[0] == 0
    made = json.loads(path.read_text())
    assert len(made["statistics"]) == 4 and not made["comparison"]["bit_equal"]


def test_another_architecture_is_no_fault_of_the_command_line(ran: Callable[..., Run]) -> None:
    code, out, err = ran("a.keras", "--compare", "other.keras")
    assert (code, out) == (1, "")
    assert "got layer 1 (hidden) with kernel 2 x 4 and bias 4 in the old and kernel 2 x 5 and bias 5 in the new" in err


# What cannot be used


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["a.keras", "nowhere"], "expected the name of a layer (hidden, output), got 'nowhere'"),
        (["a.keras", "--array", "gamma"], "expected arrays to write, got none: this file has no gamma"),
        (["odd.keras", "act"], "expected arrays to write, got none: act has no weights"),
        (["odd.keras", "plain", "--array", "bias"], "expected arrays to write, got none: plain has no bias"),
        (["a.keras", "--format", "npz"], "--format npz goes with --out, such as --out weights.npz"),
        (["a.keras", "--format", "npy", "--out", "OUT"], "expected one array, which is what .npy holds, got 4"),
        (["a.keras", "--out", "w.h5"], "expected a name that ends in .weights.h5, as Keras wants it, got w.h5"),
        (["a.keras", "--format", "csv", "--digits", "3"], "--format csv writes all digits"),
        (["a.keras", "--json"], "--json goes with --statistics or --compare"),
        (["a.keras", "--statistics", "--format", "csv"], "--format is for the arrays"),
        (["a.keras", "--out", "b.keras"], "expected another file than a model for --out, got b.keras"),
        (["wide.keras", "--format", "latex"], "expected at most 10,000 numbers to read, got 36,001"),
        (["a.keras", "--digits", "10"], "invalid choice"),
    ],
)
def test_what_does_not_go_together_exits_with_2(
    words: list[str], said: str, ran: Callable[..., Run], models: Path, tmp_path: Path
) -> None:
    before = (models / "b.keras").read_bytes()
    code, out, err = ran(*(str(tmp_path / "out") if word == "OUT" else word for word in words))
    assert (code, out) == (2, "")
    assert err.startswith("byhand: ") and err.count("\n") == 1 and said in err
    assert (models / "b.keras").read_bytes() == before
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("words", [["none.keras"], ["a.keras", "--compare", "none.keras"]])
def test_a_model_that_is_not_there_exits_with_1(words: list[str], ran: Callable[..., Run]) -> None:
    code, out, err = ran(*words)
    assert (code, out) == (1, "") and "there is no file none.keras" in err
