"""Options: named numbers that an optimizer or a schedule is set up with, as they are typed and as they are kept."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.errors import Refused, shorten
from core.half_width import with_semicolons
from core.model.literal import parse_number

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Value = bool | float | tuple[float, ...] | str

Options = tuple[tuple[str, Value], ...]
"""Name and value of every option that differs from its default, in the order in which Keras documents them."""

_DECIMAL_COMMA = re.compile(r"([a-z_]\w*+(?:\s*+=\s*+|\s++)[+-]?[0-9]*+),(?=[0-9]++(?:[eE][+-]?[0-9]++)?\s*+(?:,|$))")
"""A comma between digits that no list of numbers can have: what follows a comma is else the name of an option."""

FLAGS = {"": True, "yes": True, "true": True, "no": False, "false": False}


@dataclass(frozen=True)
class Option:
    """One option: what Keras takes if it isn't given, which numbers it may be, and these in words.

    ``kind`` is what a value of it is; ``default`` is None where Keras goes without it, or if it is ``required``. One
    that is a word is one of ``words``.
    """

    name: str
    kind: type[bool] | type[int] | type[float] | type[tuple[float, ...]] | type[str]
    default: Value | None
    accepts: Callable[[float], bool]
    wanted: str
    required: bool = False
    words: tuple[str, ...] = ()


def flag(name: str, default: bool = False) -> Option:
    """Return an option that is on or off; naming it alone turns it on."""
    return Option(name, bool, default, lambda _: True, "yes or no")


def number(name: str, default: float | None, accepts: Callable[[float], bool], wanted: str) -> Option:
    """Return an option that is a number; ``wanted`` says in words which ones ``accepts`` agrees to."""
    return Option(name, float, default, accepts, wanted)


def whole(name: str, default: int | None, least: int) -> Option:
    """Return an option that is a whole number from ``least`` up."""
    wanted = f"a whole number from {least} up"
    return Option(name, int, default, lambda value: value >= least and value % 1 == 0, wanted)


def word(name: str, default: str, words: tuple[str, ...]) -> Option:
    """Return an option that is one of some ``words``."""
    return Option(name, str, default, lambda _: True, f"one of {', '.join(words)}", words=words)


def needed(name: str, accepts: Callable[[float], bool], wanted: str) -> Option:
    """Return an option that is a number and has no default."""
    return Option(name, float, None, accepts, wanted, required=True)


def numbers(name: str, accepts: Callable[[float], bool], wanted: str) -> Option:
    """Return an option that is some numbers and has no default."""
    return Option(name, tuple, None, accepts, wanted, required=True)


def read(text: str, of: str, known: Sequence[Option]) -> Options:
    """Return the options in ``text``, such as ``momentum 0.9, nesterov``; ``of`` is what they belong to.

    Raises:
        Refused: one is not known, comes twice, is missing, or has a value that Keras would not take.
    """
    given: list[tuple[str, Value]] = []
    for part in filter(None, (part.replace("=", " ").strip() for part in _parts(with_semicolons(text)))):
        name, _, value = part.partition(" ")
        given.append((name, _value(_option(name, of, known), value.strip(), of)))
    return checked(tuple(given), of, known)


def _parts(text: str) -> list[str]:
    """Return the options: with a semicolon anywhere a comma is a decimal one, else only in one number after a name."""
    return text.split(";") if ";" in text else _DECIMAL_COMMA.sub(r"\1.", text).split(",")


def checked(options: Options, of: str, known: Sequence[Option]) -> Options:
    """Return ``options`` in order and without those that have their default anyway.

    Raises:
        Refused: see :func:`read`.
    """
    found: dict[str, Value] = {}
    for name, value in options:
        option = _option(name, of, known)
        if name in found:
            raise Refused(f"expected {name} of {of} once, got it twice")
        _require(option, value, of)
        found[name] = value
    for option in known:
        if option.required and option.name not in found:
            raise Refused(f"{of} needs {option.name}, {option.wanted}: write {of} {option.name} ...")
    ordered = ((option.name, found[option.name]) for option in known if option.name in found)
    defaults = {option.name: option.default for option in known}
    return tuple((name, value) for name, value in ordered if value != defaults[name])


def in_words(options: Options) -> str:
    """Return ``options`` as :func:`read` takes them."""
    return ", ".join(_in_words(name, value) for name, value in options)


def values(options: Options, known: Sequence[Option]) -> dict[str, Value | None]:
    """Return the value of every one that is ``known``, by its name: its default where it isn't among ``options``."""
    return {option.name: option.default for option in known} | dict(options)


def arguments(options: Options, known: Sequence[Option]) -> dict[str, Value]:
    """Return ``options`` as Keras takes them: a whole number is an int there."""
    kinds = {option.name: option.kind for option in known}
    return {name: int(value) if kinds[name] is int and isinstance(value, float) else value for name, value in options}


def as_typed(value: float) -> float:
    """Return the shortest number that float32 takes for ``value``, if ``value`` is a float32: 0.9 for 0.8999999762."""
    with np.errstate(over="ignore", under="ignore"):
        single = np.float32(value)
    return float(str(single)) if float(single) == value else value


def _in_words(name: str, value: Value) -> str:
    if isinstance(value, bool):
        return name if value else f"{name} no"
    if isinstance(value, str):
        return f"{name} {value}"
    several = value if isinstance(value, tuple) else (value,)
    return " ".join([name, *(repr(float(one)).removesuffix(".0") for one in several)])


def _option(name: str, of: str, known: Sequence[Option]) -> Option:
    for option in known:
        if option.name == name:
            return option
    if name.isdecimal():
        raise Refused(f"expected an option of {of} after a comma, got {shorten(name)}: write 0.5, or ; between options")
    raise Refused(f"expected an option of {of} out of {', '.join(one.name for one in known)}; got {shorten(name)!r}")


def _value(option: Option, text: str, of: str) -> Value:
    if option.kind is bool:
        if text.lower() not in FLAGS:
            raise Refused(f"expected {option.name} of {of} as yes or no, got {shorten(text)!r}")
        return FLAGS[text.lower()]
    if option.kind is str:
        return text
    if not text:
        raise Refused(f"expected a number after {option.name}, {option.wanted}; got none")
    if option.kind is tuple:
        return tuple(parse_number(one) for one in text.split())
    return parse_number(text)


def _require(option: Option, value: Value, of: str) -> None:
    if isinstance(value, str) or option.kind is str:
        if value not in option.words:
            got = shorten(str(value)) or "nothing"
            raise Refused(f"expected {option.name} of {of} to be {option.wanted}, got {got}")
        return
    # A whole number is a float too: on the wire, and where it is typed.
    kind = float | int if option.kind in (int, float) else option.kind
    of_kind = isinstance(value, kind) and isinstance(value, bool) == (option.kind is bool)
    several = value if isinstance(value, tuple) else (value,)
    if not of_kind or not all(np.isfinite(one) and option.accepts(one) for one in several):
        got = " ".join(f"{one:g}" for one in several) or "nothing"
        raise Refused(f"expected {option.name} of {of} to be {option.wanted}, got {got}")
