"""The app's themes: a dark, a light and a high-contrast one; Textual's own can be chosen as well."""

from __future__ import annotations

from textual.color import Color, ColorParseError
from textual.theme import Theme

DARK = Theme(
    name="drt-dark",
    primary="#8fb8de",
    secondary="#c3a6d8",
    accent="#e0b679",
    foreground="#d8dbe0",
    background="#16181d",
    surface="#1c1f26",
    panel="#242832",
    success="#93c48b",
    warning="#e0b679",
    error="#e58f86",
    dark=True,
    variables={"border": "#3a404d", "border-blurred": "#2b303a", "footer-background": "#16181d"},
)
LIGHT = Theme(
    name="drt-light",
    primary="#1f5c99",
    secondary="#6d4390",
    accent="#8a5a00",
    foreground="#23262b",
    background="#fbfaf7",
    surface="#f3f1ec",
    panel="#e9e6df",
    success="#2c6e2f",
    warning="#8a5a00",
    error="#a3281f",
    dark=False,
    variables={"border": "#c9c4b8", "border-blurred": "#dcd8ce"},
)
CONTRAST = Theme(
    name="drt-contrast",
    primary="#7fd4ff",
    secondary="#ffb3ff",
    accent="#ffe14d",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#1a1a1a",
    success="#7dff8a",
    warning="#ffe14d",
    error="#ff8f8f",
    dark=True,
    variables={"border": "#ffffff", "muted": "#e6e6e6", "faint": "#cccccc"},
)
THEMES = (DARK, LIGHT, CONTRAST)


def quiet_colours(theme: Theme) -> dict[str, str]:
    """Return `muted` and `faint`: the theme's own, or its text colour moved towards its background.

    A theme that leaves colours to the terminal has nothing to mix; its text is not quietened.
    """
    colours = theme.to_color_system().generate()
    text, ground = colours["foreground"], colours["background"]
    try:
        ink, paper = Color.parse(text), Color.parse(ground)
        mixed = {"muted": ink.blend(paper, 0.38).hex, "faint": ink.blend(paper, 0.58).hex}
    except ColorParseError:
        mixed = {"muted": text, "faint": text}
    return mixed | {name: theme.variables[name] for name in mixed if name in theme.variables}
