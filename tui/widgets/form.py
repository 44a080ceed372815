"""Form: labelled fields, one a line, each with its own message beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Label, Select, Static
from textual.widgets._select import SelectCurrent, SelectOverlay  # Textual makes them by name, in compose

from core.errors import Refused
from tui.widgets.text_field import TextField

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult


class FieldRefused(Refused):
    """What stands in the field called ``field`` doesn't fit what stands in another."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Field:
    """One line of a form: ``read`` turns what was typed into a value or refuses it; ``choices`` make a list of it.

    A ``wide`` one, as for a path, has all the room beside its label; what is refused stands below it.
    """

    name: str
    label: str
    read: Callable[[str], Any]
    hint: str = ""
    choices: Sequence[str] = ()
    wide: bool = False


class Choices(SelectOverlay):
    """An open list, whose keys stand in the footer."""

    BINDINGS: ClassVar = [
        Binding("enter", "select", "Choose"),
        Binding("escape", "dismiss", "Leave the list"),
    ]


class Choice(Select[str], inherit_bindings=False):
    """A list that opens by its arrow keys and space; enter is the form's."""

    BINDINGS: ClassVar = [Binding("down,up,space", "show_overlay", "Choose")]

    def compose(self) -> ComposeResult:
        yield SelectCurrent(self.prompt)
        yield Choices(type_to_search=self._type_to_search).data_bind(compact=Select.compact)


class Entry(TextField):
    """A line to type in; enter is the form's, and stands in the footer as such."""

    BINDINGS: ClassVar = [Binding("enter", "screen.accept", "Do it")]


class Line(Horizontal):
    """A field on the screen: its label, where its value is typed or chosen, and its message."""

    def __init__(self, field: Field, value: str) -> None:
        super().__init__(id=f"line-{field.name}", classes="wide" if field.wide else None)
        self.field = field
        self._value = value

    def compose(self) -> ComposeResult:
        if self.field.wide:
            with Horizontal():
                yield from self._label_and_entry()
        else:
            yield from self._label_and_entry()
        yield Static(self.field.hint, classes="hint", markup=False)

    def _label_and_entry(self) -> ComposeResult:
        yield Label(self.field.label, markup=False)
        if self.field.choices:
            pairs = [(choice, choice) for choice in self.field.choices]
            yield Choice(pairs, value=self._value, allow_blank=False, compact=True)
        else:
            yield Entry(self._value, compact=True, select_on_focus=True)

    @on(Input.Changed)
    @on(Select.Changed)
    def _forget_refusal(self) -> None:
        """Have the hint again once what was refused is no longer what stands there."""
        if self.refused:
            self.say("")

    @property
    def refused(self) -> bool:
        """Whether its message says what is wrong with its value."""
        return self.query_one(".hint", Static).has_class("refusal")

    @property
    def value(self) -> str:
        """What stands in the field."""
        if self.field.choices:
            return str(self.query_one(Choice).value)
        return self.query_one(Input).value

    @value.setter
    def value(self, value: str) -> None:
        if self.field.choices:
            self.query_one(Choice).value = value
        else:
            self.query_one(Input).value = value

    def say(self, message: str) -> None:
        """Show ``message`` beside the field, or its hint again if there is none."""
        note = self.query_one(".hint", Static)
        note.update(message or self.field.hint)
        note.set_class(bool(message), "refusal")

    def hint(self, hint: str) -> None:
        """Show another ``hint`` beside the field from now on."""
        self.field = replace(self.field, hint=hint)
        self.say("")

    def focus_field(self) -> None:
        """Put the focus where the value is typed."""
        self.query_one(Select if self.field.choices else Input).focus()


class Form(Vertical):
    """Fields that are read all at once: either every one is good, or each bad one says what is wrong."""

    def __init__(self, fields: Sequence[Field], values: dict[str, str], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._fields = fields
        self._values = values

    def compose(self) -> ComposeResult:
        for field in self._fields:
            yield Line(field, self._values[field.name])

    def line(self, name: str) -> Line:
        """Return the line of the field called ``name``."""
        return self.query_one(f"#line-{name}", Line)

    @property
    def refused(self) -> Line | None:
        """The first line that says what is wrong with its value."""
        return next((line for line in self._lines if line.refused), None)

    @property
    def _lines(self) -> list[Line]:
        """The lines that are shown: what is hidden is not asked for."""
        return [line for line in self.query(Line) if line.display]

    def typed(self) -> dict[str, Any] | None:
        """Return every field's value, or None if one of them is bad, about which nothing is said."""
        try:
            return {line.field.name: line.field.read(line.value) for line in self._lines}
        except Refused:
            return None

    def read(self) -> dict[str, Any] | None:
        """Return every field's value, or None after saying beside each bad one what is wrong with it."""
        values: dict[str, Any] = {}
        bad: list[Line] = []
        for line in self._lines:
            try:
                values[line.field.name] = line.field.read(line.value)
                line.say("")
            except Refused as refusal:
                line.say(str(refusal))
                bad.append(line)
        if bad:
            bad[0].focus_field()
            return None
        return values
