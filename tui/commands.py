"""Every action once: its key, its name in the footer and the palette, and its line in the help."""

from __future__ import annotations

from dataclasses import dataclass

from textual.binding import Binding, BindingType
from textual.keys import key_to_character


@dataclass(frozen=True)
class Command:
    """One thing that a key does. ``footer`` is its short name there; ``everywhere`` makes it work in dialogs too."""

    key: str
    action: str
    footer: str
    help: str
    shown: bool = True
    everywhere: bool = False

    def binding(self) -> Binding:
        """Return the command as Textual binds it."""
        return Binding(self.key, self.action, self.footer, show=self.shown, tooltip=self.help, priority=self.everywhere)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys as they stand on a keyboard: ``<`` and not ``less_than_sign``, ``^o`` for ctrl and o."""
        return tuple(_on_keyboard(key) for key in self.key.split(","))


def _on_keyboard(key: str) -> str:
    character = key_to_character(key) or ""
    return character if character.isprintable() and character.strip() else key.replace("ctrl+", "^")


EVERYWHERE = (
    Command("1", "tab('data')", "Data", "go to Data", shown=False),
    Command("2", "tab('training')", "Training", "go to Training", shown=False),
    Command("3", "tab('weights')", "Weights", "go to Weights", shown=False),
    Command("4", "tab('by-hand')", "By hand", "go to By hand", shown=False),
    Command("5", "tab('set-weights')", "Set weights", "go to Set weights", shown=False),
    Command("u", "undo", "Undo", "take the last change back", shown=False),
    Command("U", "redo", "Redo", "do it again", shown=False),
    Command("d", "digits(1)", "Digits", "one more digit (after 9 comes 1)", shown=False),
    Command("D", "digits(-1)", "Fewer digits", "one digit less", shown=False),
    Command("left_square_bracket", "epoch(-1)", "Epoch before", "show the epoch before, on every tab", shown=False),
    Command("right_square_bracket", "epoch(1)", "Next epoch", "show the next epoch, on every tab", shown=False),
    Command("left_curly_bracket", "epoch(-10)", "Ten back", "show the epoch ten before", shown=False),
    Command("right_curly_bracket", "epoch(10)", "Ten on", "show the epoch ten further on", shown=False),
    Command("i", "words", "Words", "hide or show the sentences that explain", shown=False),
    Command("l", "light", "Light/dark", "change between the light and the dark theme", shown=False),
    Command("L", "lessons", "Lessons", "begin a lesson; hide, show or leave the one that runs", shown=False),
    Command("A", "lesson_step", "Lesson's step", "answer the lesson's step; if it is done, go on", shown=False),
    Command("ctrl+o", "open", "Open", "open a .keras file", shown=False),
    Command("ctrl+s", "save", "Save", "save the model, the data or both"),
    Command("question_mark,f1", "help", "Help", "show all keys"),
    Command("ctrl+l", "redraw", "Redraw", "draw the whole screen anew, if something else wrote on it", shown=False),
    Command("q", "leave", "Quit", "leave byhand"),
    Command("ctrl+c", "how_to_leave", "How to quit", "say how to leave", shown=False),
    Command("ctrl+q", "leave", "Quit", "leave byhand, from within a field too", shown=False, everywhere=True),
)

DATA = (
    Command(
        "s",
        "settings",
        "Settings",
        "make data: the tutorial's, circle, xor, spiral, blobs, a sine, digits, iris ...",
    ),
    Command("o", "open_data", "Open", "open a data file, .csv or .npz: yours, or one that was saved here"),
    Command("m", "preset", "Tutorial part", "take the other part of the tutorial: two inputs, five inputs"),
    Command("x", "use", "Use as x", "calculate this row by hand"),
    Command("k", "task", "Task", "choose what the labels mean: signs, 0 and 1, classes, numbers"),
)

TRAINING = (
    Command("space", "want('TOGGLE')", "Train", "start the training from the weights shown, stop it, or let it go on"),
    Command("full_stop", "want('EPOCH')", "Epoch", "train one epoch and wait"),
    Command("comma", "want('BATCH')", "One batch", "train one batch and wait", shown=False),
    Command("greater_than_sign", "want('TEN_EPOCHS')", "Ten epochs", "train ten epochs and wait", shown=False),
    Command("x", "want('END')", "End", "end a training that waits", shown=False),
    Command("y", "want('PLAY')", "Play", "play the training from its first epoch, or pause"),
    Command("+,equals_sign", "want('FASTER')", "Faster", "play faster, up to all at once", shown=False),
    Command("-", "want('SLOWER')", "Slower", "play slower, down to 1 epoch a second", shown=False),
    Command("left", "choose(-1)", "Setting before", "choose the setting before", shown=False),
    Command("right", "choose(1)", "Next setting", "choose the next setting", shown=False),
    Command("up", "turn(1)", "More", "turn the chosen setting up and train again", shown=False),
    Command("down", "turn(-1)", "Less", "turn the chosen setting down and train again", shown=False),
    Command("home", "first_epoch", "First epoch", "show the weights that the training began with", shown=False),
    Command("end", "last_epoch", "Last epoch", "show the last epoch", shown=False),
    Command("g", "go_to_epoch", "Go to epoch", "show the epoch of a number, or the nearest one kept", shown=False),
    Command("s", "settings", "Settings", "change every setting in a form"),
    Command("r", "reset", "Reset", "go back to the same initial weights"),
    Command("c", "pin", "Pin", "keep this training under a name, to compare it", shown=False),
    Command("v", "runs", "Runs", "see the pinned trainings, and return to one", shown=False),
    Command("p", "points", "Points", "hide or show the points on the boundary", shown=False),
)

FINDING = (
    Command("g", "go_to", "Go to", "go to a row and a column", shown=False),
    Command("f", "find", "Find", "go to the next number that is > 0.5, == 0, nan ..."),
    Command("F", "find_next", "Find again", "go to the next one of these", shown=False),
    Command("m", "extreme(True)", "Largest", "go to the number with the largest absolute value", shown=False),
    Command("M", "extreme(False)", "Smallest", "go to the number with the smallest absolute value", shown=False),
)
"""What the two tabs do that show a layer's numbers."""

SLICES = (
    Command(
        "S", "look", "Slices", "a convolution as a table, as slices of two axes, as pictures (Weights)", shown=False
    ),
    Command("x", "axes", "Axes", "in a slice: take the next two axes as rows and columns", shown=False),
    Command("comma", "step(0, -1)", "Back", "in a slice: one back along the first of the other axes", shown=False),
    Command("full_stop", "step(0, 1)", "On", "in a slice: one on along it", shown=False),
    Command("less_than_sign", "step(1, -1)", "Back", "in a slice: one back along the second of them", shown=False),
    Command("greater_than_sign", "step(1, 1)", "On", "in a slice: one on along it", shown=False),
)
"""What they do of a kernel that has more than two axes."""

WEIGHTS = (
    Command("j", "layer(1)", "Next layer", "show the next layer"),
    Command("k", "layer(-1)", "Layer before", "show the layer before", shown=False),
    Command("w", "watch", "Watch", "draw this weight over the epochs, then all of its unit, then none"),
    Command("o", "compare", "Compare", "list what changed against the initial weights, an epoch, a file or before"),
    Command("b", "units", "Units", "list the units that are dead, saturated or constant on the data", shown=False),
    Command("c", "copy", "Copy", "copy the layer as the Python that set_weights takes", shown=False),
    Command("t", "export", "Take away", "take an array, a layer or all away: Python, .npy, .npz, CSV, Markdown, LaTeX"),
    *FINDING,
    *SLICES,
)

BY_HAND = (
    Command("x", "point", "Set x", "type the point to calculate"),
    Command("n", "next(1)", "Next row", "take the next row of the data as x; in a practice, go to the next blank"),
    Command("N", "next(-1)", "Row before", "the row, or the blank, before", shown=False),
    Command("j", "layer(1)", "Next layer", "go to the next layer; home and end: the ends of the row", shown=False),
    Command(
        "k", "layer(-1)", "Layer before", "go to the layer before; ^home and ^end: the first and last line", shown=False
    ),
    Command("g", "go_to", "Go to", "go to a number by its name, such as h3, or to a layer by its", shown=False),
    Command("enter", "enter", "Unfold", "open the number into its terms, backspace goes back; in a practice, answer"),
    Command("e", "edit", "What if", "try another number here; the model stays as it is", shown=False),
    Command("p", "practise", "Practise", "calculate numbers that are left blank, and be marked; or end that"),
    Command("m", "mark", "Mark", "mark this number with ?, to be left blank in a practice", shown=False),
    Command("h", "hint", "Hint", "in a practice: the next term of this number", shown=False),
    Command("v", "reveal", "Reveal", "in a practice: give this number up and see it", shown=False),
    Command("escape", "leave_practice", "Leave", "leave a practice", shown=False),
    Command("y", "yours", "Yours", "type the output that you have, to compare it with the one by hand and Keras's"),
    Command("f", "fractions", "Fractions", "write 1/3 for 0.3333 where a fraction is exact", shown=False),
    Command("b", "put_back", "Put back", "put all changed numbers back", shown=False),
    Command("o", "loss", "Loss", "calculate the loss of this x by hand, for any of Keras's losses", shown=False),
    Command(
        "r",
        "rounding",
        "Round",
        "round what is printed (shown), or carry the rounded numbers on (carried)",
        shown=False,
    ),
    Command(
        "t",
        "take_away",
        "Take away",
        "copy or save the calculation; in a practice, a worksheet and its key",
        shown=False,
    ),
)

PRACTICE = (
    Command("x", "not_now", "Set x", "what is done to the page that is read", shown=False),
    Command("n", "next_blank", "Next", "go to the next blank"),
    Command("enter", "answer", "Answer", "type the number"),
    Command("p", "end_practice", "End", "end the practice, or keep it"),
    Command("h", "hint", "Hint", "the next term of this number"),
    Command("v", "reveal", "Reveal", "give this number up and see it"),
    Command("y", "not_now", "Yours", "what is done to the page that is read", shown=False),
    Command("t", "worksheet", "Sheet", "take a worksheet and its key away"),
)
"""What stands in the footer during a practice, in the place of By hand's own; the help has it there."""

SELECT = "select numbers: hold shift and press arrows, home or end, or drag with the mouse; escape lets go"

SET_WEIGHTS = (
    Command("enter,e", "edit", "Edit", "type a number, or a formula such as w*2, for the one under the cursor"),
    Command("shift+right", "extend(0, 1)", "Select", SELECT, shown=False),
    Command("c", "change", "Change", "change what is selected, a row, a column or all: formula, zero, round, .npy ..."),
    Command("p", "paste", "Paste", "give the layer all its arrays as a Python literal"),
    Command(
        "P",
        "paste_into",
        "Paste into",
        "paste a table into the selection, the array, a row or a column",
        shown=False,
    ),
    Command("t", "take_away", "Take away", "take what is selected, or the array, away as text or a file", shown=False),
    Command("a", "always_right", "Always right", "take the tutorial's model that is right everywhere"),
    Command("R", "rules", "Rules", "build a model from a rule: sum, x_i, AND, OR, XOR, majority, parity", shown=False),
    Command("T", "tutorial", "Tutorial's", "take the weights that the tutorial prints", shown=False),
    Command("n", "new", "New", "start a new model of any Dense shape", shown=False),
    Command("z", "freeze", "Freeze", "freeze the layer, so that trainings leave it alone; or unfreeze it", shown=False),
    Command("u", "app.undo", "Undo", "take the last change back"),
    Command("v", "view", "View", "see the boundary before and now, and which points changed side", shown=False),
    Command("s", "steps", "Steps", "see every step, and go back or on to one", shown=False),
    Command("j", "layer(1)", "Next layer", "show the next layer", shown=False),
    Command("k", "layer(-1)", "Layer before", "show the layer before", shown=False),
    *FINDING,
    *SLICES,
)

SECTIONS: tuple[tuple[str | None, str, tuple[Command, ...]], ...] = (
    (None, "Everywhere", EVERYWHERE),
    ("data", "1 Data", DATA),
    ("training", "2 Training", TRAINING),
    ("weights", "3 Weights", WEIGHTS),
    ("by-hand", "4 By hand", BY_HAND),
    ("set-weights", "5 Set weights", SET_WEIGHTS),
)
"""The id of the tab that the commands belong to, its title, and the commands."""


def bindings(commands: tuple[Command, ...]) -> list[BindingType]:
    """Return ``commands`` as a Textual BINDINGS list."""
    return [command.binding() for command in commands]
