"""Commands on models that other people saved: summary, predict and convert, of files as Keras 1 and 2 wrote them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.hdf5_files import CHAIN, drawn, hdf5, layer
from tui import cli

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> tuple[int, str, str]:
        code = cli.main(list(words))
        written = capsys.readouterr()
        return code, written.out, written.err

    return run


def test_a_summary_says_who_saved_it_how_it_was_compiled_and_where_all_sealed_layers_are(
    ran: Run, tmp_path: Path
) -> None:
    within = {
        "class_name": "Sequential",
        "config": {"name": "within", "layers": [layer("Own", "deep", batch_input_shape=[None, 3], odd=float("nan"))]},
    }
    norm = layer("BatchNormalization", "norm", axis=-1)
    own = layer("Lambda", "first", function=["code", None, None])
    arrays = {f"norm_{name}": drawn(3) for name in ("gamma", "beta", "running_mean", "running_std")}
    compiled = {
        "optimizer_config": {"class_name": "Own>Odd", "config": {"lr": 0.1, "x\x1b[2J": float("inf")}},
        "loss": {"a": "mse", "b": {"class_name": "function", "config": "mine"}},
        "metrics": [["accuracy"], "\u202emae"],
    }
    held = {
        "hidden": {"W": drawn(2, 3), "b": drawn(3)},
        "first": {},
        "within": {"deep/a:0": drawn(2, 2)},
        "norm": arrays,
    }
    model = {"class_name": "Sequential", "config": [CHAIN, own, within, norm]}
    saved = hdf5(model, "2.1.3", held, training_config=json.dumps(compiled), backend="theano")
    (tmp_path / "m.h5").write_bytes(saved)
    code, out, err = ran("summary", "m.h5", "--json")
    assert code == 0, err
    told = json.loads(out)
    assert told["sealed"] == ["first", "within/deep"] and told["backend"] == "theano"
    assert (told["format"], told["saved_by"]) == ("HDF5", "Keras 2.1.3") and "Theano" in told["notes"][0]
    assert (told["parameters"], told["trainable_parameters"]) == (9 + 4 + 12, 9 + 4 + 6)
    assert told["compile"]["optimizer"] == {"class": "Own>Odd", "settings": {"lr": 0.1, "x\x1b[2J": None}}
    assert told["compile"]["loss"] == {"a": "mse", "b": "mine"}
    code, out, _ = ran("summary", "m.h5")
    assert "trainable: 19 numbers, 76 bytes; not trainable: 6 numbers, 24 bytes" in out
    assert "sealed: 2 layers: first (Lambda), within/deep (Own)" in out and "within/deep: Own, sealed: " in out
    assert "saved by Keras 2.1.3 on theano: HDF5" in out
    assert "compiled with optimizer Own>Odd (lr 0.1), loss mse of a, mine of b, metrics accuracy, ?mae" in out
