# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""Define the options and their valid values."""

from __future__ import annotations

import math
import os
import re
import sys
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ._errors import TalkoverError
from ._token import Token

DEFAULT_URL = "https://app.talkover.ai/api/v1"
PARTS = ("live_health", "dids")
"""The values of C(include), which are also the names of the fields that they add to a record."""

MAX_TIMEOUT = 3600.0
MAX_RETRIES = 100
MAX_CONNECTIONS = 256
MAX_MAX_WAIT = 86400.0

CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
"""The environment variables with the path of CA certificates. The first that is set applies, without C(ca_path)."""

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")

CONNECTION_SPEC: dict[str, dict[str, Any]] = {
    "api_token": {"type": "str", "no_log": True},
    "api_url": {"type": "str", "default": DEFAULT_URL},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "client_cert": {"type": "path"},
    "client_key": {"type": "path", "no_log": False},
    "timeout": {"type": "float", "default": 10},
    "retries": {"type": "int", "default": 3},
    "max_connections": {"type": "int", "default": 10},
    "max_wait": {"type": "float", "default": 3600},
}

QUERY_SPEC: dict[str, dict[str, Any]] = {
    "trunk_id": {"type": "str"},
    "trunk_ids": {"type": "list", "elements": "str"},
    "all_trunks": {"type": "bool"},
    "details": {"type": "bool", "default": True},
    "include": {"type": "list", "elements": "str", "choices": list(PARTS)},
    "max_health_age": {"type": "int"},
    "missing_ok": {"type": "bool", "default": False},
}


def reject_unknown(given: Iterable[Any], known: Iterable[str]) -> None:
    """Raise an error for the first name that is not an option.

    :raises TalkoverError: kind ``config``; the message names the closest option.
    """
    names = sorted(known)
    for name in map(str, given):
        if name in names:
            continue
        # Imported late: few callers need more than a comparison.
        import difflib

        from ._text import sanitize

        closest = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
        advice = f"Did you mean {closest[0]}?" if closest else f"The options are {', '.join(names)}."
        raise TalkoverError("config", f"{sanitize(name, 100)!r} is not an option. {advice}")


def check_cache_ttl(ttl: float) -> None:
    """Reject what is no number of seconds.

    :raises TalkoverError: kind ``config``.
    """
    if not (ttl >= 0 and math.isfinite(ttl)):
        raise TalkoverError("config", f"cache_ttl must be zero or more seconds, but is {ttl}.")


class ConnectionOptions(NamedTuple):
    """Hold the options of the connection to the service.

    ``timeout`` limits each attempt as a whole. ``max_wait`` limits the total wait of a fetch for the rate limit. Both
    are in seconds.
    """

    token: Token
    api_url: str
    validate_certs: bool
    ca_path: str | None
    client_cert: str | None
    client_key: str | None
    timeout: float
    retries: int
    max_connections: int
    max_wait: float

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> ConnectionOptions:
        """Check and return the connection options.

        :param options: the values by option name, with the types of ``CONNECTION_SPEC``.
        :raises TalkoverError: kind ``config``, when a value is out of range.
        """
        if options["client_key"] and not options["client_cert"]:
            raise TalkoverError("config", "client_key needs client_cert. Set both.")
        token = read_token(options["api_token"])
        return cls(
            token=token,
            api_url=_checked_url(options["api_url"], token),
            validate_certs=options["validate_certs"],
            ca_path=options["ca_path"],
            client_cert=options["client_cert"],
            client_key=options["client_key"],
            timeout=check_range("timeout", options["timeout"], 0.001, MAX_TIMEOUT),
            retries=check_range("retries", options["retries"], 0, MAX_RETRIES),
            max_connections=check_range("max_connections", options["max_connections"], 1, MAX_CONNECTIONS),
            max_wait=check_range("max_wait", options["max_wait"], 0, MAX_MAX_WAIT),
        )

    @property
    def cache_key(self) -> tuple[Any, ...]:
        """Return all options that can change a response or how far it can be trusted, except the token.

        This includes the CA certificates and the proxies of the environment.
        """
        # A relative path is another file for a playbook in another folder.
        paths = (self.ca_path, self.client_cert, self.client_key, *map(os.environ.get, CA_VARIABLES))
        proxies = sorted(item for item in os.environ.items() if item[0].lower().endswith("_proxy"))
        return self.api_url, self.validate_certs, *map(_absolute, paths), proxies


class TrunkQuery(NamedTuple):
    """Hold the options that select trunks and their fields. ``max_health_age`` is in seconds."""

    trunk_ids: tuple[str, ...]
    all_trunks: bool
    details: bool
    include: frozenset[str]
    max_health_age: int | None
    missing_ok: bool

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> TrunkQuery:
        """Check and return the query options.

        :param options: the values by option name, with the types of ``QUERY_SPEC``.
        :raises TalkoverError: kind ``config``, when options conflict or an ID is invalid.
        """
        ids, age = options["trunk_ids"], options["max_health_age"]
        all_trunks = bool(options["all_trunks"])
        include = frozenset(options["include"] or ())
        named = [name for name in ("trunk_id", "trunk_ids") if options.get(name) is not None]
        if len(named) + all_trunks != 1:
            given = " and ".join([*named, "all_trunks"][: len(named) + all_trunks]) or "none of them"
            raise TalkoverError(
                "config",
                f"Exactly one of trunk_id, trunk_ids and all_trunks=true is needed, but got {given}. "
                "Check the task and its module_defaults.",
            )
        if options.get("trunk_id") is not None:
            ids = [check_id(options["trunk_id"], "trunk_id")]
        if ids is not None and not ids:
            raise TalkoverError("config", "trunk_ids is an empty list. Give at least one ID, or use all_trunks.")
        if age is not None and age < 0:
            raise TalkoverError("config", f"max_health_age must be zero or more seconds, but is {age}.")
        if age is not None and not options["details"] and "live_health" not in include:
            raise TalkoverError(
                "config",
                "max_health_age with details=false needs include=live_health, because summaries have no time of it.",
            )
        # A dict keeps the order and drops duplicates.
        unique = tuple(dict.fromkeys(check_id(trunk_id) for trunk_id in ids or ()))
        return cls(unique, all_trunks, options["details"], include, age, options["missing_ok"])

    @property
    def cache_key(self) -> tuple[Any, ...]:
        """Return the options that determine which fields a record has."""
        return self.details, sorted(self.include)


def read_ids(value: Any, name: str) -> list[str]:
    """Return the IDs in the value of an expression: one ID, or a list of IDs.

    :param name: the name of the expression in messages.
    :raises TalkoverError: kind ``config``, when the value is anything else.
    """
    return [check_id(item, name) for item in (value if isinstance(value, (list, tuple)) else [value])]


def check_id(trunk_id: Any, name: str = "trunk_ids") -> str:
    """Return an ID as text.

    :param name: the name of the option or the expression in messages.
    :raises TalkoverError: kind ``config``, when it is not a valid ID.
    """
    if isinstance(trunk_id, int) and not isinstance(trunk_id, bool):
        trunk_id = str(trunk_id)
    if not isinstance(trunk_id, str):
        raise TalkoverError("config", f"{name} holds a value of type {_type_name(trunk_id)}, which is not an ID.")
    # A templating mistake must not change the request: "" would request the list, and ".." another path.
    if not trunk_id.strip():
        raise TalkoverError("config", f"{name} holds an empty ID. Check the expression that sets it.")
    if trunk_id in (".", ".."):
        raise TalkoverError("config", f"{name} holds {trunk_id!r}, which is a path and not an ID. Use the trunk's ID.")
    if trunk_id.startswith(("_ansible_", "__ansible_")):
        # ansible-core would remove such a key from the result, or read it as a tag.
        raise TalkoverError("config", f"{name} holds an ID that begins with _ansible_, which ansible-core reserves.")
    # Faster than the categories Cc and Cs of unicodedata, which are these ranges.
    if not trunk_id.isprintable() and _CONTROL.search(trunk_id):
        raise TalkoverError("config", f"{name} holds an ID with a control character, such as a line break.")
    return trunk_id


def _type_name(value: Any) -> str:
    # ansible-core 2.19 and newer pass internal tagged types, whose names mean nothing to users.
    known = (bool, int, float, list, dict)
    return next((kind for kind in known if isinstance(value, kind)), type(value)).__name__


def read_token(value: Any) -> Token:
    """Return the token.

    :raises TalkoverError: kind ``config``, when it is missing or invalid. The message does not show the value.
    """
    if value is None:
        import platform

        raise TalkoverError(
            "config",
            f"No token: set TALKOVER_TOKEN where this runs (host {platform.node()}), or the option api_token.",
        )
    if not isinstance(value, str):
        # The message does not show the value, because it may contain the token.
        raise TalkoverError("config", f"api_token must be a string, but is of type {_type_name(value)}.")
    return Token(value)


def _absolute(path: str | None) -> str | None:
    try:
        return path and os.path.abspath(path)
    except OSError:
        # The working directory is gone, and no relative path can be loaded.
        return path


def _checked_url(api_url: str, token: Token) -> str:
    wanted = f"It must be an absolute http(s) URL such as {DEFAULT_URL}."
    # All separators and all characters of the categories C are not printable, except the space.
    if not api_url.isprintable() or " " in api_url or "\\" in api_url:
        raise TalkoverError("config", f"api_url contains white space, a backslash or a control character. {wanted}")
    try:
        url = urlsplit(api_url)
        host, port = url.hostname, url.port
    except ValueError:
        raise TalkoverError("config", f"api_url has an invalid host or port. {wanted}") from None
    if "@" in api_url:
        # The message does not show the URL, because this part is often a secret.
        raise TalkoverError("config", f"api_url contains a user name or password before an @. Use api_token. {wanted}")
    if "?" in api_url or "#" in api_url:
        raise TalkoverError("config", f"api_url contains a query or a fragment. {wanted}")
    if url.scheme not in ("http", "https") or not host or port == 0 or url.netloc.endswith(":"):
        raise TalkoverError("config", f"api_url is {token.hide(repr(api_url))}. {wanted}")
    if url.scheme == "http" and not is_loopback(host):
        raise TalkoverError(
            "config",
            f"api_url is {token.hide(repr(api_url))}, but http:// would send the token unencrypted, so it is for the "
            "loopback only. Use https://.",
        )
    # The scheme and the host are case-insensitive, and later comparisons expect lower case.
    return f"{url.scheme}://{url.netloc.lower()}{url.path}".rstrip("/")


def is_loopback(host: str) -> bool:
    """Return whether a host name or address is a loopback one."""
    if host == "localhost":
        return True
    # Imported late: only http:// is limited to the loopback.
    import ipaddress

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_size(name: str, value: Any) -> None:
    """Reject a number that ansible-core cannot convert: it would end with a Python error, or compute for hours.

    :raises TalkoverError: kind ``config``.
    """
    try:
        # ansible-core accepts underscores in more places than Python.
        is_huge = abs(float(value.replace("_", "") if isinstance(value, str) else value)) > sys.maxsize
    except OverflowError:
        is_huge = True
    except (TypeError, ValueError):
        return  # ansible-core says what is wrong
    if is_huge:
        raise TalkoverError("config", f"{name} is a number that is too large.")


def check_range(name: str, value: Any, lowest: Any, highest: Any) -> Any:
    """Return a number.

    :raises TalkoverError: kind ``config``, when it is out of range.
    """
    # Comparisons with NaN are false, so NaN is rejected as well.
    if not lowest <= value <= highest or not math.isfinite(value):
        raise TalkoverError("config", f"{name} must be from {lowest} to {highest}, but is {str(value)[:40]}.")
    return value
