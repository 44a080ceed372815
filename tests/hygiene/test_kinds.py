"""Nobody outside core/layers knows a layer's kind: the places that still do are counted, and may only become fewer."""

from __future__ import annotations

import ast
from pathlib import Path

from core.layers.registry import LAYERS

ROOT = Path(__file__).parents[2]

STILL = 65
"""So many places know a kind. Whoever takes one away lowers it; nobody raises it."""

KINDS = {*LAYERS, "Convolution", "Pooling", "Weighted", "Windowed"}

HOMES = ("core.layers.", "core.model.network", "core.calculation.wiring")
"""Where kinds are imported from; operations have names of their own, such as Dot."""


def places_in(source: str) -> list[int]:
    """Return the lines at which ``source`` asks of what kind a layer is.

    That is where ``isinstance`` or ``match`` names a kind, where a kind is compared with, or is the key of a table.
    """
    found, tree = [], ast.parse(source)
    known = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(HOMES)
        for alias in node.names
        if alias.name in KINDS
    }
    for node in ast.walk(tree):
        asked: list[ast.AST] = []
        match node:
            case ast.Call(func=ast.Name(id="isinstance" | "issubclass"), args=[_, kind]):
                asked = [kind]
            case ast.MatchClass(cls=kind):
                asked = [kind]
            case ast.Compare(comparators=kinds):
                asked = list(kinds)
            case ast.Dict(keys=keys):
                asked = [key for key in keys if key is not None]
        names = [name.id for kind in asked for name in ast.walk(kind) if isinstance(name, ast.Name)]
        found += [getattr(node, "lineno", 0)] * any(name in known for name in names)
    return found


def product_files() -> list[Path]:
    """Return the files of the product outside core/layers, where kinds belong, and tui/pages, which draws some."""
    files = [*(ROOT / "core").rglob("*.py"), *(ROOT / "tui").rglob("*.py")]
    homes = (ROOT / "core" / "layers", ROOT / "tui" / "pages")
    return [path for path in files if not any(path.is_relative_to(home) for home in homes)]


def test_places_that_know_a_kind_only_become_fewer() -> None:
    places = [f"{path.relative_to(ROOT)}:{line}" for path in product_files() for line in places_in(path.read_text())]
    assert len(places) == STILL, "\n".join(places)


def test_a_planted_place_is_caught() -> None:
    home = "from core.layers.dense import Dense, Flatten, LSTM, Conv2D\n"
    planted = (
        home + "if isinstance(layer, Dense | Flatten): pass\nmatch layer:\n    case LSTM(): pass\nTABLE = {Conv2D: 1}\n"
    )
    assert sorted(places_in(planted)) == [2, 4, 5]
    assert places_in(home + "layer = Dense('output', 1)\nisinstance(layer, Layer)") == []
