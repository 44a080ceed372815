"""Numbers as a person types or pastes them: one number, a point, or arrays as Python and NumPy write them.

Nothing is evaluated. What ``get_weights()`` prints can be pasted as it is: nested lists or tuples, ``array(...)``
and ``np.array(..., dtype=float32)``, with commas or, as NumPy prints, with spaces.
"""

from __future__ import annotations

import re
from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import Refused, shorten
from core.formatting import count, number
from core.half_width import with_commas, with_semicolons
from core.model.weights import checked_arrays

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt
    from jaxtyping import Float

    from core.arrays import Array
    from core.model.weights import LayerArrays
    from core.operations.operation import Shape

MAX_TEXT = 2_000_000
"""Characters that are read at most."""

MAX_DEPTH = 8
"""How deep lists may be nested."""

MAX_DIGITS = 400
"""Characters of one number; more cannot change a float32, and only cost time."""

_NUMBER = r"[+-]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?"
_ONE_NUMBER = re.compile(_NUMBER)
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]*+,[0-9]++(?:[eE][+-]?[0-9]++)?")
_WITHOUT_POINT = re.compile(r"[+-]?[0-9]*+(?:,[0-9]++)?(?:[eE][+-]?[0-9]++)?")
_FRACTION = re.compile(r"([+-]?[0-9]++)\s*+/\s*+([0-9]++)")

_NUMBERS = rf"{_NUMBER}(?:(?:\s*+,\s*+|\s++){_NUMBER})*+"

# Possessive quantifiers (++) keep the time linear; a row, or a run of numbers, is one token to keep it short.
_TOKEN = re.compile(
    rf"""(?P<space>\s++)
    | (?P<row>\[\s*+{_NUMBERS}\s*+(?:,\s*+)?\])
    | (?P<numbers>{_NUMBERS})
    | (?P<array>(?:np\.|numpy\.)?array\s*+\()
    | (?P<dtype>dtype\s*+=\s*+(?:np\.|numpy\.)?(?P<quote>['"]?)(?:bool|float\d++|u?int\d++)(?P=quote))
    | (?P<open>[\[(])
    | (?P<close>[\])])
    | (?P<comma>,)""",
    re.VERBOSE,
)

_GLUED = re.compile(r"[\w.+-]")
"""What cannot follow a number without a space or comma between."""

Nested = float | list["Nested"]


class _List:
    """A bracket that is still open: what it holds so far, and whether a comma may or must come."""

    def __init__(self, opening: str) -> None:
        self.items: list[Nested] = []
        self.opening = opening
        self.comma = False
        self.had_comma = False
        self.dtype = False

    def value(self) -> Nested:
        """Return what the closed bracket stands for; a parenthesis without a comma only groups."""
        if self.opening == "array(" or (self.opening == "(" and len(self.items) == 1 and not self.had_comma):
            return self.items[0]
        return self.items


def parse_number(text: str) -> float:
    """Return the one number in ``text``: a decimal (0.25, or 0,25 as it is written in many countries) or 1/4.

    Raises:
        Refused: it is something else, or float32 cannot hold it.
    """
    stripped = with_commas(text).strip()
    if fraction := _FRACTION.fullmatch(stripped):
        return _divided(*fraction.groups())
    if _DECIMAL_COMMA.fullmatch(stripped):
        stripped = stripped.replace(",", ".")
    if not _ONE_NUMBER.fullmatch(stripped):
        raise Refused(f"expected a number such as -0.25, 1/3 or 1e-3, got {_quoted(stripped)}")
    return _checked(stripped)


def _divided(above: str, below: str) -> float:
    divisor = _checked(below)
    if divisor == 0:
        raise Refused(f"expected a number, got {shorten(above)}/{shorten(below)}, which divides by 0")
    return _checked(above) / divisor


def parse_numbers(text: str, expected_count: int) -> Float[Array, "inputs"]:
    """Return ``expected_count`` numbers that commas, semicolons or spaces separate, with or without brackets.

    A comma is a decimal one where semicolons (or ``、``) separate, and where spaces do, as in ``0,3 0,1``.

    Raises:
        Refused: there are more or fewer, or one is not a number.
    """
    _refuse_long(text.strip()[: MAX_TEXT + 1])
    inner = with_semicolons(text).strip()
    if inner[:1] + inner[-1:] in ("[]", "()"):
        inner = inner[1:-1].strip().removesuffix(",")
    parts = _parts(inner.strip(), expected_count)
    if len(parts) != expected_count:
        got = next((_quoted(part) for part in parts if part and not _is_number(part)), str(len(parts)))
        raise Refused(f"expected {count(expected_count, 'number')} separated by commas, got {got}")
    return np.array([parse_number(part) for part in parts], dtype=np.float64)


def _is_number(text: str) -> bool:
    try:
        parse_number(text)
    except Refused:
        return False
    return True


def _parts(text: str, expected_count: int) -> list[str]:
    if ";" in text:
        return re.split(r"\s*+;\s*+", text)
    words = text.split()
    # With a comma in a word, there are more parts if it separates: only one of both readings has the wanted count.
    if "," in text and len(words) == expected_count and all(map(_WITHOUT_POINT.fullmatch, words)):
        return words
    return re.split(r"\s*+,\s*+|\s++", text) if text else []


def parse_array(text: str) -> Array:
    """Return the array that ``text`` writes down as a Python or NumPy literal.

    Raises:
        Refused: it is no such literal, is ragged (the message names the first bad place), or holds a number
            that float32 cannot.
    """
    nested = _parse(text)
    return _rectangular(nested, "")


def parse_arrays(text: str, expected: Mapping[str, Shape], name: str) -> LayerArrays:
    """Return what ``set_weights`` of the layer called ``name`` takes: a list of the ``expected`` arrays.

    Raises:
        Refused: as :func:`parse_array`, or the arrays are not of these shapes.
    """
    return checked_arrays(name, expected, parse_list(text, name))


def parse_list(text: str, name: str) -> list[Array]:
    """Return the arrays of a list for the layer called ``name``, whatever their shapes are.

    Raises:
        Refused: as :func:`parse_array`, or it is no list.
    """
    nested = _parse(text)
    if not isinstance(nested, list):
        raise Refused(f"{shorten(name)}: expected a list of arrays such as [[[1.0], [1.0]], [-0.5]], got one number")
    return [_rectangular(item, f"array {place}, ") for place, item in enumerate(nested, start=1)]


def format_array(values: npt.NDArray[Any], digits: int | None = None) -> str:
    """Return ``values`` as a literal that :func:`parse_array` reads; with ``digits`` None to the same numbers."""
    array = np.asarray(values)
    if array.ndim == 0:
        return _text(array.reshape(1), digits)[0]
    return _nested_text(array, digits, 1)


def format_arrays(arrays: LayerArrays, digits: int | None = None) -> str:
    """Return a layer's arrays as the literal that :func:`parse_arrays` reads."""
    return "[" + ", ".join(format_array(array, digits) for array in arrays) + "]"


def _nested_text(array: npt.NDArray[Any], digits: int | None, depth: int) -> str:
    if array.ndim == 1:
        return "[" + ", ".join(_text(array, digits)) + "]"
    between = ",\n" + " " * depth
    return "[" + between.join(_nested_text(part, digits, depth + 1) for part in array) + "]"


def _text(values: npt.NDArray[Any], digits: int | None) -> list[str]:
    if digits is not None:
        return [number(value, digits) for value in values]
    # NumPy writes the shortest text that gives back the same number of the array's type.
    return [str(text) for text in values.astype(str)]


def _quoted(text: str) -> str:
    return repr(shorten(text)) if text else "nothing"


def _refuse_long(text: str) -> None:
    if len(text) > MAX_TEXT:
        raise Refused(f"expected at most {MAX_TEXT:,} characters, got more")


def _parse(text: str) -> Nested:
    _refuse_long(text)
    text = with_commas(text)
    outermost = _List("")
    open_lists = [outermost]
    position, spaced = 0, True
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or not _take(match, open_lists, spaced):
            raise _unexpected(text, position)
        spaced = match.lastgroup != "numbers"
        if not spaced and _GLUED.match(text, match.end()):
            raise _unexpected(text, match.end() - len(_split(match.group())[-1]))
        position = match.end()
    if len(open_lists) > 1:
        raise Refused(f"expected {count(len(open_lists) - 1, 'more closing bracket')} at the end, got none")
    if not outermost.items:
        raise Refused("expected numbers in brackets such as [[1.0], [1.0]], got nothing")
    return outermost.items[0]


def _take(match: re.Match[str], open_lists: list[_List], spaced: bool) -> bool:
    """Take one token into the innermost open list; False if it cannot stand there."""
    innermost = open_lists[-1]
    match match.lastgroup:
        case "space":
            return True
        case "numbers":
            return spaced and _take_numbers(match.group(), innermost)
        case "row":
            if not _may_hold_more(innermost):
                return False
            _refuse_deep(len(open_lists))
            innermost.items.append(_floats(match.group()[1:-1]))
            innermost.comma = False
            return True
        case "open" | "array":
            return _may_hold_more(innermost) and _open(match, open_lists)
        case "close":
            return _close(match.group(), open_lists)
        case "comma":
            return _comma(innermost)
        case _:  # dtype, with or without quotes
            allowed = innermost.opening == "array(" and bool(innermost.items) and innermost.comma
            innermost.dtype = True
            return allowed


def _may_hold_more(innermost: _List) -> bool:
    """A call of array, and the text as a whole, hold one value."""
    single = innermost.opening in ("", "array(")
    return not (innermost.dtype or (single and innermost.items))


def _take_numbers(run: str, innermost: _List) -> bool:
    numbers = _floats(run)
    if not _may_hold_more(innermost) or (innermost.opening in ("", "array(") and len(numbers) > 1):
        return False
    innermost.items.extend(numbers)
    innermost.comma = False
    innermost.had_comma |= "," in run
    return True


def _split(run: str) -> list[str]:
    return run.replace(",", " ").split()


def _floats(run: str) -> list[Nested]:
    values = _split(run)
    if max(map(len, values)) > MAX_DIGITS:
        return [_checked(value) for value in values]
    numbers: list[Nested] = list(map(float, values))
    return [_checked(value) for value in values] if inf in numbers or -inf in numbers else numbers


def _refuse_deep(depth: int) -> None:
    if depth > MAX_DEPTH:
        raise Refused(f"expected lists nested at most {MAX_DEPTH} deep, got more")


def _open(match: re.Match[str], open_lists: list[_List]) -> bool:
    _refuse_deep(len(open_lists))
    open_lists.append(_List("array(" if match.lastgroup == "array" else match.group()))
    return True


def _close(bracket: str, open_lists: list[_List]) -> bool:
    closed = open_lists[-1]
    if len(open_lists) == 1 or bracket != {"[": "]", "(": ")", "array(": ")"}[closed.opening]:
        return False
    if closed.opening == "array(" and not closed.items:
        return False
    open_lists.pop()
    open_lists[-1].items.append(closed.value())
    open_lists[-1].comma = False
    return True


def _comma(innermost: _List) -> bool:
    allowed = bool(innermost.items) and not innermost.comma and innermost.opening != ""
    innermost.comma = innermost.had_comma = True
    return allowed


def _unexpected(text: str, position: int) -> Refused:
    line = text.count("\n", 0, position) + 1
    column = position - text.rfind("\n", 0, position)
    word = re.compile(r"[^\s,\[\]()]++|.", re.DOTALL).match(text, position)
    found = shorten(word.group()) if word else ""
    hint = " (NumPy left numbers out when it printed this)" if found.startswith("...") else ""
    return Refused(
        f"expected numbers in brackets such as [[1.0], [1.0]], got {found!r} at line {line}, column {column}{hint}"
    )


def _checked(text: str) -> float:
    if len(text) > MAX_DIGITS:
        raise Refused(f"expected a number of at most {MAX_DIGITS} characters, got {len(text):,}")
    value = float(text)
    _refuse_beyond_float32(np.array(value), text)
    return value


def _refuse_beyond_float32(values: Array, text: str) -> None:
    with np.errstate(over="ignore"):
        held = np.isfinite(values.astype(np.float32))
    if not held.all():
        raise Refused(f"expected a number that float32 holds (up to 3.4e38), got {shorten(text)}")


def _rectangular(nested: Nested, prefix: str) -> Array:
    shape = _shape(nested)
    _require_shape(nested, shape, prefix, ())
    values = np.array(nested, dtype=np.float64)
    largest = float(np.max(np.abs(values), initial=0.0))
    _refuse_beyond_float32(np.array(largest), f"{largest:g}")
    return values


def _shape(nested: Nested) -> tuple[int, ...]:
    """Return the shape as the first numbers tell it."""
    shape = []
    while isinstance(nested, list):
        shape.append(len(nested))
        if not nested:
            break
        nested = nested[0]
    return tuple(shape)


def _require_shape(nested: Nested, shape: tuple[int, ...], prefix: str, place: tuple[int, ...]) -> None:
    """Refuse the first place that does not hold what the first row makes one expect there."""
    if not shape:
        if isinstance(nested, list):
            raise Refused(f"{prefix}{_where(place)}: expected a number, got a list of {len(nested)}")
        return
    if not isinstance(nested, list):
        raise Refused(f"{prefix}{_where(place)}: expected a list of {shape[0]}, got the number {nested:g}")
    if len(nested) != shape[0]:
        what = count(shape[0], "number") if len(shape) == 1 else count(shape[0], "list")
        raise Refused(f"{prefix}{_where(place)}: expected {what} as in the first, got {len(nested)}")
    if len(shape) == 1 and all(type(item) is float for item in nested):
        return
    for position, item in enumerate(nested, start=1):
        _require_shape(item, shape[1:], prefix, (*place, position))


def _where(place: tuple[int, ...]) -> str:
    match place:
        case ():
            return "here"
        case (row,):
            return f"row {row}"
        case (row, column):
            return f"row {row}, column {column}"
        case _:
            return "place " + ", ".join(str(position) for position in place)
