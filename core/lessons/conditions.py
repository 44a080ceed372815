"""What a ``do:`` step waits for: conditions that become true by doing something in the app."""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.errors import Refused, shorten
from core.formatting import count, number, percent
from core.half_width import half_width
from core.lessons.source import quoted
from core.model.literal import format_arrays, parse_arrays, parse_number, parse_numbers
from core.tasks import Answers
from core.typed import whole

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.arrays import Array
    from core.calculation.effect import Effect
    from core.model.network import Network
    from core.model.weights import LayerArrays
    from core.session.state import State

TABS = {
    "data": "Data",
    "training": "Training",
    "weights": "Weights",
    "by-hand": "By hand",
    "set-weights": "Set weights",
}
"""The tabs as a lesson names them, and their titles."""

MOST_EPOCHS = 1_000_000

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "=": operator.eq,
    ">": operator.gt,
    "<": operator.lt,
}

SIGNS = {"positive": 1, "negative": -1, "zero": 0}

FORMS = (
    "'tab by-hand', 'x = 0.3, 0.1', 'predict positive', 'sign accuracy = 100 %', 'epochs >= 150' "
    "or 'weights of output = [[1],[1]], [-0.5]'"
)

_COMPARED = r"\s*(>=|<=|=|>|<)\s*(.*)"


@dataclass(frozen=True, eq=False)
class Seen:
    """What a condition looks at: the state, the open tab, and the effect of the weights where it is known by now."""

    state: State
    tab: str = ""
    effect: Effect | None = None

    @property
    def known(self) -> Effect | None:
        """The effect, unless it is that of other weights."""
        effect = self.effect
        return effect if effect is not None and effect.version == self.state.model.weights.version else None


@dataclass(frozen=True)
class OnTab:
    """A tab is open."""

    tab: str

    def met(self, seen: Seen) -> bool:
        """Return whether it is true now."""
        return seen.tab == self.tab

    def wanted(self) -> str:
        """Return what is to be done."""
        return f"open the {TABS[self.tab]} tab"

    def now(self, seen: Seen) -> str:
        """Return how it is now."""
        return f"the {TABS.get(seen.tab, 'screen')} tab is open" if seen.tab else "no tab is open"


@dataclass(frozen=True)
class Predicts:
    """The prediction for the present x has a sign; one output."""

    sign: int

    def met(self, seen: Seen) -> bool:
        """Return whether it is true now."""
        return seen.known is not None and float(np.sign(seen.known.prediction[0])) == self.sign

    def wanted(self) -> str:
        """Return what is to be done."""
        return "make the prediction " + {1: "positive", -1: "negative", 0: "exactly 0"}[self.sign]

    def now(self, seen: Seen) -> str:
        """Return how it is now."""
        return "it is being calculated" if seen.known is None else f"it is {number(float(seen.known.prediction[0]))}"


@dataclass(frozen=True)
class Accuracy:
    """The sign accuracy on the data compares so with a share of 1, both to a tenth of a per cent."""

    comparison: str
    share: float

    def met(self, seen: Seen) -> bool:
        """Return whether it is true now."""
        evaluation = _evaluation(seen)
        return evaluation is not None and COMPARISONS[self.comparison](
            round(evaluation.accuracy, 3), round(self.share, 3)
        )

    def wanted(self) -> str:
        """Return what is to be done."""
        return f"bring the sign accuracy on the data to {self.comparison} {percent(self.share)}".replace("to = ", "to ")

    def now(self, seen: Seen) -> str:
        """Return how it is now."""
        evaluation = _evaluation(seen)
        return "it is not known here" if evaluation is None else f"it is {percent(evaluation.accuracy)}"


def _evaluation(seen: Seen) -> Answers | None:
    scores = seen.known.data if seen.known is not None else None
    return scores if isinstance(scores, Answers) else None


@dataclass(frozen=True)
class Epochs:
    """So many epochs of the model's training have ended."""

    comparison: str
    epochs: int

    def met(self, seen: Seen) -> bool:
        """Return whether it is true now."""
        return COMPARISONS[self.comparison](_epochs(seen), self.epochs)

    def wanted(self) -> str:
        """Return what is to be done."""
        return f"train until the number of epochs is {self.comparison} {self.epochs:,}".replace("is = ", "is ")

    def now(self, seen: Seen) -> str:
        """Return how it is now."""
        return f"{count(_epochs(seen), 'epoch')} so far"


def _epochs(seen: Seen) -> int:
    run = seen.state.model.run
    return run.epochs if run is not None else 0


@dataclass(frozen=True, eq=False)
class AtX:
    """The point in hand is this one."""

    x: Array

    def met(self, seen: Seen) -> bool:
        """Return whether it is true now."""
        return seen.state.x.shape == self.x.shape and np.allclose(seen.state.x, self.x, rtol=1e-9, atol=1e-9)

    def wanted(self) -> str:
        """Return what is to be done."""
        return f"set x to {_point(self.x)}"

    def now(self, seen: Seen) -> str:
        """Return how it is now."""
        return f"x is {_point(seen.state.x)}"


def _point(x: Array) -> str:
    return shorten(", ".join(f"{value:g}" for value in x[:20]), 60)


@dataclass(frozen=True, eq=False)
class HasWeights:
    """A layer holds exactly these arrays, in float32."""

    layer: str
    arrays: LayerArrays

    def met(self, seen: Seen) -> bool:
        """Return whether it is true now."""
        model = seen.state.model
        held = {layer.name: arrays for layer, arrays in zip(model.network.layers, model.weights.layers, strict=True)}
        mine = held.get(self.layer, ())
        return len(mine) == len(self.arrays) and all(map(np.array_equal, mine, self.arrays))

    def wanted(self) -> str:
        """Return what is to be done."""
        arrays = " ".join(format_arrays(self.arrays)[1:-1].split())
        return f"give {shorten(self.layer)} the weights {shorten(arrays, 60)}"

    def now(self, _seen: Seen) -> str:
        """Return how it is now."""
        return "it holds others"


Condition = OnTab | Predicts | Accuracy | Epochs | AtX | HasWeights


def condition(text: str, network: Network) -> Condition:
    """Return the condition that ``text`` writes down, for a lesson that begins with ``network``.

    Raises:
        Refused: it is none of the known forms, or does not fit the network.
    """
    # A layer's own name may have full-width letters.
    if match := re.fullmatch(r"weights of\s+(.+?)\s*[=＝]\s*(.*)", text):
        return layer_holds(match[1], match[2], network)
    text = half_width(text)
    if match := re.fullmatch(r"tab\s+(\S+)", text):
        return OnTab(tab(match[1]))
    if match := re.fullmatch(r"predict\s+(\S+)", text):
        return _predicts(match[1], network)
    if match := re.fullmatch(rf"sign accuracy{_COMPARED}", text):
        _require_one_number(network)
        return Accuracy(match[1], _share(match[2]))
    if match := re.fullmatch(rf"epochs{_COMPARED}", text):
        return Epochs(match[1], whole("epochs", 0, MOST_EPOCHS)(match[2].replace(",", "")))
    if match := re.fullmatch(r"x\s*=\s*(.*)", text):
        return AtX(parse_numbers(match[1], network.inputs))
    raise Refused(f"expected something to do such as {FORMS}, got {quoted(text)}")


def tab(name: str) -> str:
    """Return ``name`` if a tab is called so.

    Raises:
        Refused: none is.
    """
    if name not in TABS:
        raise Refused(f"expected a tab ({', '.join(TABS)}), got {shorten(name)!r}")
    return name


def _predicts(word: str, network: Network) -> Predicts:
    if word not in SIGNS:
        raise Refused(f"expected 'predict positive', 'predict negative' or 'predict zero', got {shorten(word)!r}")
    _require_one_number(network)
    return Predicts(SIGNS[word])


def _require_one_number(network: Network) -> None:
    if network.outputs != 1:
        raise Refused(f"expected a model with 1 output for this, got {network.outputs}; check something else")


def _share(text: str) -> float:
    per_cent = text.endswith("%")
    share = parse_number(text.removesuffix("%")) / (100 if per_cent else 1)
    if not 0 <= share <= 1:
        raise Refused(f"expected an accuracy from 0 % to 100 %, got {shorten(text)}; write it as 87.5 % or 0.875")
    return share


def layer_holds(layer: str, text: str, network: Network) -> HasWeights:
    """Return what a layer is to hold, written as for ``set_weights`` with its outer brackets or without.

    Raises:
        Refused: there is no such layer, or these are no arrays of it.
    """
    expected = network.arrays_of(network.index(layer))
    axes = len(next(iter(expected.values()), (0, 0)))
    literal = text if text.replace(" ", "").startswith("[" * (axes + 1)) else f"[{text}]"
    return HasWeights(layer, parse_arrays(literal, expected, layer))
