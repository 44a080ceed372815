"""What is tried of each random model, and what comes of it."""

from __future__ import annotations

import traceback
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Any

from tests.wild import calculations, paper, saving, sloping, trainings
from tests.wild.compiled import Compiled
from tests.wild.trial import Differs, NotTried, Trial

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Told = tuple[str, "Came", str]
    """Which check, what came of it, and what is to be said."""


class Came(StrEnum):
    """What comes of a check; what Keras or byhand refuses is not tried."""

    SAME = "tried"
    NOT_TRIED = "not tried"
    DIFFERS = "differs"


OF_ANY: dict[str, Callable[[Trial], None]] = {
    "predictions": calculations.predicted,
    "terms": calculations.opened,
    "agreement": paper.agreed,
    "script": paper.scripted,
    "spreadsheet": paper.calculated_in_cells,
    "practice": paper.practised,
}
OF_COMPILED: dict[str, Callable[[Compiled], None]] = {
    "effect of a weight": calculations.changed,
    "losses": trainings.evaluated,
    "metrics": trainings.counted,
    "slopes": sloping.sloped,
    "training": trainings.trained,
    "saving": saving.saved,
}
OPENING, COMPILING = "opening", "reading how it was compiled"
CHECKS = (OPENING, *OF_ANY, COMPILING, *OF_COMPILED)


def try_seed(seed: int, folder: Path) -> Iterator[Told]:
    """Give what comes of each check of the model of a seed, as far as it goes."""
    trial, told = _made(OPENING, lambda: Trial.of(seed, folder))
    yield told
    if trial is None:
        return
    for name, check in OF_ANY.items():
        yield _made(name, partial(check, trial))[1]
    compiled, told = _made(COMPILING, lambda: Compiled.of(trial))
    yield told
    if compiled is not None:
        for name, of in OF_COMPILED.items():
            yield _made(name, partial(of, compiled))[1]


def _made(check: str, make: Callable[[], Any]) -> tuple[Any, Told]:
    try:
        return make(), (check, Came.SAME, "")
    except NotTried as reason:
        return None, (check, Came.NOT_TRIED, str(reason))
    except Differs as reason:
        return None, (check, Came.DIFFERS, str(reason))
    except Exception:
        return None, (check, Came.DIFFERS, "".join(traceback.format_exc().splitlines(keepends=True)[-7:]))
