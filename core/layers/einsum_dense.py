"""EinsumDense: weighted sums of any axes, said in letters: ``abc,cd->abd`` is a Dense layer's over steps.

Formula: Keras 3 documentation, "EinsumDense layer".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from core.errors import Refused, shorten
from core.layers.activations import as_added, finished
from core.layers.layer import Function, Layer
from core.model.penalised import Constraint, Regularizer
from core.operations.axes import usual

if TYPE_CHECKING:
    from core.layers.layer import Weights
    from core.layers.writer import Writer
    from core.operations.operation import Shape
    from core.operations.program import Value

REST = "..."
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


class Letters(NamedTuple):
    """The letters of the axes, without that of the points: of what is given, the kernel and what is made.

    ``said`` are those of what is made that the equation has itself.
    """

    given: str
    kernel: str
    made: str
    said: str


class EinsumDense(Layer, frozen=True, kw_only=True, tag="EinsumDense"):
    """``activation(einsum(equation, inputs, kernel) + bias)``; the bias has the axes ``bias_axes``.

    ``output_shape`` has the sizes of the equation's own axes of what is made, without the points.
    """

    equation: str
    output_shape: int | tuple[int | None, ...]
    activation: Function = "linear"
    bias_axes: str | None = None
    kernel_regularizer: Regularizer | None = None
    bias_regularizer: Regularizer | None = None
    kernel_constraint: Constraint | None = None
    bias_constraint: Constraint | None = None

    summed = ("kernel", "bias")

    def weights(self, *shapes: Shape) -> dict[str, Shape]:
        """Return a kernel with an axis for each of its letters and, if it has axes, a bias."""
        letters = self._letters(len(shapes[0]))
        sizes = self._sizes(letters, shapes[0])
        found = {"kernel": tuple(sizes[letter] for letter in letters.kernel)}
        if self.bias_axes:
            first = min(map(letters.made.find, self.bias_axes))
            found["bias"] = tuple(sizes[one] if one in self.bias_axes else 1 for one in letters.made[first:])
        return found

    def call(self, on: Writer, w: Weights, inputs: Value) -> Value:
        """Write down the weighted sums, the pre-activations and their activation."""
        letters = self._letters(inputs.rank)
        total = inputs.dot(f"{letters.given},{letters.kernel}->{letters.made}", w["kernel"])
        held = {name: as_added(total, array) for name, array in w.items()}
        return finished(on, held, total, self.activation, *usual(total.rank))

    def _letters(self, rank: int) -> Letters:
        """Return the letters of the axes of inputs with so many.

        Raises:
            Refused: the equation does not say how such inputs and a kernel come to a sum for each point.
        """
        left, _, made = self.equation.replace(" ", "").partition("->")
        given, _, kernel = left.partition(",")
        rest = [one for one in LETTERS if one not in self.equation][: max(0, rank + 1 - len(given.replace(REST, "")))]
        whole = [one.replace(REST, "".join(rest)) for one in (given, made)]
        said = made.replace(REST, "")
        said = said[1:] if said[:1] == whole[1][:1] else said
        (point, given), (same, made) = ((one[:1], one[1:]) for one in whole)
        each = (given, kernel, made)
        fits = len(given) == rank and point == same != "" and all(len(set(one)) == len(one) for one in each)
        fits = fits and point not in given + kernel + made and (kernel + made).isalpha()
        fits = fits and set(kernel) <= set(given + made) and set(given) <= set(kernel + made)
        fits = fits and set(made) <= set(given + kernel) and set(self.bias_axes or "") <= set(said)
        if not fits:
            raise Refused(
                f"{self.name}: expected an equation of inputs of {rank} axes and a kernel that leaves points apart, "
                f"got {shorten(self.equation)}"
            )
        return Letters(given, kernel, made, said)

    def _sizes(self, letters: Letters, shape: Shape) -> dict[str, int]:
        """Return the sizes of the axes by their letters.

        Raises:
            Refused: ``output_shape`` does not have them, or another one than the inputs.
        """
        told = self.output_shape if isinstance(self.output_shape, tuple) else (self.output_shape,)
        sizes = dict(zip(letters.given, shape, strict=True))
        fits = len(told) == len(letters.said)
        for letter, size in zip(letters.said, told, strict=False):
            known = sizes.setdefault(letter, size or 0)
            fits = fits and known > 0 and size in (None, known)
        if not fits:
            raise Refused(f"{self.name}: expected sizes of what {self.equation} makes of {shape}, got {told}")
        return sizes
