"""The two themes and the colours with a meaning: a blue and an orange that colour-blind eyes tell apart.

Blue and orange are those of the Okabe-Ito palette ("Color Universal Design", 2008), darkened for the light theme.
No colour stands alone: negative numbers have their sign, changed ones a star, the points of each class a letter. The
classes begin with the same two, and go on with the rest of that palette and three colours between them.
"""

from __future__ import annotations

from textual.theme import Theme

CLASSES_DARK = (
    *("#56b4e9", "#e69f00", "#35c49a", "#e58cc0", "#f0e442"),
    *("#9d8cf2", "#ff8a5c", "#c4cbd1", "#8fd14f", "#5fd7d7"),
)
MEANINGS_DARK = {
    **{f"class-{place}": colour for place, colour in enumerate(CLASSES_DARK)},
    "negative": "#56b4e9",
    "positive": "#e69f00",
    "negative-field": "#0b3a57",
    "positive-field": "#5a3a00",
    "changed": "#e58cc0",
    "current": "#ffffff",
}
CLASSES_LIGHT = (
    *("#00568f", "#8a4b00", "#00664b", "#9b1f6b", "#7a5a00"),
    *("#4b3aa8", "#a82f00", "#55616a", "#3f6b00", "#006b73"),
)
MEANINGS_LIGHT = {
    **{f"class-{place}": colour for place, colour in enumerate(CLASSES_LIGHT)},
    "negative": "#00568f",
    "positive": "#8a4b00",
    "negative-field": "#b9dcf2",
    "positive-field": "#f7dca6",
    "changed": "#9b1f6b",
    "current": "#000000",
}

DARK = Theme(
    name="byhand-dark",
    primary="#56b4e9",
    secondary="#9aa7b0",
    accent="#e58cc0",
    warning="#f0e442",
    error="#ff8a5c",
    success="#35c49a",
    foreground="#d8dee4",
    background="#14181c",
    surface="#1b2126",
    panel="#242c33",
    dark=True,
    variables=MEANINGS_DARK,
)

LIGHT = Theme(
    name="byhand-light",
    primary="#00568f",
    secondary="#55616a",
    accent="#9b1f6b",
    warning="#7a5a00",
    error="#a82f00",
    success="#00664b",
    foreground="#1d2327",
    background="#fbfbf9",
    surface="#f1f2ef",
    panel="#e3e6e2",
    dark=False,
    variables=MEANINGS_LIGHT,
)
