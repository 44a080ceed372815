"""All that a number is made of, found at once as arrays of places, is what is found one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.calculation.calculated import calculated
from core.calculation.expression import Gathered, Leaf
from core.operations.rounding import EXACT
from tests.graphs import attending, both_ways, convolving, normalized, recurrent

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.calculation.calculated import Calculated
    from core.model.files.opening import OpenedGraph

MODELS = [attending, both_ways, convolving, normalized, recurrent]


def _done(made: Callable[[], OpenedGraph]) -> Calculated:
    model = made()
    random = np.random.default_rng(0)
    point = [random.normal(size=[3 if size is None else size for size in given.shape]) for given in model.graph.inputs]
    return calculated(model.graph, model.weights, point, EXACT)


@pytest.mark.parametrize("made", MODELS)
def test_origins_are_what_a_number_is_made_of(made: Callable[[], OpenedGraph]) -> None:
    done = _done(made)
    for value in done.values:
        for index in {(0,) * len(value.shape), tuple(size - 1 for size in value.shape)}:
            spot = value.spot(index)
            found = [source.spot(tuple(at)) for source, rows in done.origins(spot) for at in rows.tolist()]
            assert len(set(found)) == len(found)
            assert set(found) == set(done.made_of(spot, 10_000))


@pytest.mark.parametrize("made", MODELS)
def test_the_parts_of_a_sums_terms_are_found_all_at_once(made: Callable[[], OpenedGraph]) -> None:
    done = _done(made)
    for value in done.values:
        expression = done.open(value.spot((0,) * len(value.shape)))
        if isinstance(expression, Gathered):
            one_by_one = {
                (at, done.spot(part.place))
                for at in range(len(expression))
                for part in expression.term(at)
                if isinstance(part, Leaf) and part.place is not None and done.spot(part.place) is not None
            }
            at_once = {
                (int(term), source.spot(tuple(index)))
                for source, terms, at in done.terms_of(expression)
                for term, index in zip(terms, at.tolist(), strict=True)
            }
            assert one_by_one == at_once
