"""Settings of a layer as words: what one word can be, which settings take it, and what each can be, said in words.

A setting is a field of its layer, and what it can be is its type: nothing here knows one class from another.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

import msgspec

from core.activations import ACTIVATIONS
from core.layers.layer import OF_KERAS_2, Function, Layer, fields_of
from core.model.files.layer_config import axes_of

if TYPE_CHECKING:
    from msgspec.structs import FieldInfo

MOST = 1_000_000
"""The largest whole number of a setting."""

_CONSTANTS = {"true": True, "false": False, "none": None}
_WHOLE = re.compile(r"-?[0-9]+")
_SIZES = re.compile(r"-?[0-9]{1,12}(x-?[0-9]{1,12})+")
_REAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]{1,4})?", re.IGNORECASE)
_LIST = re.compile(r"([-+0-9.e\s,()\[\]]|none){1,1000}", re.IGNORECASE)


def settings_of(kind: type[msgspec.Struct]) -> dict[str, FieldInfo]:
    """Return the settings of a class by their names, in order."""
    return {name: field for name, field in fields_of(kind).items() if name not in ("name", OF_KERAS_2)}


def literal_of(word: str) -> object:
    """Return the number, the sizes or the list that a word is, or True, False or None; else the word."""
    if word.lower() in _CONSTANTS:
        return _CONSTANTS[word.lower()]
    if _WHOLE.fullmatch(word):
        return int(word[:16])
    if _SIZES.fullmatch(word):
        return tuple(map(int, word.split("x")))
    # Beside semicolons a comma is a decimal one.
    real = word.replace(",", ".") if word.count(",") == 1 and word[:1] != "(" else word
    if _REAL.fullmatch(real):
        return float(real)
    if word[:1] in "([" and _LIST.fullmatch(word):
        return _list(word)
    return word


def _list(word: str) -> object:
    text = re.sub(r",\s*\]", "]", word.lower().replace("(", "[").replace(")", "]").replace("none", "null"))
    try:
        return _tuples(json.loads(text))
    except (ValueError, RecursionError):
        return word


def _tuples(value: object) -> object:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def takes(kind: type[msgspec.Struct], field: FieldInfo, value: object, exactly: bool) -> bool:
    """Return whether a setting can be ``value``, where nothing says that it is meant; ``exactly``: as it stands."""
    if value is None or isinstance(value, bool):
        return False
    is_word = isinstance(value, str)
    if is_word and not (is_activation(field) or _is_choice(field.type)):
        return False
    try:
        made = fitting(kind, field, value)
    except ValueError:
        return False
    return not exactly or is_word or type(made) is type(value)


def is_activation(field: FieldInfo) -> bool:
    """Return whether a setting is an activation."""
    return field.type == Function and field.name.endswith("activation")


def _is_choice(wanted: Any) -> bool:
    return any(get_origin(one) is Literal for one in (wanted, *get_args(wanted)))


def fitting(kind: type[msgspec.Struct], field: FieldInfo, value: object) -> Any:
    """Return ``value`` as a setting has it: one size is every axis's.

    Raises:
        ValueError: it is none for it.
    """
    _require_small(value)
    if isinstance(value, str) and is_activation(field):
        if value.lower() not in ACTIVATIONS:
            raise ValueError
        return value.lower()
    tried = [value]
    if type(value) is int and issubclass(kind, Layer) and not _may_be_open(field.type):
        tried.append((value,) * axes_of(kind))
    for one in tried:
        try:
            made = msgspec.convert(one, field.type)
        except msgspec.ValidationError:
            continue
        if not isinstance(one, float) or isinstance(made, float):
            return made
    raise ValueError


def _may_be_open(wanted: Any) -> bool:
    """Return whether sizes can be left open in a setting: they are those of other axes than a window's."""
    sizes = [size for one in (wanted, *get_args(wanted)) if get_origin(one) is tuple for size in get_args(one)]
    return any(type(None) in get_args(size) for size in sizes)


def _require_small(value: object) -> None:
    if isinstance(value, tuple):
        for one in value:
            _require_small(one)
    elif isinstance(value, int) and abs(value) > MOST:
        raise ValueError


def within(wanted: Any) -> tuple[type, bool]:
    """Return the kind of layer, or of what a layer has besides, that a setting is, and whether it is several."""
    for one in (wanted, *get_args(wanted)):
        if isinstance(one, type) and issubclass(one, msgspec.Struct):
            return one, get_origin(wanted) is tuple
    return object, False


def is_besides(field: FieldInfo) -> bool:
    """Return whether a setting is none of the arithmetic: a regularizer or a constraint."""
    inner, _ = within(field.type)
    return issubclass(inner, msgspec.Struct) and not issubclass(inner, Layer)


def described(field: FieldInfo) -> str:
    """Return in words what a setting can be."""
    if is_activation(field):
        return "an activation, such as relu or (LeakyReLU 0.2)"
    if issubclass(within(field.type)[0], Layer):
        return "a layer in brackets, such as (LSTM 4)"
    schema = msgspec.json.schema(field.type)
    whole = f"a whole number from {schema.get('minimum', 0):,} to {MOST:,}"
    kinds = {"integer": whole, "string": "a word", "boolean": "True or False", "null": "None"}
    kinds |= {"array": "sizes such as 3x3", "number": "a number"}
    if "maximum" in schema:
        kinds["number"] = f"a number from {schema['minimum']:g} to {schema['maximum']:g}"
    words = []
    for form in schema.get("anyOf", [schema]):
        words += [str(one) for one in form["enum"]] if "enum" in form else [kinds.get(form.get("type"), "a value")]
    return " or ".join(words)
