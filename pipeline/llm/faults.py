"""What can go wrong with one request, mapped once from the libraries' errors to ours.

A `Fault` never holds a key: an endpoint's own words are kept only with the key struck out, and the
libraries' exceptions, which carry request and body, are not chained where an endpoint spoke.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import quote

from data.text import nfc, show_controls
from pipeline.errors import (
    CallFailed,
    PipelineError,
    RateLimited,
    ServerFailed,
    UnknownModel,
    Unreachable,
    WrongKey,
)  # fmt: skip
from pipeline.llm.address import Address

_EXCERPT = 300
_UNKNOWN_MODEL = re.compile(
    r"model[_ ]not[_ ](?:found|exist)|no such model|unknown model|invalid model|not a valid model"
    r"|model .{0,120}(?:does not exist|not found|is not available)",
    re.IGNORECASE,
)
_NO_CREDIT = re.compile(r"\b(?:insufficient_quota|billing_hard_limit_reached|insufficient_balance)\b")
"""Codes of a 429 that no waiting mends."""
_PASSING = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_EARLY}
"""What a proxy or a busy server answers; nothing is wrong with the request."""


@dataclass(eq=False)
class Fault(Exception):
    """One request that gave no answer."""

    error: PipelineError
    """What it is to the rest of the program."""
    status: int = 0
    """HTTP status; 0 where there was no answer at all."""
    blamed: tuple[str, ...] = ()
    """What the endpoint's words name, for the dialects: the parameter first, then whole sentences."""
    may_be_billed: bool = False
    """The endpoint may have worked on it before the connection was lost."""

    def __str__(self) -> str:
        return self.error.message

    @property
    def was_reached(self) -> bool:
        """The endpoint took the connection."""
        return self.status != 0 or self.may_be_billed


def strike_out(key: str, text: str) -> str:
    """Return `text` without the key, plain or as in a URL."""
    if not key:
        return text
    return text.replace(key, "[key]").replace(quote(key, safe=""), "[key]")


def refused_by_status(
    address: Address, status: int, body: object, headers: Mapping[str, str], key: str
) -> Fault:
    """Return the fault for an answer whose status is not 2xx, or whose body is an error."""
    words = tuple(strike_out(key, text) for text in _words(body))
    said = _excerpt(words)
    who = f"{address.name} ({address.model} at {address.url})"
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return Fault(_wrong_key(address, status, said), status)
    if status == HTTPStatus.NOT_FOUND or (status == HTTPStatus.BAD_REQUEST and _UNKNOWN_MODEL.search(said)):
        return Fault(UnknownModel(f"{address.url} does not know the model {address.model!r}{said}"), status)
    wait = retry_after(headers)
    if status == HTTPStatus.TOO_MANY_REQUESTS or (
        status == HTTPStatus.SERVICE_UNAVAILABLE and wait is not None
    ):
        return Fault(_too_many(address, who, wait, said), status)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _PASSING:
        return Fault(_server_failed(who, status, wait, said), status)
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        to = strike_out(key, headers.get("location", "another place"))
        hint = f"Set models.{address.name}.base_url to where it has moved."
        return Fault(CallFailed(f"{who} points to {to}; redirects are not followed", hint=hint), status)
    return Fault(CallFailed(f"{who} refused the request with status {status}{said}"), status, words)


def lost(address: Address, why: str) -> Fault:
    """Return the fault for a request that was sent, and whose answer never came or broke off."""
    return Fault(Unreachable(f"{address.name} ({address.url}): {why}"), may_be_billed=True)


def unconnected(address: Address, error: Exception) -> Fault:
    """Return the fault for a connection that was refused, or lost."""
    import aiohttp
    import httpx2

    chain = tuple(_causes(error))
    ours = next((cause for cause in chain if isinstance(cause, aiohttp.ClientError)), None)
    if isinstance(ours, aiohttp.ClientConnectorError):
        return _not_there(address, str(ours.os_error))
    if isinstance(ours, aiohttp.ConnectionTimeoutError):
        return _not_there(address, "no connection in time")
    if ours is None and any(
        isinstance(cause, httpx2.ConnectError | httpx2.ConnectTimeout) for cause in chain
    ):
        return _not_there(address, str(chain[-1]))
    return lost(address, f"connection lost ({type(chain[-1]).__name__})")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _not_there(address: Address, why: str) -> Fault:
    hint = (
        "Start the server there, or correct the port."
        if address.is_loopback
        else f"Check models.{address.name}.base_url, the network and the proxy."
    )
    return Fault(Unreachable(f"{address.url} cannot be reached: {why}", hint=hint))


def damaged(address: Address, why: str) -> Fault:
    """Return the fault for an answer with status 200 that is no chat completion."""
    return Fault(
        ServerFailed(f"{address.name} ({address.url}) sent {why}"), status=HTTPStatus.OK, may_be_billed=True
    )


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds an answer asks to wait, from `retry-after-ms`, seconds or an HTTP date."""
    if (milliseconds := _seconds(headers.get("retry-after-ms"))) is not None:
        return milliseconds / 1000
    value = headers.get("retry-after")
    if value is None:
        return None
    if (seconds := _seconds(value)) is not None:
        return seconds
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def _seconds(value: str | None) -> float | None:
    if value is None or not re.fullmatch(r"\s*\d{1,9}(\.\d{1,9})?\s*", value, re.ASCII):
        return None
    return float(value)


def _wrong_key(address: Address, status: int, said: str) -> WrongKey:
    if status == HTTPStatus.UNAUTHORIZED:
        message = f"{address.url} does not accept the key in {address.api_key_env}"
    else:
        message = f"{address.url} does not let the key in {address.api_key_env} use {address.model}{said}"
    return WrongKey(message, hint=f"Put a valid key for models.{address.name} into {address.api_key_env}.")


def _too_many(address: Address, who: str, wait: float | None, said: str) -> CallFailed:
    if _NO_CREDIT.search(said):
        hint = f"Pay in at the provider of models.{address.name}, or give the role another model."
        return CallFailed(f"{who} says that no credit is left{said}", hint=hint)
    return RateLimited(f"{who} limits the rate{_asked(wait)}{said}", retry_after=wait)


def _server_failed(who: str, status: int, wait: float | None, said: str) -> ServerFailed:
    return ServerFailed(f"{who} failed with status {status}{_asked(wait)}{said}", retry_after=wait)


def _asked(wait: float | None) -> str:
    return f", asks to wait {wait:.0f} s" if wait is not None else ""


def _excerpt(words: tuple[str, ...]) -> str:
    said = " ".join(dict.fromkeys(words))
    said = show_controls(nfc(" ".join(said.split())))
    return f": {said[:_EXCERPT]}{'…' if len(said) > _EXCERPT else ''}" if said else ""


def _words(body: object, depth: int = 0) -> Iterator[str]:
    """Yield what an error body says: the parameter, then messages; what was sent is not repeated."""
    if depth > 4:
        return
    if isinstance(body, str | bytes):
        yield body.decode(errors="replace") if isinstance(body, bytes) else body
    elif isinstance(body, Mapping):
        for name in ("param", "loc", "code", "message", "msg", "detail", "error", "errors"):
            if name in body:
                yield from _words(body[name], depth + 1)
    elif isinstance(body, list):
        for item in body[:8]:
            yield from _words(item, depth + 1)
