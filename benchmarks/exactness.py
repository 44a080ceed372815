"""Writes docs/exactness.md: how far every optimizer with every loss ends from Keras's own ``fit``, really trained.

What stands on the page is not measured again: without the page, everything is.
"""

from __future__ import annotations

import sys
from functools import partial
from itertools import product
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

EPOCHS = (1, 2, 150)
LIMIT = 1e-6
PAGE = Path(__file__).parents[1] / "docs" / "exactness.md"

Pair = tuple[str, str]
"""An optimizer and a loss."""

Distances = dict[Pair, list[tuple[float, float]]]
"""For every optimizer and loss: how far weights and History are apart after each of :data:`EPOCHS`."""

ABOUT = """\
# How exactly byhand trains as Keras does

byhand trains whole epochs in one compiled program (`core/engine/compiled.py`): TensorFlow's loops around Keras's own
`train_step` and `test_step`, so that Keras's layers, losses, metrics and optimizers do the arithmetic. This page is
written by `python -m benchmarks.exactness`, which trains pairs of optimizer and loss both ways and compares.

- **Compared**: the program as XLA compiles it, with `model.fit` of the same model (Dense 5 tanh, then a Dense layer
  that fits the loss), the same 32 training points in the same order, batches of 12 with a short last one, 8 points to
  validate, Keras's own settings of every optimizer.
- **The reference** is `fit` as Keras compiles it by default. On a machine without a GPU its `jit_compile="auto"` means
  a TensorFlow graph without XLA; so what differs below is XLA's order of sums and its `tanh`, `exp` and `sqrt`.
  Compiled alike they are equal to the last bit: see the end of this page.
- **Each cell** has two numbers: the largest difference of any weight after that epoch, and of any number of `History`
  (loss, metrics and both of the validation part) in any epoch up to it. A float32 near 1 has steps of 1.2e-07.
- **The standard** is {limit:.0e}.
  {verdict}

With the same seed Dropout repeats itself, but the program's drops are not `fit`'s: XLA draws other random numbers than
a graph does.
The learning rate is a variable for Keras, and free to change in a compiled program. Keras reads an optimizer's other
settings (momentum, beta, epsilon) as Python numbers in float64, so `1 - 0.999` is another float32 if they come as
float32 tensors: they are compiled in, and another one compiles anew.

ScheduleFreeAdamW is compared with a `fit` whose optimizer was built beforehand (`optimizer.build`). Left to itself,
`fit` of Keras 3.15.1 builds it while it traces its first step; the copy of the weights that its momentum should begin
as is lost there, and with it most of the weights in that step. byhand begins as Keras documents it.
"""

OTHERS = """\
## The other losses

After 1, 2 and 150 epochs with some of the optimizers. A loss in percent is some hundred times as large as the others,
and so are its float32 steps and the steps that SGD makes with it: that pair drifts, as described below.

"""

SEVERAL = """\
## Several outputs that are no classes

What the other tables have: labels of -1 and +1 (hinge), 0 and 1 (binary_crossentropy), three classes with a softmax,
one-hot (categorical) or by number (sparse), and one number a row (mean_squared_error, mean_absolute_error, huber,
log_cosh). Here the labels of a row are three numbers, or three of 0 and 1, with three outputs (linear, or sigmoid).

"""

DRIFT = """\
## Where float32 drifts, and that it is Keras's own drift

With learning rates far above Keras's own a difference in the last bit grows with every epoch, until two trainings have
little in common. It does so between `fit` and `fit` too, as soon as one of them is compiled by XLA
(`compile(jit_compile=True)`, or by itself on a machine with a GPU). Each method of byhand is equal to the `fit` that is
compiled in the same way, to the last bit, after 150 epochs as well:

| trained | XLA from `fit` | XLA from `fit` with XLA | `tf.function` from `fit` | `fit` from `fit` with XLA |
| --- | --- | --- | --- | --- |
"""

PERCENT = ("SGD", 0.01, "mean_absolute_percentage_error")

DRIFTING = (
    ("Adam", 0.001, "hinge"),
    ("RMSprop", 0.01, "hinge"),
    ("RMSprop", 0.1, "hinge"),
    ("Adam", 0.1, "huber"),
    PERCENT,
)
"""Optimizer, learning rate and loss: the tutorial's own, and some that drift."""


OTHERS_WITH = ("SGD", "Adam")
"""The optimizers that the losses beside the main ones are trained with."""


SEVERAL_WITH = ("SGD, momentum", "RMSprop", "Adam")
"""Those that several outputs are trained with."""


def pairs() -> tuple[list[Pair], list[Pair], list[Pair]]:
    """Return every optimizer with every main loss, some with all the others, some with several outputs."""
    from tests.engine.fit_oracle import LOSSES, MAIN, OF_SEVERAL, OPTIMIZERS

    others = [loss for loss in LOSSES if loss not in MAIN]
    return list(product(OPTIMIZERS, MAIN)), list(product(OTHERS_WITH, others)), list(product(SEVERAL_WITH, OF_SEVERAL))


def measure(wanted: Sequence[Pair]) -> Distances:
    """Train every wanted pair both ways, unless that is on the page already."""
    from tests.engine.fit_oracle import OF_SEVERAL, OPTIMIZERS, Job, apart, fit, program, trained

    found: Distances = {}
    known = standing()
    for optimizer, loss in wanted:
        if (optimizer, loss) in known:
            found[optimizer, loss] = known[optimizer, loss]
            continue
        name, labels = OF_SEVERAL.get(loss, (loss, ""))
        job = Job(name, OPTIMIZERS[optimizer], epochs=max(EPOCHS), labels=labels)
        ours, theirs = trained(job, program(job)), fit(job)
        found[optimizer, loss] = [apart(ours, theirs, epochs) for epochs in EPOCHS]
        sys.stderr.write(f"{optimizer}, {loss}: {found[optimizer, loss]}\n")
    return found


def standing() -> Distances:
    """Return what is on the page, to the two digits that are written there."""
    if not PAGE.exists():
        return {}
    found: Distances = {}
    heads: list[str] = []
    for line in PAGE.read_text().splitlines():
        first, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        if not line.startswith("|"):
            heads = []
        elif first == "weights / History":
            heads = cells
        elif heads and first != "---":
            for head, cell in zip(heads, cells, strict=True):
                optimizer, _, epochs = head.rpartition(", ")
                pair = (optimizer, first) if epochs.isdecimal() else (first, head)
                found.setdefault(pair, []).append(_numbers(cell))
    return found


def _numbers(cell: str) -> tuple[float, float]:
    weights, history = (float(text) for text in cell.replace("*", "").split(" / "))
    return weights, history


def drift() -> str:
    """Return the table of :data:`DRIFTING`, each trained by both methods and by both kinds of ``fit``."""
    import keras

    from tests.engine.fit_oracle import Job, apart, fit, program, trained

    lines = []
    for name, rate, loss in DRIFTING:
        job = Job(loss, partial(getattr(keras.optimizers, name), rate), epochs=max(EPOCHS))
        xla, graph = trained(job, program(job)), trained(job, program(job, "tf.function"))
        plain, jitted = fit(job), fit(job, jit=True)
        pairs = ((xla, plain), (xla, jitted), (graph, plain), (plain, jitted))
        cells = (" / ".join(map(_short, apart(*pair, job.epochs))) for pair in pairs)
        lines.append(f"| {name} {rate:g}, {loss} | {' | '.join(cells)} |")
    return DRIFT + "\n".join(lines) + "\n"


def page(found: Distances, others: Distances, several: Distances, drifts: str) -> str:
    """Return the page on what was found with the main losses, with the others, and with several outputs."""
    tables = [_table(found, place, epochs) for place, epochs in enumerate(EPOCHS)]
    turned = [words + _turned(part) for words, part in ((OTHERS, others), (SEVERAL, several)) if part]
    about = ABOUT.format(limit=LIMIT, verdict=fill(_verdict(found | others | several), 118, subsequent_indent="  "))
    return "\n".join([about, *tables, *turned, drifts])


def _verdict(found: Distances) -> str:
    above: dict[str, list[str]] = {}
    for (optimizer, loss), apart in found.items():
        if max(map(max, apart)) > LIMIT:
            above.setdefault(optimizer, []).append(loss)
    if not above:
        largest = max(max(map(max, apart)) for apart in found.values())
        return f"All {len(found)} pairs keep it; the largest difference of all is {largest:.1e}."
    kept = len(found) - sum(map(len, above.values()))
    named = "; ".join(f"{optimizer} with {', '.join(losses)}" for optimizer, losses in above.items())
    return f"{kept} of {len(found)} pairs keep it. These do not: {named}."


def _table(found: Distances, place: int, epochs: int) -> str:
    losses = list(dict.fromkeys(loss for _, loss in found))
    lines = [
        f"## After {epochs} epoch{'s' if epochs > 1 else ''}\n",
        f"| weights / History | {' | '.join(losses)} |",
        f"| --- |{' --- |' * len(losses)}",
    ]
    for optimizer in dict.fromkeys(optimizer for optimizer, _ in found):
        pairs = (found[optimizer, loss][place] for loss in losses)
        lines.append(f"| {optimizer} | {' | '.join(' / '.join(map(_short, pair)) for pair in pairs)} |")
    return "\n".join(lines) + "\n"


def _turned(found: Distances) -> str:
    """Return a table with a row for every loss, and a column for every optimizer after each of the epochs."""
    optimizers = list(dict.fromkeys(optimizer for optimizer, _ in found))
    columns = [f"{optimizer}, {epochs}" for optimizer in optimizers for epochs in EPOCHS]
    lines = [f"| weights / History | {' | '.join(columns)} |", f"| --- |{' --- |' * len(columns)}"]
    for loss in dict.fromkeys(loss for _, loss in found):
        cells = (" / ".join(map(_short, pair)) for optimizer in optimizers for pair in found[optimizer, loss])
        lines.append(f"| {loss} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _short(distance: float) -> str:
    text = f"{distance:.1e}" if distance else "0"
    return f"**{text}**" if distance > LIMIT else text


if __name__ == "__main__":
    main, others, several = map(measure, pairs())
    PAGE.write_text(page(main, others, several, drift()))
