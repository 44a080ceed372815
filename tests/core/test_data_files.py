"""Saved data sets, read back with NumPy and the standard library."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest

from core.data import saved
from core.data.dataset import Dataset, SumRule, generate
from core.data.saved import save_data
from core.errors import Refused

if TYPE_CHECKING:
    from pathlib import Path

RULES = [SumRule(), SumRule(250, 5, 2.5, 3), SumRule(1, 1, -0.5), SumRule(7, 12, 1e-30, 9)]


@pytest.mark.parametrize("rule", RULES)
def test_npz_holds_the_arrays_and_the_rule(tmp_path: Path, rule: SumRule) -> None:
    dataset = generate(rule)
    save_data(tmp_path / "data.npz", dataset)
    with np.load(tmp_path / "data.npz", allow_pickle=False) as found:
        assert sorted(found.files) == ["labels", "points", "rule"]
        assert found["points"].dtype == found["labels"].dtype == np.float32
        np.testing.assert_array_equal(found["points"], dataset.points)
        np.testing.assert_array_equal(found["labels"], dataset.labels)
        assert msgspec.json.decode(found["rule"].item(), type=SumRule) == rule


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("at_once", [1, 10, 100_000])
def test_csv_gives_back_every_number(
    tmp_path: Path, rule: SumRule, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saved, "NUMBERS_AT_ONCE", at_once)
    dataset = generate(rule)
    save_data(tmp_path / "data.csv", dataset)
    header, *rows = csv.reader((tmp_path / "data.csv").read_text().splitlines())
    assert header == [*(f"x{place}" for place in range(1, rule.inputs + 1)), "label"]
    numbers = np.array(rows, dtype=np.float32)
    np.testing.assert_array_equal(numbers, np.column_stack([dataset.points, dataset.labels]))


def test_csv_numbers_are_the_shortest_that_are_exact(tmp_path: Path) -> None:
    points = np.array([[0.1, 1e-45], [3e38, 0.30000001]], dtype=np.float32)
    dataset = Dataset(points, np.array([[1], [-1]], dtype=np.float32), SumRule(2, 2))
    save_data(tmp_path / "data.csv", dataset)
    assert (tmp_path / "data.csv").read_text() == "x1,x2,label\n0.1,1e-45,1.0\n3e+38,0.3,-1.0\n"


@pytest.mark.parametrize("name", ["data", "data.txt", "data.CSV", "data.npz.gz", ".npz"])
def test_another_suffix_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Refused, match=r"ends in \.npz or \.csv, got"):
        save_data(tmp_path / name, generate(SumRule(3)))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no such folder"):
        save_data(tmp_path / "none" / "data.csv", generate(SumRule(3)))
