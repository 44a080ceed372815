"""What the keys do on the page of a call."""

from __future__ import annotations

from tui.commands import Command, Shown

AXES = ("step", "direction", "head", "filter", "channel")
"""What pages turn; where a page turns two of them, the first stands first here."""

_TURNS = tuple(
    command
    for axis in AXES
    for place, (on, back) in enumerate((("]", "["), ("}", "{")))
    for command in (
        Command(
            {"]": "right_square_bracket", "}": "right_curly_bracket"}[on],
            f"turn('{axis}', 1, {place})",
            f"Next {axis}",
            f"show the next {axis}",
        ),
        Command(
            {"[": "left_square_bracket", "{": "left_curly_bracket"}[back],
            f"turn('{axis}', -1, {place})",
            f"{axis.capitalize()} before",
            f"show the {axis} before",
            Shown.IF_ROOM,
        ),
    )
)

PAGE = (
    Command("up", "move(-1, 0)", "", "go up", Shown.NEVER),
    Command("down", "move(1, 0)", "", "go down", Shown.NEVER),
    Command("left", "move(0, -1)", "", "go left", Shown.NEVER),
    Command("right", "move(0, 1)", "", "go right", Shown.NEVER),
    Command("pageup", "page(-1)", "", "go up by what is seen", Shown.NEVER),
    Command("pagedown", "page(1)", "", "go down by what is seen", Shown.NEVER),
    Command("home", "along(-1)", "", "go to the first column", Shown.NEVER),
    Command("end", "along(1)", "", "go to the last column", Shown.NEVER),
    Command("full_stop", "table(1)", "Next table", "go to the next table of the page", Shown.AT_120),
    Command("comma", "table(-1)", "Table before", "go to the table before", Shown.IF_ROOM),
    *_TURNS,
    Command("enter", "choose", "Made of", "go to what the number in hand is made of; enter there follows one"),
    Command("i", "numbers", "Numbers", "show pictures as numbers, or as shades"),
)
