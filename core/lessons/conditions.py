"""What a ``do:`` step waits for: conditions that become true by doing something in the app."""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from core.errors import Refused, shorten
from core.formatting import count, number, percent
from core.half_width import half_width
from core.lessons.lesson import Do, Looked
from core.lessons.source import quoted
from core.model.literal import format_arrays, parse_arrays, parse_number, parse_numbers
from core.names import listed_within
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
    """What a check looks at: the state, the open tab, the effect of the weights where it is known by now, and the ``x``
    that the step is about, None for any.
    """

    state: State
    tab: str = ""
    effect: Effect | None = None
    x: Array | None = None

    @property
    def strays(self) -> bool:
        """Whether x is another one than that which the step is about, and could be that one."""
        return self.x is not None and self.x.size == self.state.model.network.inputs and not _same(self.x, self.state.x)

    @property
    def asked(self) -> State:
        """The state with the x that the step is about."""
        return replace(self.state, x=self.x) if self.x is not None and self.strays else self.state

    @property
    def known(self) -> Effect | None:
        """The effect, unless it is that of other weights."""
        effect = self.effect
        return effect if effect is not None and effect.version == self.state.model.weights.version else None


def condition(text: str, network: Network) -> Do:
    """Return what ``text`` writes down to be done, for a lesson that begins with ``network``.

    Raises:
        Refused: it is none of the known forms, or does not fit the network.
    """
    for pattern, made in CONDITIONS.items():
        # A layer's own name may have full-width letters.
        if match := re.fullmatch(pattern, text if made is _holding else half_width(text)):
            return made(network, *match.groups())
    raise Refused(f"expected something to do such as {FORMS}, got {quoted(half_width(text))}")


def _on_tab(_network: Network, name: str) -> Do:
    def look(seen: Seen) -> Looked:
        there = f"the {TABS.get(seen.tab, 'screen')}" if seen.tab else "no"
        return Looked(seen.tab == name, f"{there} tab is open")

    return Do(f"open the {TABS[tab(name)]} tab", look)


def _predicting(network: Network, word: str) -> Do:
    """Return that the prediction for the present x has a sign; one output."""
    if word not in SIGNS:
        raise Refused(f"expected 'predict positive', 'predict negative' or 'predict zero', got {shorten(word)!r}")
    _require_one_number(network)

    def look(seen: Seen) -> Looked:
        if seen.known is None:
            return Looked(False, "it is being calculated")
        prediction = float(seen.known.prediction[0])
        return Looked(float(np.sign(prediction)) == SIGNS[word], f"it is {number(prediction)}")

    return Do(f"make the prediction {'exactly 0' if word == 'zero' else word}", look, moves_x=True)


def _accuracy(network: Network, comparison: str, text: str) -> Do:
    """Return that the sign accuracy on the data compares so with a share of 1, both to a tenth of a per cent."""
    _require_one_number(network)
    share = _share(text)

    def look(seen: Seen) -> Looked:
        scores = None if seen.known is None else seen.known.data
        if not isinstance(scores, Answers):
            return Looked(False, "it is not known here")
        met = COMPARISONS[comparison](round(scores.accuracy, 3), round(share, 3))
        return Looked(met, f"it is {percent(scores.accuracy)}")

    return Do(f"bring the sign accuracy on the data to {comparison} {percent(share)}".replace("to = ", "to "), look)


def _epochs(_network: Network, comparison: str, text: str) -> Do:
    """Return that so many epochs of the model's training have ended."""
    epochs = whole("epochs", 0, MOST_EPOCHS)(text.replace(",", ""))

    def look(seen: Seen) -> Looked:
        run = seen.state.model.run
        ended = 0 if run is None else run.epochs
        return Looked(COMPARISONS[comparison](ended, epochs), f"{count(ended, 'epoch')} so far")

    return Do(f"train until the number of epochs is {comparison} {epochs:,}".replace("is = ", "is "), look)


def _at(network: Network, text: str) -> Do:
    x = parse_numbers(text, network.inputs)

    def look(seen: Seen) -> Looked:
        return Looked(_same(seen.state.x, x), f"x is {point_in_words(seen.state.x)}")

    return Do(f"set x to {point_in_words(x)}", look, lambda session: session.set_x(x), moves_x=True, x=x)


def _same(x: Array, other: Array) -> bool:
    return x.shape == other.shape and np.allclose(x, other, rtol=1e-9, atol=1e-9)


def point_in_words(x: Array) -> str:
    """Return a point as a lesson says it; of a long one its beginning."""
    return listed_within([f"{value:g}" for value in x[:20]], 60)


def _holding(network: Network, layer: str, text: str) -> Do:
    """Return that a layer holds exactly these arrays, in float32."""
    arrays = arrays_for(layer, text, network)

    def look(seen: Seen) -> Looked:
        model = seen.state.model
        names = [one.name for one in model.network.layers]
        mine = dict(zip(names, model.weights.layers, strict=True)).get(layer, ())
        return Looked(len(mine) == len(arrays) and all(map(np.array_equal, mine, arrays)), "it holds others")

    return Do(
        f"give {shorten(layer)} the weights {shorten(' '.join(format_arrays(arrays)[1:-1].split()), 60)}",
        look,
        lambda session: session.set_layer(session.state.model.network.index(layer), arrays),
    )


CONDITIONS: dict[str, Callable[..., Do]] = {
    r"weights of\s+(.+?)\s*[=＝]\s*(.*)": _holding,
    r"tab\s+(\S+)": _on_tab,
    r"predict\s+(\S+)": _predicting,
    rf"sign accuracy{_COMPARED}": _accuracy,
    rf"epochs{_COMPARED}": _epochs,
    r"x\s*=\s*(.*)": _at,
}
"""What can be written, as a pattern -> what makes it of the lesson's network and the pattern's groups."""


def tab(name: str) -> str:
    """Return ``name`` if a tab is called so.

    Raises:
        Refused: none is.
    """
    if name not in TABS:
        raise Refused(f"expected a tab ({', '.join(TABS)}), got {shorten(name)!r}")
    return name


def _require_one_number(network: Network) -> None:
    if network.outputs != 1:
        raise Refused(f"expected a model with 1 output for this, got {network.outputs}; check something else")


def _share(text: str) -> float:
    per_cent = text.endswith("%")
    share = parse_number(text.removesuffix("%")) / (100 if per_cent else 1)
    if not 0 <= share <= 1:
        raise Refused(f"expected an accuracy from 0 % to 100 %, got {shorten(text)}; write it as 87.5 % or 0.875")
    return share


def arrays_for(layer: str, text: str, network: Network) -> LayerArrays:
    """Return what a layer is to hold, written as for ``set_weights`` with its outer brackets or without.

    Raises:
        Refused: there is no such layer, or these are no arrays of it.
    """
    expected = network.arrays_of(network.index(layer))
    axes = len(next(iter(expected.values()), (0, 0)))
    literal = text if text.replace(" ", "").startswith("[" * (axes + 1)) else f"[{text}]"
    return parse_arrays(literal, expected, layer)
