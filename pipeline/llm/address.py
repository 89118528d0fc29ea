"""Where a model is: its endpoint, its name there, and the variable that holds its key."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass
from urllib.parse import urlsplit

from pipeline.errors import BadEndpoint, WrongKey
from pipeline.settings import ModelSettings


@dataclass(frozen=True, slots=True)
class Address:
    """A model of the settings, as errors and requests name it."""

    name: str
    """Its name in the settings."""
    model: str
    base_url: str
    api_key_env: str

    @classmethod
    def of(cls, name: str, settings: ModelSettings) -> Address:
        """Return the address of a configured model."""
        return cls(name, settings.model, settings.base_url.rstrip("/"), settings.api_key_env)

    @property
    def url(self) -> str:
        """The endpoint for people: without user, password and query."""
        parts = urlsplit(self.base_url)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
        return f"{parts.scheme}://{host}{port}{parts.path}"

    @property
    def is_loopback(self) -> bool:
        """The endpoint is on this machine."""
        return is_loopback(self.base_url)

    @property
    def is_plain(self) -> bool:
        """The endpoint speaks http without encryption."""
        return urlsplit(self.base_url).scheme == "http"

    def check(self, *, allow_http: bool) -> None:
        """Make sure that a request may be sent there at all.

        Raises:
            BadEndpoint: `base_url` is no web address, or plain http to another machine.
        """
        if not _is_web_address(self.base_url):
            raise BadEndpoint(
                f"models.{self.name}.base_url is no web address: {self.base_url!r}",
                hint="It looks like https://api.openai.com/v1.",
            )
        if self.is_plain and not self.is_loopback and not allow_http:
            raise BadEndpoint(
                f"models.{self.name} would send key and text unencrypted to {self.url}",
                hint="Use https://, or --allow-http in a network you trust.",
            )

    def key(self) -> str:
        """Return the key from the environment; empty for an endpoint on this machine that has none.

        Raises:
            WrongKey: the variable is not set, and the endpoint is another machine's.
        """
        key = os.environ.get(self.api_key_env, "").strip()
        if not key and not self.is_loopback:
            raise WrongKey(
                f"No key for models.{self.name}: the environment variable {self.api_key_env} is not set",
                hint=f"export {self.api_key_env}=… or name another in models.{self.name}.api_key_env.",
            )
        return key


def _is_web_address(base_url: str) -> bool:
    try:
        parts = urlsplit(base_url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets or a port that are none
        return False


def is_loopback(base_url: str) -> bool:
    """Return whether a URL's host is this machine."""
    host = urlsplit(base_url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
