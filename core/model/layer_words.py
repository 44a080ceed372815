"""One layer as words, such as ``Conv2D 8 3x3 relu`` or ``Bidirectional(LSTM 4)``: read, and written again.

After the name of Keras's class come its settings, which are the fields of its layer: in their order as far as they are
numbers, sizes, words of a choice, activations or layers in brackets; flags by their names; any of them as
``name=value``. Nothing here knows one class from another.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from itertools import product
from typing import TYPE_CHECKING, Any

import msgspec

from core.activations import ACTIVATIONS, activation
from core.errors import Refused, shorten
from core.layers.layer import SIZES, Layer
from core.layers.registry import FUNCTION, LAYERS, UNITS
from core.model.files.kept import snake_case
from core.model.files.layer_config import axes_of
from core.model.setting_words import (
    described,
    fitting,
    is_activation,
    is_besides,
    literal_of,
    settings_of,
    takes,
    within,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from msgspec.structs import FieldInfo

    Settings = dict[str, Any]

EXAMPLES = "'5 tanh', 'dropout 0.5', 'LSTM 4' or 'Conv2D 8 3x3 relu'"


def read_layer_words(text: str) -> Layer:
    """Return the layer that ``text`` describes; its name is its class's, in snake case.

    Raises:
        Refused: no class is called so, or a setting is none of its own; the sentence says which there are.
    """
    kind, words = _class_of(_words(text), text)
    settings = _settings(kind, words, [name for name in settings_of(kind) if name != "trainable"])
    for name, usual in kind.unsaid.items():
        if name not in settings:
            settings[name] = settings.get(usual) if isinstance(usual, str) else (usual,) * axes_of(kind)
    made: Layer = _made(kind, {"name": snake_case(kind.__name__), **settings})
    return made


def _class_of(words: list[str], text: str) -> tuple[type[Layer], list[str]]:
    """Return the class that the first word names or stands for, and the words that are its settings."""
    first = words[0] if words else ""
    if first.isascii() and first.isdecimal():
        return UNITS, words
    if first not in LAYERS and first.lower() in ACTIVATIONS:
        return FUNCTION, words
    found = {name.lower(): name for name in LAYERS}.get(first.lower())
    if found is None:
        close = get_close_matches(first, LAYERS, 1)
        advice = f"; did you mean {close[0]}?" if close else ""
        raise Refused(f"expected a layer such as {EXAMPLES}, got {shorten(text.strip())!r}{advice}")
    return LAYERS[found], words[1:]


def _words(text: str) -> list[str]:
    """Return the words of ``text``; what is in brackets is one word, with what is before it if that ends in =."""
    words, depth = [""], 0
    for sign in re.sub(r"\s*=\s*", "=", text):
        apart = depth == 0 and (sign.isspace() or (sign in "([" and not words[-1].endswith("=")))
        if apart:
            words.append("")
        if not (depth == 0 and sign.isspace()):
            words[-1] += sign
        depth += (sign in "([") - (sign in ")]")
    if depth:
        raise Refused(f"expected brackets that are closed, got {shorten(text.strip())!r}")
    return [word for word in words if word]


def parts_of(text: str, separators: str = ",") -> list[str]:
    """Return the parts of ``text`` between separators that are in no brackets, without empty ones."""
    parts, depth = [""], 0
    for sign in text:
        depth += (sign in "([") - (sign in ")]")
        if depth <= 0 and sign in separators:
            parts.append("")
        else:
            parts[-1] += sign
    return [part.strip() for part in parts if part.strip()]


# Settings


def _settings(kind: type[msgspec.Struct], words: list[str], order: list[str]) -> Settings:
    """Return the settings that ``words`` give; those without a name go to the first of ``order`` that takes them."""
    given: Settings = {}
    for word in words:
        name, is_named, value = word.partition("=")
        if is_named and "(" not in name:
            field = _field(kind, name, word)
            settings = {field.name: _read(kind, field, value)}
        else:
            settings = dict([_placed(kind, word, [name for name in order if name not in given])])
        if twice := settings.keys() & given.keys():
            raise Refused(f"expected {twice.pop()} of {kind.__name__} once, got it again as {shorten(word)!r}")
        given |= settings
    return given


def _field(kind: type[msgspec.Struct], name: str, word: str) -> FieldInfo:
    found = settings_of(kind).get(name.strip().lower())
    if found is None:
        raise _unknown(kind, word)
    return found


def _unknown(kind: type[msgspec.Struct], word: str) -> Refused:
    if word in settings_of(kind):
        return Refused(f"expected {word} of {kind.__name__} with a value, as {word}=..., got its name alone")
    close = get_close_matches(word.partition("=")[0], settings_of(kind), 1)
    advice = f"; did you mean {close[0]}?" if close else ""
    known = ", ".join(
        name for name, field in settings_of(kind).items() if name != "trainable" and not is_besides(field)
    )
    if not known:
        return Refused(f"expected {kind.__name__} alone, which has no settings, got {shorten(word)!r}")
    return Refused(f"expected settings of {kind.__name__} ({known}), got {shorten(word)!r}{advice}")


def _placed(kind: type[msgspec.Struct], word: str, unset: list[str]) -> tuple[str, Any]:
    """Return which of the settings that are ``unset`` a word without a name is, and its value."""
    fields = settings_of(kind)
    if word.lower() in fields and fields[word.lower()].type is bool:
        return word.lower(), True
    in_order = sorted((fields[name] for name in unset), key=lambda field: not field.required)
    needed, others = (
        [field for field in in_order if field.required],
        [field for field in in_order if not field.required],
    )
    if word.startswith("("):
        for field in in_order:
            if issubclass(within(field.type)[0], Layer):
                return field.name, _read(kind, field, word)
    value = literal_of(word)
    for these in (needed, others):
        for exactly, field in product((True, False), these):
            if takes(kind, field, value, exactly):
                return field.name, fitting(kind, field, value)
        if these and these is needed and not isinstance(value, str):
            # It is meant for what has to be said, so why it can't be that is worth saying.
            _read(kind, needed[0], word)
    if kind is UNITS and "activation" in unset and word.isidentifier():
        activation(word)
    raise _unknown(kind, word)


def _read(kind: type[msgspec.Struct], field: FieldInfo, word: str) -> Any:
    """Return the value of a setting that ``word`` is meant for.

    Raises:
        Refused: it is none; the sentence says what would be.
    """
    inner, several = within(field.type)
    by_name = word.lower() == "none" or (is_activation(field) and not word.startswith("("))
    if issubclass(inner, msgspec.Struct) and not by_name:
        inside = word[1:-1] if word.startswith("(") else word
        if not issubclass(inner, Layer):
            settings = _settings(inner, _words(inside), list(settings_of(inner)))
            return _made(inner, settings)
        return _numbered(inner, parts_of(inside)) if several else _one(inner, inside)
    value = literal_of(word)
    if is_activation(field) and isinstance(value, str):
        return activation(value.lower()).name
    try:
        return fitting(kind, field, value)
    except ValueError:
        raise Refused(
            f"expected {field.name} of {kind.__name__} to be {described(field)}, got {shorten(word)}"
        ) from None


def _one(wanted: type[Layer], text: str) -> Layer:
    layer = read_layer_words(text)
    if not isinstance(layer, wanted):
        kinds = ", ".join(name for name, kind in LAYERS.items() if issubclass(kind, wanted))
        raise Refused(f"expected one of {kinds} within it, got {shorten(text)!r}")
    return layer


def _numbered(wanted: type[Layer], texts: list[str]) -> tuple[Layer, ...]:
    """Return layers within another, each with a name of its own."""
    return tuple(named([_one(wanted, text) for text in texts]))


def named(layers: list[Layer]) -> Iterator[Layer]:
    """Give layers with a name of their own each: from the second of a name on with its number."""
    seen: dict[str, int] = {}
    for layer in layers:
        number = seen[layer.name] = seen.get(layer.name, 0) + 1
        yield layer if number == 1 else msgspec.structs.replace(layer, name=f"{layer.name}_{number}")


def _made(kind: type[msgspec.Struct], settings: Settings) -> Any:
    for name, field in settings_of(kind).items():
        if field.required and name not in settings:
            raise Refused(f"expected {name} of {kind.__name__}, {described(field)}, got nothing")
    return kind(**settings)


# Writing


def layer_words(layer: Layer) -> str:
    """Return the words that :func:`read_layer_words` reads as this layer, but for names and what is frozen.

    Raises:
        Refused: no words say it.
    """
    kind = type(layer)
    name = kind.__name__
    if LAYERS.get(name) is not kind:
        raise Refused(f"expected a layer that words can say, got {shorten(layer.name)!r}, of the class {name}")
    words = _setting_words(layer)
    if kind in (UNITS, FUNCTION) and words and "=" not in words[0]:
        return " ".join(words)
    return " ".join([name, *words]).replace(f"{name} (", f"{name}(", 1)


def _setting_words(struct: msgspec.Struct) -> list[str]:
    """Return the words for those settings that are not as without a word."""
    kind, words, given = type(struct), [], set[str]()
    for name, field in sorted(settings_of(kind).items(), key=lambda named: not named[1].required):
        value = getattr(struct, name)
        if name == "trainable" or _goes_unsaid(struct, field):
            continue
        word = _word(kind, field, value)
        words.append(word if _stands_alone(kind, field, word, given) else f"{name}={word}")
        if value is True:
            words[-1] = name
        given.add(name)
    return words


def _goes_unsaid(struct: msgspec.Struct, field: FieldInfo) -> bool:
    value = getattr(struct, field.name)
    if not field.required:
        return bool(value == field.default)
    # What says most of a layer is said.
    usual = struct.unsaid.get(field.name) if isinstance(struct, Layer) and field.name not in SIZES else None
    if usual is None:
        return False
    return bool(value == (getattr(struct, usual) if isinstance(usual, str) else (usual,) * axes_of(type(struct))))


def _stands_alone(kind: type[msgspec.Struct], field: FieldInfo, word: str, given: set[str]) -> bool:
    """Return whether a word without the setting's name is taken for it."""
    try:
        name, value = _placed(kind, word, [name for name in settings_of(kind) if name not in {*given, "trainable"}])
    except Refused:
        return False
    return name == field.name and _word(kind, field, value) == word


def _word(kind: type[msgspec.Struct], field: FieldInfo, value: Any) -> str:
    """Return one value as a word."""
    if isinstance(value, Layer):
        return f"({layer_words(value)})"
    if isinstance(value, msgspec.Struct):
        return f"({' '.join(_setting_words(value))})"
    if isinstance(value, tuple) and value and all(isinstance(one, Layer) for one in value):
        return f"({', '.join(map(layer_words, value))})"
    for word in (*_sizes(value), repr(value).replace(" ", ""), str(value)):
        try:
            if repr(fitting(kind, field, literal_of(word))) == repr(value):
                return word
        except ValueError:
            continue
    raise Refused(f"expected settings that words can say, got {field.name} {shorten(str(value))!r}")


def _sizes(value: object) -> list[str]:
    whole = isinstance(value, tuple) and bool(value) and all(type(one) is int for one in value)
    return ["x".join(map(str, value))] if whole and isinstance(value, tuple) else []
