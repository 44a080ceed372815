"""What of Textual is mended: styles that mean the same are parsed once, others anew."""

from __future__ import annotations

from textual.css.stylesheet import Stylesheet

from tui.mended import mend


def test_styles_are_parsed_anew_for_other_variables_alone() -> None:
    mend()
    sheet = Stylesheet(variables={"strong": "red"})
    sheet.add_source("Label { color: $strong; }")
    (rule,) = sheet.rules
    sheet.set_variables({"strong": "red"})
    sheet.reparse()
    assert sheet.rules[0] is rule
    sheet.set_variables({"strong": "blue"})
    sheet.reparse()
    (other,) = sheet.rules
    assert (rule.styles.color.hex, other.styles.color.hex) == ("#FF0000", "#0000FF")
