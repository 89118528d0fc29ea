"""B1-B7: what can be known of the rows and their tokens before anything is trained."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from data.exporters.selection import BUILT_IN
from data.format import Format
from data.scripts import main_script
from train.backbones.shape import Shape
from train.chat import ChatTokenizer
from train.doctor.check import Check, Level, passed
from train.rows import Item, Refused, Row, render, suggested_length

_ANSWER_ROOM = 1.3
_SENTINEL = "\x00"
_SAMPLE = 50


@dataclass(frozen=True, slots=True)
class Limits:
    """What a server needs so that no answer is cut: tokens of the longest answer and a third more."""

    max_new_tokens: int
    context: int
    """Tokens of the longest prompt and `max_new_tokens` together."""


def fields(refused: Sequence[Refused], items: Sequence[Item], *, drop: bool) -> Check:
    """B1: every row has its fields, filled, without tags or control tokens inside."""
    bad = [each for each in refused if each.check == "B1"]
    if bad:
        return _refusal(
            "B1", bad, "cannot be rows", "Edit or reject them in review, or set unfit = drop.", drop=drop
        )
    broken = sum("\n" in item.output for item in items)
    scripts = Counter(main_script(item.output) for item in items)
    usual = scripts.most_common(1)[0][0] if scripts else None
    foreign = sum(main_script(item.output) == main_script(item.source) != usual for item in items)
    for_trying = sum(item.made_by == BUILT_IN for item in items)
    if broken or foreign or for_trying:
        found = [f"{broken} outputs have several lines"] * bool(broken)
        found += [f"{foreign} outputs are in the script of their source"] * bool(foreign)
        found += [f"{for_trying} rows were made by the built-in model, for trying only"] * bool(for_trying)
        return Check("B1", "warn", "; ".join(found), "Look at them with: drt-tui lint")
    return passed("B1", f"{len(items):,} rows have all fields, no tag inside")


def round_trip(
    refused: Sequence[Refused],
    rows: Sequence[Row],
    sample: Sequence[Item],
    format: Format,
    chat: ChatTokenizer,
) -> Check:
    """B2: tokens say what was rendered, the prompt's tokens open the row, nothing unknown, one begin token."""
    melted = [each for each in refused if each.check == "B2"]
    if melted:
        return _refusal(
            "B2", melted, melted[0].reason, "Choose another backbone or other tag names.", drop=False
        )
    by_id = {row.id: row for row in rows}
    for item in sample:
        if (row := by_id.get(item.id)) is not None and chat.decode(row.ids) != "".join(
            render(item, format, chat)
        ):
            return Check(
                "B2",
                "fail",
                f"The tokens of row {item.id} do not read back as its text.",
                "The tokenizer changes text (or knows no such characters): choose another backbone.",
            )
    unknown, begin = chat.token_id("unk_token"), chat.token_id("bos_token")
    ends = chat.stops | {chat.token_id("eos_token"), chat.token_id("pad_token")}
    if unknown is not None and unknown not in ends and (count := sum(unknown in row.ids for row in rows)):
        return Check(
            "B2", "fail", f"{count} rows hold unknown tokens.", "Choose a backbone that knows the script."
        )
    if begin is not None and any(row.ids[0] == begin == row.ids[1] for row in rows if len(row.ids) > 1):
        return Check(
            "B2", "fail", "Rows begin with two begin tokens.", "Report this: rows are tokenised without one."
        )
    return passed("B2", "tokens read back as the text, and every prompt is the start of its row")


def length(refused: Sequence[Refused], rows: Sequence[Row], limit: int, *, drop: bool) -> Check:
    """B3: no row is longer than the limit; rows are refused, never cut."""
    long = [each for each in refused if each.check == "B3"]
    if long:
        fitting = suggested_length(max(each.tokens or 0 for each in long))
        fix = f"Set max_length = {fitting}, or unfit = drop to train without them."
        return _refusal(
            "B3", long, f"are longer than {limit:,} tokens and would lose their end", fix, drop=drop
        )
    longest = max((len(row.ids) for row in rows), default=0)
    return passed("B3", f"the longest row has {longest:,} tokens, the limit is {limit:,}")


def mask(rows: Sequence[Row], format: Format, chat: ChatTokenizer) -> Check:
    """B4: the loss begins with the first tag, ends with the end token, and covers no prompt."""
    opening = format.answer("", "").split("\n", 1)[0]
    for row in rows:
        answer = row.ids[row.prompt :]
        if not answer:
            return Check(
                "B4", "fail", f"Row {row.id} has no token with loss.", "Its answer is empty; reject it."
            )
        if not chat.decode(answer[: len(opening)]).startswith(opening):
            return Check(
                "B4", "fail", f"The loss of row {row.id} does not begin with {opening}.", "Report this row."
            )
    share = sum(row.trained for row in rows) / max(1, sum(len(row.ids) for row in rows))
    return passed("B4", f"loss on the answer and its end token alone, {share:.0%} of all tokens")


def end(rows: Sequence[Row], chat: ChatTokenizer) -> Check:
    """B5: one end token, at the end, with loss, and it is one that generation stops at."""
    for row in rows:
        last = row.ids[-1]
        if last not in chat.stops:
            return Check(
                "B5",
                "fail",
                f"Rows end with {chat.decode([last])!r}, at which the backbone does not stop: it would never end.",
                "Choose the instruct variant of this backbone.",
            )
        if last in row.ids[row.prompt : -1]:
            return Check("B5", "fail", f"Row {row.id} has an end token within its answer.", "Edit that row.")
    if rows and chat.token_id("pad_token") == rows[0].ids[-1]:
        return Check(
            "B5",
            "warn",
            "Padding and end are the same token.",
            "Harmless here, where padding is masked by place; other tools would hide the end from the loss.",
        )
    return passed("B5", "every answer ends with one end token that has loss")


def prompts(train: Sequence[Row], valid: Sequence[Row], format: Format, chat: ChatTokenizer) -> Check:
    """B6: one prompt for all rows, and nothing held out that is trained."""
    head = chat.render([format.prompt("")[0], {"role": "user", "content": _SENTINEL}], ask=True).split(
        _SENTINEL
    )[0]
    strangers = [
        row.id for row in (*train, *valid) if not chat.decode(row.ids[: row.prompt]).startswith(head)
    ]
    if strangers:
        message = f"{len(strangers)} rows have another system prompt, {strangers[0]} among them."
        return Check("B6", "fail", message, "Train one format at a time.")
    leak = _leak(train, valid)
    if leak is not None:
        return leak
    if chat.dated:
        return Check(
            "B6",
            "warn",
            "The chat template writes today's date into every prompt.",
            "Serve it on no other day, or choose a backbone without.",
        )
    return passed("B6", "one prompt over all rows; no sentence or idiom is both trained and held out")


def _leak(train: Sequence[Row], valid: Sequence[Row]) -> Check | None:
    """Return why what is held out tells little of rows that the model has not seen."""
    twice = {row.id for row in train} & {row.id for row in valid}
    if twice:
        return Check(
            "B6", "fail", f"{len(twice)} sentences are trained and held out.", "Split again: drt-tui split"
        )
    if train and not valid:
        return Check(
            "B6",
            "warn",
            "No row is held out: nothing will tell what the model makes of rows it has not seen.",
            "Set valid above 0; a single row cannot be divided.",
        )
    leaking = {row.group for row in train if row.group} & {row.group for row in valid}
    if leaking and len({row.group for row in (*train, *valid)} - {None}) == 1:
        return Check(
            "B6",
            "warn",
            "The rows have one idiom, which is trained and held out: held-out results will look too good.",
            "Add sentences of other idioms before you believe them.",
        )
    if leaking:
        both = "1 idiom is" if len(leaking) == 1 else f"{len(leaking):,} idioms are"
        return Check(
            "B6",
            "warn",
            f"{both} in training and held out: held-out results will look too good.",
            "Believe what drt-tui evaluate says of unseen idioms.",
        )
    return None


def limits(rows: Sequence[Row], shape: Shape | None) -> tuple[Check, Limits]:
    """B7: what a server must allow so that no answer is cut."""
    answer = math.ceil(_ANSWER_ROOM * max((row.trained for row in rows), default=0) / 64) * 64
    context = math.ceil((max((row.prompt for row in rows), default=0) + answer) / 256) * 256
    found = Limits(max_new_tokens=answer, context=context)
    if shape is not None and 0 < shape.context < context:
        message = f"Answers need {context:,} tokens of context, the backbone was made for {shape.context:,}."
        return Check("B7", "warn", message, "Shorter thoughts (thought_words), or another backbone."), found
    return passed("B7", f"serve with max_new_tokens {answer:,} and a context of {context:,}"), found


def same_tokens(rows: Sequence[Row], chat: ChatTokenizer, tokenizer: Any) -> Check:
    """B2, in the worker: the training library's own tokenizer makes the same tokens and template of our rows."""
    template = getattr(tokenizer, "chat_template", None)
    texts = [chat.decode(row.ids) for row in rows[:_SAMPLE]]
    made = tokenizer(texts, add_special_tokens=False)["input_ids"]
    if template != chat.template or made != [row.input_ids for row in rows[:_SAMPLE]]:
        message = "The training library reads this backbone's tokenizer in another way than we do."
        return Check("B2", "fail", message, "Report this backbone; until then choose another.")
    return passed("B2", "the training library makes the same tokens of our rows")


def _refusal(id: str, bad: Sequence[Refused], what: str, fix: str, *, drop: bool) -> Check:
    level: Level = "warn" if drop else "fail"
    named = ", ".join(each.id for each in bad[:3])
    left_out = " and are left out" if drop else ""
    reason = f" ({bad[0].reason})" if bad[0].reason != what else ""
    return Check(
        id, level, f"{len(bad):,} rows {what}{left_out}: {named}{' …' if len(bad) > 3 else ''}{reason}", fix
    )
