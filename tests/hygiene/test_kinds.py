"""Nobody outside core/layers, and the pictures of tui/pages, knows a layer's kind."""

from __future__ import annotations

import ast
from pathlib import Path

from core.layers.registry import LAYERS

ROOT = Path(__file__).parents[2]

KINDS = {*LAYERS, "Convolution", "Pooling"}

SPELLINGS = {
    *(f"core/model/files/{name}_config.py" for name in ("earlier", "first", "second")),
    "core/model/files/node_def.py",
}
"""What Keras 1 and 2 called a layer, and TensorFlow an operation, is said class by class, with its settings."""

NAMESAKES = {"Identity"}
"""What an initializer is called too, in a list of names."""


def places_in(source: str) -> list[int]:
    """Return the lines at which ``source`` asks of what kind a layer is.

    That is where ``isinstance`` or ``match`` names a kind, where a kind, or its name as text, is compared with, is the
    key of a table, or is kept with others under a name.
    """
    found, tree = [], ast.parse(source)
    known = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("core.layers.")
        for alias in node.names
        if alias.name in KINDS
    }
    for node in ast.walk(tree):
        asked: list[ast.AST] = []
        match node:
            case ast.Call(func=ast.Name(id="isinstance" | "issubclass"), args=[_, kind]):
                asked = [kind]
            case ast.MatchClass(cls=kind) | ast.MatchValue(value=kind):
                asked = [kind]
            case ast.Compare(left=kind, comparators=kinds):
                asked = [kind, *kinds]
            case ast.Dict(keys=keys):
                asked = [key for key in keys if key is not None]
            case ast.Assign(value=ast.expr() as kept) | ast.AnnAssign(value=ast.expr() as kept):
                several = [part for part in ast.walk(kept) if isinstance(part, ast.Set | ast.Tuple | ast.List)]
                asked = [one for part in several for one in part.elts if isinstance(one, ast.Name | ast.Constant)]
                asked = [one for one in asked if not (isinstance(one, ast.Constant) and one.value in NAMESAKES)]
        inside = [part for kind in asked for part in ast.walk(kind)]
        names = any(isinstance(part, ast.Name) and part.id in known for part in inside)
        texts = any(isinstance(part, ast.Constant) and part.value in LAYERS for part in inside)
        found += [getattr(node, "lineno", 0)] * (names or texts)
    return found


def product_files() -> list[Path]:
    """Return the files of the product outside core/layers, where kinds belong, and tui/pages, which draws some."""
    files = [*(ROOT / "core").rglob("*.py"), *(ROOT / "tui").rglob("*.py")]
    homes = (ROOT / "core" / "layers", ROOT / "tui" / "pages")
    outside = (path for path in files if not any(path.is_relative_to(home) for home in homes))
    return [path for path in outside if path.relative_to(ROOT).as_posix() not in SPELLINGS]


def test_nobody_asks_of_what_kind_a_layer_is() -> None:
    assert [
        f"{path.relative_to(ROOT)}:{line}" for path in product_files() for line in places_in(path.read_text())
    ] == []


def test_a_planted_place_is_caught() -> None:
    home = "from core.layers.dense import Dense, Flatten, LSTM, Conv2D\n"
    planted = (
        home
        + "if isinstance(layer, Dense | Flatten): pass\nmatch layer:\n    case LSTM(): pass\nTABLE = {Conv2D: 1}\n"
        + "if type(layer).__name__ == 'GRU': pass\nTABLE = {'Embedding': 1}\n"
    )
    assert sorted(places_in(planted)) == [2, 4, 5, 6, 7]
    kept = (
        "A = {Dense}\nB: object = frozenset({'LSTM', 'x'})\nC, D = 'GRU', 'x'\nE = (*A, Flatten)\nF = list([Dense])\n"
    )
    assert places_in(home + kept) == [2, 3, 4, 5, 6]
    assert (
        places_in(
            home + "layer, layers = Dense('output', 1), [Dense('a', 1)]\nisinstance(layer, Layer)\nname = 'Dense'"
        )
        == []
    )
