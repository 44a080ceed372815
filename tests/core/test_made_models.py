"""Hundreds of files that Keras made, of every class, structure and way to be compiled: all open, as Keras says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.model.files.opening import OpenedModel, open_any
from tests.core.made_files import try_earlier, try_today
from tests.core.made_models import of_structures

if TYPE_CHECKING:
    from pathlib import Path

EVERY, AGAIN = 4, 5
"""Of models alike one in so many is tried here, of the files one in so many saved again; all are by ``make sweep``."""


def test_what_keras_saves_today_opens_as_keras_has_it_and_is_saved_again(tmp_path: Path) -> None:
    tried = try_today(tmp_path, EVERY, AGAIN)
    assert not tried.faults, "\n".join(tried.faults)
    assert tried.files >= 300
    assert tried.saved >= 40


def test_what_keras_1_and_2_spelled_otherwise_opens_and_predicts_the_same(tmp_path: Path) -> None:
    tried = try_earlier(tmp_path)
    assert not tried.faults, "\n".join(tried.faults)
    assert tried.files >= 70
    assert not tried.sealed


@pytest.mark.limited
def test_such_files_open_in_the_limited_process_too(tmp_path: Path) -> None:
    for at, make in enumerate(list(of_structures())[3:11:2]):
        path = tmp_path / f"{at}.keras"
        make().save(path)
        assert isinstance(open_any(path), OpenedModel)
