"""Every layer of the registry, with settings, shapes and masks as they are drawn, is what Keras's layer is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.layers import classes_of_keras
from core.activations import ACTIVATIONS
from core.layers import activations
from core.layers.registry import LAYERS
from tests.core.layers import attending, basic, earlier, encoding, merged, normalized, passing, recurrent, spatial
from tests.core.layers.oracle import check

if TYPE_CHECKING:
    from tests.core.layers.oracle import Case

ROOT = Path(__file__).parents[3]

FAMILIES = (attending, basic, earlier, encoding, merged, normalized, passing, recurrent, spatial)

DRAWN: dict[str, st.SearchStrategy[Case]] = {kind: drawn for family in FAMILIES for kind, drawn in family.DRAWN.items()}
"""Keras's class -> the cases that are drawn for it."""


def test_every_layer_of_the_registry_has_cases() -> None:
    assert set(DRAWN) == set(LAYERS)


def test_every_activation_is_written_in_operations_too() -> None:
    assert set(activations.ACTIVATIONS) == set(ACTIVATIONS)


def test_the_page_of_layers_has_every_one_of_them() -> None:
    rows = re.findall(r"^\| (\w+) \| (\w+) \| (\S+) \|$", (ROOT / "docs" / "layers.md").read_text(), re.MULTILINE)
    of_keras = classes_of_keras()
    assert [name for name, _, _ in rows] == sorted(of_keras | set(LAYERS)), "python -m benchmarks layers makes it"
    assert {name for name, what, _ in rows if what == "sealed"} == of_keras - set(LAYERS)
    assert all(float(worst) <= 1e-5 for _, what, worst in rows if what != "sealed")


@pytest.mark.parametrize("kind", LAYERS)
@settings(max_examples=20)
@given(data=st.data())
def test_a_layer_is_what_keras_makes_of_it(kind: str, data: Any) -> None:
    case = data.draw(DRAWN[kind])
    assert type(case.layer) is LAYERS[kind]
    check(case)
