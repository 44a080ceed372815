"""Keys of a practice on By hand's page: in footer and help in the place of By hand's own with the same keys."""

from __future__ import annotations

from tui.commands import NEVER, Command

SLIDE = "in a practice: see more of a row's inputs, or those before"
READ_ON = "scroll what stands below the page, where it is longer than its room"

PRACTICE = (
    Command("x", "not_now", "", "", NEVER),
    Command("n", "next_blank", "Next", "go to the next blank"),
    Command("enter", "answer", "Answer", "type the number"),
    Command("p", "end_practice", "End", "end the practice, or keep it"),
    Command("h", "hint", "Hint", "the next term of this number, for a quarter of its point"),
    Command("v", "reveal", "Reveal", "give this number up and see it"),
    Command("y", "not_now", "", "", NEVER),
    # No number has these signs: they work while one is typed.
    Command("greater_than_sign", "slide(1)", "Inputs", SLIDE, everywhere=True),
    Command("less_than_sign", "slide(-1)", "", SLIDE, NEVER, everywhere=True),
    Command("right_parenthesis", "read_on(1)", "More", READ_ON, everywhere=True),
    Command("left_parenthesis", "read_on(-1)", "", READ_ON, NEVER, everywhere=True),
    Command("t", "worksheet", "Sheet", "take a worksheet and its key away"),
)

LONGER = frozenset({"slide", "read_on"})
"""What works only where a row, or what is asked, is longer than its room."""
