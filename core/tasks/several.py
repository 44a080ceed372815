"""Several: the labels of a model of several outputs, each with a task and columns of labels of its own."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from core.errors import shorten
from core.losses import BY_CLASS, Labels
from core.tasks.scores import NAME, OfOutputs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jaxtyping import Bool, Float

    from core.arrays import AnyArray, KerasArray
    from core.losses import Loss
    from core.operations.operation import Shape
    from core.tasks.binary import Binary
    from core.tasks.classes import Classes
    from core.tasks.numbers import Numbers
    from core.tasks.signs import Signs


@dataclass(frozen=True)
class Part:
    """What the labels of one output, called ``name``, mean: which columns of labels and which of outputs are its own.

    ``spread`` is the shape of the outputs, if they are a sequence or an image.
    """

    name: str
    task: Signs | Binary | Classes | Numbers
    labels: slice
    outputs: slice
    spread: Shape = ()

    @property
    def size(self) -> int:
        """How many outputs it has."""
        return int(self.outputs.stop - self.outputs.start)


@dataclass(frozen=True)
class Several:
    """Labels of several outputs in a row, those of one after those of the other."""

    parts: tuple[Part, ...]

    name: ClassVar[str] = "several"

    @property
    def metric(self) -> str:
        """What ``History`` calls how good the first output is."""
        return f"{self.parts[0].name}_{self.parts[0].task.metric}"

    def targets(self, labels: Float[AnyArray, "rows columns"], _outputs: int) -> Float[KerasArray, "rows targets"]:
        """Return the labels as Keras gets them, in a row."""
        each = [part.task.targets(labels[:, part.labels], part.size) for part in self.parts]
        return np.concatenate(each, axis=1)

    def judged(
        self,
        outputs: Float[AnyArray, "rows outputs"],
        labels: Float[AnyArray, "rows columns"],
        kept: Bool[np.ndarray, "rows outputs"] | None = None,
    ) -> OfOutputs:
        """Count or measure each output against its labels, at the places that are kept."""
        return OfOutputs(
            tuple(
                (
                    part.name,
                    part.task.judged(
                        outputs[:, part.outputs],
                        labels[:, part.labels],
                        None if kept is None else kept[:, part.outputs],
                    ),
                )
                for part in self.parts
            )
        )

    def label_text(self, label: Float[AnyArray, "columns"]) -> str:
        """Return one row's labels as they are said."""
        each = (f"{shorten(part.name, NAME)} {part.task.label_text(label[part.labels])}" for part in self.parts)
        return "; ".join(each)

    def in_words(self) -> str:
        """Return how labels and outputs are read."""
        each = (f"{shorten(part.name, NAME)} has {part.task.in_words()}" for part in self.parts)
        return f"{len(self.parts)} outputs. {'. '.join(each)}"


def label_sizes(columns: int, shapes: Sequence[Shape], losses: Sequence[Loss]) -> tuple[int, ...] | None:
    """Return how many of so many label ``columns`` each output of such ``shapes`` has; None if they are none for them.

    An output has a column for each of its numbers or, where its last axis has several, one for each place of them with
    the number of a class: this where its loss takes such, or else where there are as many columns.
    """
    every = tuple(prod(shape) for shape in shapes)
    numbered = tuple(prod(shape[:-1]) if shape[-1] > 1 else prod(shape) for shape in shapes)
    of_losses = [loss.labels for loss in losses] or [Labels.NUMBERS] * len(shapes)
    ways = (
        *(
            tuple(
                one if labels in kinds else all_of_them
                for labels, one, all_of_them in zip(of_losses, numbered, every, strict=True)
            )
            for kinds in ((Labels.CLASSES,), (), BY_CLASS)
        ),
        numbered,
    )
    return next((sizes for sizes in ways if sum(sizes) == columns), None)
