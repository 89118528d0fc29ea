"""Ways through the Train screen, and how to read what is on it."""

from __future__ import annotations

from drt_tui.screens.train_setup import SetupScreen


async def opened(bench, screen=SetupScreen):
    await bench.press("w")
    await bench.until(lambda: isinstance(bench.app.screen, screen))


async def examined(bench):
    """Open the form, and wait for its preflight."""
    await opened(bench)
    await bench.until(lambda: "looking at" not in bench.text)


async def set_to(bench, name, value):
    """Go to a setting that is typed, and type a value."""
    bench.app.screen.form.highlighted = bench.app.screen.form.get_option_index(name)
    await bench.press("enter", "ctrl+u", *value, "enter")


def words(bench):
    """What is on the terminal as one line, so that it does not matter where lines are broken."""
    return " ".join(bench.text.split())


def underlined(bench):
    """The underlined part of what is on the terminal, a line a line."""
    strips = bench.app.screen._compositor.render_strips()
    texts = ("".join(part.text for part in strip if part.style and part.style.underline) for strip in strips)
    return "\n".join(text for text in texts if text.strip())
