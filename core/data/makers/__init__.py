"""Makers of data: each a rule or a shape with its settings, from which the same points come every time.

A maker is a frozen struct whose fields are its settings, ``points`` and ``seed`` always among them. It knows its
``kind`` and ``title``, the ``inputs`` and the ``shape`` of a point (of one that is no picture, ()), the
``label_names`` of classes that have names, the ``extent`` of a picture's plane (None for all that the points take
up), whether its points are ``fixed``, so that no seed makes others, the model that is ``suited`` to learn them and,
if it has that setting, what its ``noise_is``. Its ``make`` gives the points and, a row for each, their labels, both
float32; a :data:`Rule` labels any other point too.
"""

from __future__ import annotations

from core.data.makers.bars import Bars
from core.data.makers.blobs import Blobs
from core.data.makers.circle import CircleRule
from core.data.makers.digits import Digits
from core.data.makers.iris import Iris
from core.data.makers.kind import Suited
from core.data.makers.moons import Moons
from core.data.makers.nothing import Nothing
from core.data.makers.plane import PlaneRule
from core.data.makers.sine import SineRule
from core.data.makers.spiral import Spiral
from core.data.makers.sum import SumRule, usual_threshold
from core.data.makers.xor import XorRule

Rule = SumRule | CircleRule | XorRule | PlaneRule | SineRule
"""Makers that can say the label of any point."""

Maker = Rule | Moons | Spiral | Blobs | Bars | Digits | Iris

MAKERS: dict[str, type[Maker]] = {
    "sum": SumRule,
    "circle": CircleRule,
    "xor": XorRule,
    "moons": Moons,
    "spiral": Spiral,
    "blobs": Blobs,
    "plane": PlaneRule,
    "sine": SineRule,
    "bars": Bars,
    "digits": Digits,
    "iris": Iris,
}
"""Every maker by its kind, the tutorial's rule first."""

__all__ = [
    "MAKERS",
    "Bars",
    "Blobs",
    "CircleRule",
    "Digits",
    "Iris",
    "Maker",
    "Moons",
    "Nothing",
    "PlaneRule",
    "Rule",
    "SineRule",
    "Spiral",
    "Suited",
    "SumRule",
    "XorRule",
    "usual_threshold",
]
