"""What somebody else has made of a model file meanwhile, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.model.files.opening import open_model
from core.model.initial import initial_weights
from core.model.layers_text import chain_network
from core.model.meanwhile import meanwhile_in_words
from core.model.save_model import save_model
from core.model.tutorial import trained
from core.saving import ChangedMeanwhile
from tests.weight_files import npz
from tui import cli

if TYPE_CHECKING:
    from pathlib import Path

NETWORK, WEIGHTS = trained()


def said(path: Path) -> str:
    return meanwhile_in_words(path, NETWORK, WEIGHTS)


def test_it_is_said_what_the_file_has_now(tmp_path: Path) -> None:
    path = tmp_path / "a.keras"
    assert said(path) == "a.keras is not there any more"
    save_model(path, NETWORK, WEIGHTS, None, None)
    assert said(path).endswith("its weights are the same, something beside them is another, or nothing")
    save_model(path, NETWORK.with_trained([0], False), WEIGHTS, None, None)
    assert said(path).endswith("its weights are the same, other layers are frozen")
    save_model(path, NETWORK, WEIGHTS.with_number(1, 0, (0, 0), float("nan")), None, None)
    assert said(path) == f"somebody has changed a.keras: 1 of its {WEIGHTS.count} numbers differ, the first in output"
    other = chain_network(2, "3")
    save_model(path, other, initial_weights(other, 0), None, None)
    assert said(path).endswith("it has other layers now")
    path.write_bytes(npz(a=np.zeros(3)))
    assert said(path).endswith("it has weights and no model now")
    path.write_bytes(b"no model")
    assert said(path).endswith("it is no model that can be opened now")


def test_a_model_that_is_changed_between_opening_and_saving_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "a.keras"
    save_model(path, NETWORK, WEIGHTS, None, None)
    opened = open_model(path)
    save_model(path, NETWORK, WEIGHTS.with_number(0, 1, (0,), 2.5), None, None)
    before = path.read_bytes()
    with pytest.raises(ChangedMeanwhile, match="try again, or save under another name"):
        save_model(path, opened.network, opened.weights, None, opened.archive, opened.stamp)
    assert path.read_bytes() == before


def test_a_command_writes_its_own_model_over_through_a_link(tmp_path: Path) -> None:
    path, link = tmp_path / "a.keras", tmp_path / "link.keras"
    save_model(path, NETWORK, WEIGHTS, None, None)
    link.symlink_to("a.keras")
    assert (
        cli.main(
            ["set-weights", str(link), "output", "[[[1.0], [2.0], [3.0], [4.0], [5.0]], [0.5]]", "--out", str(link)]
        )
        == 0
    )
    assert link.is_symlink() and open_model(path).weights.layers[1][1].tolist() == [0.5]
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.keras", "link.keras"]
