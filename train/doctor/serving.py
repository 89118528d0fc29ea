"""S1-S5: is a served model asked the way it was trained?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from train.doctor.check import Check, passed

_ALIKE = 3


def prompt(trained: str, served: str) -> Check:
    """S1: the server renders the reference prompt to the letter as in training."""
    if trained == served:
        return passed("S1", "the server renders the prompt as in training")
    place = next(
        (n for n, (a, b) in enumerate(zip(trained, served, strict=False)) if a != b),
        min(len(trained), len(served)),
    )
    shown = f"{trained[place : place + 40]!r} in training, {served[place : place + 40]!r} here"
    fix = "Give the server the chat template beside the adapter, and the system prompt of the training."
    return Check("S1", "fail", f"The prompt differs from character {place + 1} on: {shown}.", fix)


def messages(sent: Sequence[Mapping[str, str]]) -> Check:
    """S2: there is a system prompt, and the conversation ends with the user."""
    roles = [message.get("role") for message in sent]
    if not roles or roles[-1] == "assistant":
        fix = "End with the user's message; an empty assistant turn opens a second answer."
        return Check("S2", "fail", "The conversation does not end with the user.", fix)
    if roles[0] != "system":
        fix = "Send the system prompt of the training; without one the template puts in its own."
        return Check("S2", "fail", "There is no system prompt.", fix)
    return passed("S2", "system prompt first, user last")


def finish(reason: str, tokens: int, needed: int) -> Check:
    """S3: the answer ended by itself. `needed` is what the run says answers may take."""
    if reason == "length" and tokens >= needed:
        message = f"An answer had not ended after {tokens} tokens, more than any trained answer has."
        return Check("S3", "warn", message, "Train longer, so that the model learns to stop.")
    if reason == "length":
        return Check(
            "S3", "fail", f"The answer was cut at {tokens} tokens.", f"Set max_tokens to at least {needed}."
        )
    return passed("S3", "the answer ended by itself")


def sampling(temperature: float | None, repeat_penalty: float | None) -> Check:
    """S4: the first look is greedy, and nothing punishes the repeated words of the tags."""
    if repeat_penalty is not None and repeat_penalty != 1.0:
        message = f"A repeat penalty of {repeat_penalty:g} punishes the closing tags."
        return Check("S4", "warn", message, "Set it to 1.0.")
    if temperature is None or temperature > 0:
        shown = "the server's default" if temperature is None else f"{temperature:g}"
        return Check(
            "S4",
            "warn",
            f"Temperature is {shown}: one answer proves little.",
            "Look at greedy answers (0) first.",
        )
    return passed("S4", "greedy, no repeat penalty")


def sides(prompts: Sequence[tuple[str, str]], answers: Sequence[tuple[str, str]]) -> Check:
    """S5: backbone and model get the same prompts, and do not give the same answers."""
    if any(backbone != model for backbone, model in prompts):
        return Check(
            "S5",
            "fail",
            "Backbone and model were asked with different prompts.",
            "Ask both through one format.",
        )
    if len(answers) >= _ALIKE and all(backbone == model for backbone, model in answers):
        message = f"Both gave the same answer to {len(answers)} prompts: the adapter has no effect."
        return Check("S5", "fail", message, "Check it: drt-tui doctor --adapter DIR")
    return passed("S5", "same prompts, different answers")
