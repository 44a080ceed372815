"""Every action once: its key, its name in footer and palette, and its line in the help."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum

from textual.binding import Binding, BindingType
from textual.keys import key_to_character


class Shown(IntEnum):
    """When a command stands in the footer, the most needed first; what does not fit is left out whole."""

    ALWAYS = 0
    AT_80 = 1
    AT_120 = 2
    IF_ROOM = 3
    NEVER = 4


@dataclass(frozen=True)
class Command:
    """One thing that a key does. ``name`` is short, and without one neither footer nor palette have it.

    Without a line for the help it has none there. ``everywhere`` makes it work in dialogs and fields too.
    """

    key: str
    action: str
    name: str
    help: str
    shown: Shown = Shown.AT_80
    everywhere: bool = False

    def binding(self) -> Binding:
        """Return the command as Textual binds it."""
        shown = bool(self.name) and self.shown is not Shown.NEVER
        return Binding(self.key, self.action, self.name, show=shown, priority=self.everywhere, group=_Carried(self))

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys as they stand on a keyboard."""
        return tuple(on_keyboard(key) for key in self.key.split(","))


@dataclass(frozen=True)
class _Carried(Binding.Group):
    """Brings a command through Textual, which makes every binding anew and hands on its group."""

    command: Command | None = None

    def __init__(self, command: Command) -> None:
        super().__init__()
        object.__setattr__(self, "command", command)


def command_of(binding: Binding) -> Command | None:
    """Return the command that ``binding`` was made of, or None where it is Textual's or a dialog's own."""
    return binding.group.command if isinstance(binding.group, _Carried) else None


def bindings(commands: tuple[Command, ...]) -> list[BindingType]:
    """Return ``commands`` as a Textual BINDINGS list."""
    return [command.binding() for command in commands]


_KEYS = {"escape": "esc", "minus": "-", "plus": "+", "pageup": "page up", "pagedown": "page down"}


def on_keyboard(key: str) -> str:
    """Return Textual's ``key`` as it stands on a keyboard: ``<`` for less_than_sign, ``^o`` for ctrl and o."""
    character = key_to_character(key) or ""
    if character.isprintable() and character.strip():
        return character
    return _KEYS.get(key, key.replace("ctrl+", "^"))


ALWAYS, AT_120, IF_ROOM, NEVER = Shown.ALWAYS, Shown.AT_120, Shown.IF_ROOM, Shown.NEVER

NEXT_PART = "go to the next part of the tab, or to the one before"

EVERYWHERE = (
    Command("1", "tab('data')", "Data", "go to Data", NEVER),
    Command("2", "tab('training')", "Training", "go to Training", NEVER),
    Command("3", "tab('weights')", "Weights", "go to Weights", NEVER),
    Command("4", "tab('by-hand')", "By hand", "go to By hand", NEVER),
    Command("5", "tab('set-weights')", "Set weights", "go to Set weights", NEVER),
    Command("u", "undo", "Undo", "take the last change back", IF_ROOM),
    Command("U", "redo", "Redo", "do it again", IF_ROOM),
    Command("d", "digits(1)", "Digits", "one more digit (after 9 comes 1)", IF_ROOM),
    Command("D", "digits(-1)", "Fewer digits", "one digit less", IF_ROOM),
    Command("left_square_bracket", "epoch(-1)", "Epoch before", "show the epoch before, on every tab", IF_ROOM),
    Command("right_square_bracket", "epoch(1)", "Next epoch", "show the next epoch, on every tab", IF_ROOM),
    Command("left_curly_bracket", "epoch(-10)", "Ten back", "show the epoch ten before", IF_ROOM),
    Command("right_curly_bracket", "epoch(10)", "Ten on", "show the epoch ten further on", IF_ROOM),
    Command("i", "words", "Words", "hide or show the sentences that explain", IF_ROOM),
    Command("l", "light", "Light/dark", "change between the light and the dark theme", IF_ROOM),
    Command("L", "lessons", "Lessons", "begin a lesson; hide, show or leave the one that runs", AT_120),
    Command("A", "lesson_step", "Lesson's step", "answer the lesson's step; if it is done, go on", IF_ROOM),
    Command("B", "lesson_x", "Lesson's x", "in a lesson: put x and the model back to what its step is about", NEVER),
    Command("ctrl+o", "open", "Open", "open a model, or weights alone", IF_ROOM),
    Command("I", "in_file", "In this file", "what is to be told of the file that was opened", IF_ROOM),
    Command("ctrl+s", "save", "Save", "save the model, the data or both"),
    Command("ctrl+p", "command_palette", "Palette", "find any action by its name", AT_120, everywhere=True),
    Command("question_mark,f1", "help", "Help", "what the keys do here; type to search, enter does it", ALWAYS),
    Command("f2", "picture", "Screenshot", "save a picture of the screen, an .svg file", NEVER),
    Command("ctrl+l", "redraw", "Redraw", "draw the whole screen anew, if something else wrote on it", NEVER),
    Command("ctrl+k", "start_keras", "Keras anew", "end Keras's process, if it is stopped or caught; start one", NEVER),
    Command("ctrl+z", "suspend_process", "Stop", "go back to the shell for a while; fg there continues", NEVER),
    Command("q", "leave", "Quit", "leave byhand", ALWAYS),
    Command("ctrl+c", "how_to_leave", "How to quit", "say how to leave", NEVER),
    Command("ctrl+q", "leave", "Quit", "leave byhand, from within a field too", ALWAYS, everywhere=True),
    Command("tab", "focus_next", "", NEXT_PART, NEVER),
    Command("shift+tab", "focus_previous", "", NEXT_PART, NEVER),
)

NUMBERS = (
    Command("f", "look", "Picture", "of numbers: predicted against true, how far off, over one input, on the plane"),
    Command("F", "output", "Output", "of numbers: show the next output", IF_ROOM),
)
"""What the tabs do that draw labels that are numbers beside their predictions."""

CONFUSION = Command(
    "C", "confusion", "Confusion", "of classes: see the whole confusion matrix, however many there are", IF_ROOM
)

DATA = (
    Command(
        "s", "settings", "Settings", "make data: the tutorial's, circle, xor, spiral, blobs, a sine, digits, iris ..."
    ),
    Command("o", "open_data", "Open", "open a data file, .csv or .npz: yours, or one that was saved here"),
    Command("m", "preset", "Tutorial part", "take the other part of the tutorial: two inputs, five inputs", AT_120),
    Command("x", "use", "Use as x", "calculate this row by hand"),
    Command("k", "task", "Task", "choose what the labels mean: signs, 0 and 1, classes, numbers"),
    Command("e", "edit", "Edit", "edit the row under the cursor: its inputs, label and weight"),
    Command("a", "add", "Add", "add a row at the end, which begins as the one under the cursor", AT_120),
    Command("-", "take_out", "Take out", "take the row under the cursor out", IF_ROOM),
    Command("N", "noise", "Noise", "add noise to every input of every row, drawn by a seed", IF_ROOM),
    Command("S", "shuffle", "Shuffle", "shuffle the rows by a seed, as before a validation split", IF_ROOM),
    *(replace(command, shown=IF_ROOM) for command in NUMBERS),
)

TRAINING = (
    Command("space", "want('START')", "Train", "start the training from the weights shown, or let it go on"),
    Command("space", "want('STOP')", "Stop", "stop the training"),
    Command("escape", "want('NOT_NOW')", "Don't train", "while Keras starts: take back that it trains then"),
    Command("full_stop", "want('EPOCH')", "Epoch", "train one epoch and wait"),
    Command("comma", "want('BATCH')", "One batch", "train one batch and wait", IF_ROOM),
    Command("greater_than_sign", "want('TEN_EPOCHS')", "Ten epochs", "train ten epochs and wait", IF_ROOM),
    Command("x", "want('END')", "End", "end a training that waits", IF_ROOM),
    Command("o", "want('GO_ON')", "Go on", "train the epochs left of a training that ended before its last", IF_ROOM),
    Command("y", "want('PLAY')", "Play", "play the training from its first epoch, or pause", AT_120),
    Command("+,equals_sign", "want('FASTER')", "Faster", "play faster, up to all at once", IF_ROOM),
    Command("-", "want('SLOWER')", "Slower", "play slower, down to 1 epoch a second", IF_ROOM),
    Command("left", "choose(-1)", "Setting before", "choose the setting before", IF_ROOM),
    Command("right", "choose(1)", "Next setting", "choose the next setting", IF_ROOM),
    Command("up", "turn(1)", "More", "turn the chosen setting up and train again", IF_ROOM),
    Command("down", "turn(-1)", "Less", "turn the chosen setting down and train again", IF_ROOM),
    Command("home", "first_epoch", "First epoch", "show the weights that the training began with", IF_ROOM),
    Command("end", "last_epoch", "Last epoch", "show the last epoch", IF_ROOM),
    Command("g", "go_to_epoch", "Go to epoch", "show the epoch of a number, or the nearest one kept", IF_ROOM),
    Command("s", "settings", "Settings", "change every setting in a form"),
    Command("r", "reset", "Reset", "go back to the same initial weights", AT_120),
    Command("c", "pin", "Pin", "keep this training under a name, to compare it", IF_ROOM),
    Command("v", "runs", "Runs", "see the pinned trainings, and return to one", IF_ROOM),
    Command("p", "points", "Points", "hide or show the points on the boundary", IF_ROOM),
    *NUMBERS,
    CONFUSION,
)

FINDING = (
    Command("g", "go_to", "Go to", "go to a row and a column", IF_ROOM),
    Command("f", "find", "Find", "go to the next number that is > 0.5, == 0, nan ..."),
    Command("F", "find_next", "Find again", "go to the next one of these", IF_ROOM),
    Command("m", "extreme(True)", "Largest", "go to the number with the largest absolute value", IF_ROOM),
    Command("M", "extreme(False)", "Smallest", "go to the number with the smallest absolute value", IF_ROOM),
)
"""What the two tabs do that show a layer's numbers."""

SLICES = (
    Command("S", "look", "Slices", "a convolution as a table, as slices of two axes, as pictures (Weights)", IF_ROOM),
    Command("x", "axes", "Axes", "in a slice: take the next two axes as rows and columns", NEVER),
    Command("comma", "step(0, -1)", "Back", "in a slice: one back along the first of the other axes", NEVER),
    Command("full_stop", "step(0, 1)", "On", "in a slice: one on along it", NEVER),
    Command("less_than_sign", "step(1, -1)", "Back", "in a slice: one back along the second of them", NEVER),
    Command("greater_than_sign", "step(1, 1)", "On", "in a slice: one on along it", NEVER),
)
"""What they do of a kernel that has more than two axes."""

WEIGHTS = (
    Command("j", "layer(1)", "Next layer", "show the next layer"),
    Command("k", "layer(-1)", "Layer before", "show the layer before", IF_ROOM),
    Command("w", "watch", "Watch", "draw this weight over the epochs, then all of its unit, then none"),
    Command("o", "compare", "Compare", "list what changed against the initial weights, an epoch, a file or before"),
    Command("b", "units", "Units", "list the units that are dead, saturated or constant on the data", IF_ROOM),
    Command("c", "copy", "Copy", "copy the layer as the Python that set_weights takes", IF_ROOM),
    Command("t", "export", "Take away", "take an array, a layer or all away: for Python, NumPy, Keras; as tables"),
    *FINDING,
    *SLICES,
)

BY_HAND = (
    Command("x", "point", "Set x", "type the point to calculate, or a file: rows.csv row 7, cat.png resized 0..1"),
    Command("n", "next(1)", "Next row", "take the next row of the data as x; in a practice, go to the next blank"),
    Command("N", "next(-1)", "Row before", "the row, or the blank, before", IF_ROOM),
    Command("j", "layer(1)", "Next layer", "go to the next layer; home and end: the ends of the row", IF_ROOM),
    Command(
        "k", "layer(-1)", "Layer before", "go to the layer before; ^home and ^end: the first and last line", IF_ROOM
    ),
    Command("g", "go_to", "Go to", "go to a number by its name, such as h3, or to a layer by its", IF_ROOM),
    Command("enter", "enter", "Unfold", "open the number into its terms, backspace goes back; in a practice, answer"),
    Command("e", "edit", "What if", "try another number here; the model stays as it is", IF_ROOM),
    Command("p", "practise", "Practise", "calculate numbers that are left blank, and be marked; or end that"),
    Command("m", "mark", "Mark", "mark this number with ?, to be left blank in a practice", IF_ROOM),
    Command("h", "hint", "Hint", "in a practice: the next term of this number", IF_ROOM),
    Command("v", "reveal", "Reveal", "in a practice: give this number up and see it", IF_ROOM),
    Command("escape", "leave_practice", "Leave", "leave a practice", IF_ROOM),
    Command(
        "y", "yours", "Yours", "type the output that you have, to compare it with those by hand and Keras's", AT_120
    ),
    Command("f", "fractions", "Fractions", "write 1/3 for 0.3333 where a fraction is exact", IF_ROOM),
    Command("b", "put_back", "Put back", "put all changed numbers back", IF_ROOM),
    Command("o", "loss", "Loss", "calculate the loss of this x by hand, for any of Keras's losses", IF_ROOM),
    Command(
        "r", "rounding", "Round", "round what is printed (shown), or carry the rounded numbers on (carried)", IF_ROOM
    ),
    Command(
        "t",
        "take_away",
        "Take away",
        "copy or save the calculation; in a practice, a worksheet and its key",
        IF_ROOM,
    ),
)

SELECT = "select numbers: hold shift and press arrows, home or end, or drag with the mouse; escape lets go"

SET_WEIGHTS = (
    Command("enter,e", "edit", "Edit", "type a number, or a formula such as w*2, for the one under the cursor"),
    Command("shift+right", "extend(0, 1)", "Select", SELECT, NEVER),
    Command("c", "change", "Change", "change what is selected, a row, a column or all: formula, zero, round, .npy ..."),
    Command("p", "paste", "Paste", "give the layer all its arrays as a Python literal"),
    Command(
        "P",
        "paste_into",
        "Paste into",
        "paste a table into the selection, the array, a row or a column",
        IF_ROOM,
    ),
    Command("w", "give", "From a file", "give the model a file's weights, after a table of which goes where", IF_ROOM),
    Command("t", "take_away", "Take away", "take what is selected, or the array, away as text or a file", IF_ROOM),
    Command("a", "always_right", "Always right", "take the tutorial's model that is right everywhere"),
    Command("R", "rules", "Rules", "build a model from a rule: sum, x_i, AND, OR, XOR, majority, parity", IF_ROOM),
    Command("T", "tutorial", "Tutorial's", "take the weights that the tutorial prints", AT_120),
    Command("n", "new", "New", "start a new model of any Dense shape", IF_ROOM),
    Command(
        "z",
        "freeze",
        "Freeze",
        "keep the layer, or the model chosen in the list, from trainings; or no more",
        IF_ROOM,
    ),
    Command("u", "app.undo", "Undo", "take the last change back", IF_ROOM),
    Command(
        "v",
        "view",
        "View",
        "see the boundary, or predicted numbers, before and now, and who changed side",
        IF_ROOM,
    ),
    CONFUSION,
    Command("s", "steps", "Steps", "see every step, and go back or on to one", IF_ROOM),
    Command("j", "layer(1)", "Next layer", "show the next layer", IF_ROOM),
    Command("k", "layer(-1)", "Layer before", "show the layer before", IF_ROOM),
    *FINDING,
    *SLICES,
)

# What the keys of a widget do, wherever it stands

TO_NUMBER = "go from number to number"
PAGES = "go a page up or down"

MOVES = (
    Command("up", "move(-1, 0)", "", TO_NUMBER, NEVER),
    Command("down", "move(1, 0)", "", TO_NUMBER, NEVER),
    Command("left", "move(0, -1)", "", TO_NUMBER, NEVER),
    Command("right", "move(0, 1)", "", TO_NUMBER, NEVER),
    Command("pageup", "page(-1)", "", PAGES, NEVER),
    Command("pagedown", "page(1)", "", PAGES, NEVER),
)

MATRIX = (
    *MOVES,
    Command("home", "move_to_column(0)", "", "go to the first or the last column", NEVER),
    Command("end", "move_to_column(-1)", "", "go to the first or the last column", NEVER),
    Command("ctrl+home", "move_to_row(0)", "", "go to the first or the last row", NEVER),
    Command("ctrl+end", "move_to_row(-1)", "", "go to the first or the last row", NEVER),
    Command("enter", "choose", "", "", NEVER),
)

SELECTING = (
    Command("shift+right", "extend(0, 1)", "", SELECT, NEVER),
    Command("shift+left", "extend(0, -1)", "", "", NEVER),
    Command("shift+up", "extend(-1, 0)", "", "", NEVER),
    Command("shift+down", "extend(1, 0)", "", "", NEVER),
    Command("shift+home", "extend_to_end(-1)", "", "", NEVER),
    Command("shift+end", "extend_to_end(1)", "", "", NEVER),
    Command("escape", "let_go", "", "", NEVER),
)

EDITING = (
    Command("tab", "enter_and_move(1)", "", "enter the number and go to the next one, or to the one before", NEVER),
    Command(
        "shift+tab", "enter_and_move(-1)", "", "enter the number and go to the next one, or to the one before", NEVER
    ),
)

PICTURES = (
    *MOVES,
    Command("home", "move_to(None, 0)", "", "go to the first or the last filter", NEVER),
    Command("end", "move_to(None, -1)", "", "go to the first or the last filter", NEVER),
    Command("ctrl+home", "move_to(0, None)", "", "go to the first or the last channel", NEVER),
    Command("ctrl+end", "move_to(-1, None)", "", "go to the first or the last channel", NEVER),
    Command("enter", "choose", "Numbers", "see the numbers of this picture"),
)

CALCULATION = (
    Command("up", "walk(-1)", "", TO_NUMBER, NEVER),
    Command("down", "walk(1)", "", TO_NUMBER, NEVER),
    Command("left", "step(-1)", "", TO_NUMBER, NEVER),
    Command("right", "step(1)", "", TO_NUMBER, NEVER),
    Command("pageup", "walk(-10)", "", "go ten lines up or down", NEVER),
    Command("pagedown", "walk(10)", "", "go ten lines up or down", NEVER),
    Command("home", "step(-1000000000)", "", "go to the first or the last number of the row", NEVER),
    Command("end", "step(1000000000)", "", "go to the first or the last number of the row", NEVER),
    Command("ctrl+home", "end(-1)", "", "go to the first or the last line", NEVER),
    Command("ctrl+end", "end(1)", "", "go to the first or the last line", NEVER),
)

UNFOLDED = (
    Command("enter", "follow", "Follow", "go to where this number came from"),
    Command("backspace", "back", "Back", "go back to the number before"),
    Command("escape", "leave", "To the page", "leave the terms"),
    Command("up", "walk(-1)", "", "go from term to term", NEVER),
    Command("down", "walk(1)", "", "go from term to term", NEVER),
    Command("left", "factor(-1)", "", "go from factor to factor", NEVER),
    Command("right", "factor(1)", "", "go from factor to factor", NEVER),
    Command("pageup", "page(-1)", "", PAGES, NEVER),
    Command("pagedown", "page(1)", "", PAGES, NEVER),
    Command("home", "walk(-1000000000)", "", "go to the first or the last term", NEVER),
    Command("end", "walk(1000000000)", "", "go to the first or the last term", NEVER),
)

FIELD = (
    Command("enter", "submit", "Take", "take what is typed"),
    Command("escape", "leave", "Leave unchanged", "leave the field, and everything as it was"),
)

LESSON = (
    Command("enter", "go_on", "Go on", "go on with the lesson"),
    Command("enter", "others", "Another lesson", "choose another lesson, now that this one is finished"),
    Command("escape", "leave", "Back to the tab", "go back to the tab"),
)

SCROLL_PAGE = "scroll the page while the field stays"

LESSON_FIELD = (
    Command("enter", "submit", "Answer", "answer the lesson's step"),
    LESSON[-1],
    Command("up", "scroll(-1)", "", SCROLL_PAGE, NEVER),
    Command("down", "scroll(1)", "", SCROLL_PAGE, NEVER),
    Command("pageup", "scroll(-10)", "", SCROLL_PAGE, NEVER),
    Command("pagedown", "scroll(10)", "", SCROLL_PAGE, NEVER),
    # No number has these letters, so they are the same keys here as everywhere.
    Command("L", "app.lessons", "", "", NEVER, everywhere=True),
    Command("B", "app.lesson_x", "", "", NEVER, everywhere=True),
)

LESSON_OPTIONS = (Command("enter", "select", "Answer", "answer the lesson's step"),)

PARTS = (
    Command("tab", "next_part(1)", "", NEXT_PART, NEVER),
    Command("shift+tab", "next_part(-1)", "", NEXT_PART, NEVER),
)
"""Of a tab whose parts are chosen by more than where the focus can be."""

SECTIONS: tuple[tuple[str | None, str, tuple[Command, ...]], ...] = (
    (None, "Everywhere", EVERYWHERE),
    ("data", "1 Data", DATA),
    ("training", "2 Training", TRAINING),
    ("weights", "3 Weights", WEIGHTS),
    ("by-hand", "4 By hand", BY_HAND),
    ("set-weights", "5 Set weights", SET_WEIGHTS),
)
"""The id of the tab that the commands belong to, its title, and the commands."""
