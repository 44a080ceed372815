"""How far every layer here is from Keras's own, over drawn settings, shapes and masks; writes docs/layers.md."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.row import Fact

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from tests.core.layers.oracle import Case

CASES = 40
PAGE = Path(__file__).parents[1] / "docs" / "layers.md"

HEAD = """# Layers

Every class of Keras's layers. Those whose arithmetic byhand follows are *done*, and held against Keras's own layer over
drawn settings, shapes, masks and weights: outputs, mask, slopes, and every number calculated again from what it is made
of. "Largest difference" is that of the outputs in {cases} cases, as a share of the largest output (float32 has about
1e-7). A layer that passes its inputs on when a model predicts is called *identity*. Layers that Keras has no more
(Highway, LocallyConnected1D, LocallyConnected2D, MaxoutDense, ParametricSoftplus, SReLU) are held against the same made
of today's operations.

All others, a class of one's own and a Lambda are *sealed*: the model opens, the layer is named, its settings and arrays
can be read, and the calculation stops before it; after one of Keras's own classes `explain` and the screen go on with
Keras's output. So are settings that are not followed, and the summary says which. An InputLayer is an input of a model.

`python -m benchmarks layers` makes this page.

| class | what | largest difference |
| --- | --- | --- |
"""


def run() -> list[Fact]:
    """Hold every layer of the registry against Keras and write the page."""
    from core.layers.identity import Unchanging
    from core.layers.registry import LAYERS
    from tests.core.layers.test_conformance import DRAWN

    lines, facts = [f"| {name} | sealed | - |" for name in classes_of_keras() - set(LAYERS)], []
    for name, kind in LAYERS.items():
        worst = _largest_difference(DRAWN[name])
        what = "identity" if issubclass(kind, Unchanging) else "done"
        lines.append(f"| {name} | {what} | {worst:.0e} |")
        facts.append(Fact(f"{name} against Keras, at most", f"{worst:.1e}", "<= 1e-05", worst <= 1e-5))
        sys.stderr.write(f"{lines[-1]}\n")
    PAGE.write_text(HEAD.format(cases=CASES) + "\n".join(sorted(lines)) + "\n")
    return facts


def classes_of_keras() -> set[str]:
    """Return the names of the classes of ``keras.layers``, each once, without those that only others are made from."""
    import keras

    found = (getattr(keras.layers, name) for name in dir(keras.layers))
    layers = {one.__name__ for one in found if isinstance(one, type) and issubclass(one, keras.Layer)}
    return layers - {"InputLayer", "Layer", "Wrapper"}


def _largest_difference(cases: SearchStrategy[Case]) -> float:
    from hypothesis import HealthCheck, given, settings

    from tests.core.layers.oracle import check

    found = [0.0]

    @settings(
        max_examples=CASES, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(cases)
    def measured(case: Case) -> None:
        found.append(check(case))

    measured()
    return max(found)
