# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which answer a request gets. No sockets here: a method, a path, a query and a token go in, an answer comes out."""

from __future__ import annotations

import math
import re
import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Union
from urllib.parse import parse_qs, unquote

from . import envelope, scenario
from .window import RESET_STYLES, Window

BASE = "/api/v1"
# Matched before decoding: an ID may hold an encoded slash and is one segment all the same.
_ADDRESS = re.compile(BASE + "/sip-trunks(?:/(?P<id>[^/]+)(?:/(?P<what>health|dids))?)?")
Body = Union[bytes, str, dict[str, Any], list[Any], None]


@dataclass
class Answer:
    """What goes back to the client."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class _Script:
    suffix: str
    answer: Answer
    times: int


class Service:
    """The four GET requests of the API, its Bearer check, its error shapes and its rate limit; safe for many threads.

    Args:
        trunks: As described in the module C(scenario).
        token: The one Bearer token that is right.
        window: The rate limit. It counts every request, whatever becomes of it, under the token it came with.
        error_shape: 1 to 4, the shape of all errors but a missing token, which the API documents in shape 4 alone.
        page_size: Trunks on a page of the list when the request has no C(per_page). None: one page, without C(meta).
        reset: Unit of C(X-RateLimit-Reset), C(seconds) or C(epoch).

    Raises:
        ValueError: One of them is not possible.
    """

    def __init__(
        self,
        trunks: Iterable[Mapping[str, Any]],
        token: str,
        window: Window,
        *,
        error_shape: int = 1,
        page_size: int | None = None,
        reset: str = "seconds",
    ) -> None:
        if error_shape not in envelope.ERROR_SHAPES:
            raise ValueError(f"The error shape must be one of {envelope.ERROR_SHAPES}.")
        if page_size is not None and not 1 <= page_size <= 100:
            raise ValueError("The page size must be from 1 to 100.")
        if reset not in RESET_STYLES:
            raise ValueError(f"The reset style must be one of {RESET_STYLES}.")
        self.trunks = scenario.index(trunks)
        self.token = token
        self.window = window
        self.error_shape = error_shape
        self.page_size = page_size
        self.reset = reset
        self._lock = threading.Lock()
        self._asked: Counter[tuple[str, str]] = Counter()
        self._scripts: list[_Script] = []

    def fail_next(
        self,
        path_suffix: str,
        *,
        status: int = 500,
        body: Body = None,
        headers: Mapping[str, str] | None = None,
        times: int = 1,
    ) -> None:
        """Answer the next requests whose path ends so in another way; several calls are used up in their order.

        Args:
            path_suffix: End of the path as it was received, percent-encoded, without the query. Empty: any path.
            status: HTTP status.
            body: Bytes and text as they are, anything else as JSON. None: an error in the shape of this service.
            headers: Further headers, in place of those of the same name. An answer that brings its own
                C(Content-Length), true or not, ends the connection, so that a body may be cut short.
            times: How many requests are answered so.
        """
        if body is None:
            content = envelope.failure(self.error_shape, "SCRIPTED", f"The emulator was told to answer {status}.")
        elif isinstance(body, bytes):
            content = body
        else:
            content = body.encode() if isinstance(body, str) else envelope.encode(body)
        with self._lock:
            self._scripts.append(_Script(path_suffix, Answer(status, content, dict(headers or {})), times))

    def authorized(self, token: str | None) -> bool:
        """Whether that is the right token."""
        return token == self.token

    def answer(self, method: str, path: str, query: str, token: str | None) -> Answer:
        """Answer one request.

        Args:
            method: As received; only GET is answered with trunks.
            path: As received, percent-encoded, without the query.
            query: As received, percent-encoded, without the question mark.
            token: What stood behind C(Bearer), None without.
        """
        grant = self.window.take(token)
        if grant.allowed:
            answer = self._scripted(path) or self._plain(method, path, query, token)
        else:
            wait = grant.retry_after
            answer = self._error(429, "RATE_LIMIT_EXCEEDED", "Too many requests.", details={"retry_after": wait})
            answer.headers["Retry-After"] = str(wait)
        scripted = {name.lower() for name in answer.headers}
        standing = {"Content-Type": "application/json", **grant.headers(self.reset)}
        headers = {name: value for name, value in standing.items() if name.lower() not in scripted}
        return Answer(answer.status, answer.body, {**headers, **answer.headers})

    def _scripted(self, path: str) -> Answer | None:
        with self._lock:
            for script in self._scripts:
                if script.times > 0 and path.endswith(script.suffix):
                    script.times -= 1
                    return script.answer
        return None

    def _plain(self, method: str, path: str, query: str, token: str | None) -> Answer:
        if token is None:
            return Answer(401, envelope.failure(4, "", "Missing Bearer Token"))
        if not self.authorized(token):
            return self._error(401, "INVALID_API_KEY", "The API key is not valid.")
        address = _ADDRESS.fullmatch(path)
        if address is None:
            return self._error(404, "NOT_FOUND", "There is nothing at this address.")
        if method != "GET":
            answer = self._error(405, "METHOD_NOT_ALLOWED", "The emulator only reads: use GET.")
            answer.headers["Allow"] = "GET"
            return answer
        if address["id"] is None:
            return self._list(query)
        return self._trunk(unquote(address["id"]), address["what"] or "record")

    def _trunk(self, trunk_id: str, what: str) -> Answer:
        trunk = self.trunks.get(trunk_id)
        if trunk is None:
            return self._error(404, "NOT_FOUND", "SIP trunk not found.")
        with self._lock:
            self._asked[what, trunk_id] += 1
            question, check = self._asked["record", trunk_id], self._asked["health", trunk_id]
        if what == "health":
            return Answer(200, envelope.success(scenario.live_check(trunk, check, question)))
        return Answer(
            200, envelope.success(trunk.get("dids", []) if what == "dids" else scenario.record(trunk, question))
        )

    def _list(self, query: str) -> Answer:
        # The list shows what the last request for each record saw, and moves nothing on.
        trunks = [scenario.summary(trunk, self._asked["record", key]) for key, trunk in list(self.trunks.items())]
        if self.page_size is None:
            return Answer(200, envelope.success(trunks))
        asked = {name: values[-1] for name, values in parse_qs(query, keep_blank_values=True).items()}
        try:
            page = _whole(asked, "page", 1, None)
            per_page = _whole(asked, "per_page", self.page_size, 100)
        except _InvalidError as invalid:
            return self._error(
                422, "VALIDATION_ERROR", "The given data was invalid.", errors={invalid.name: [str(invalid)]}
            )
        meta = {
            "current_page": page,
            "per_page": per_page,
            "total": len(trunks),
            "last_page": max(1, math.ceil(len(trunks) / per_page)),
        }
        return Answer(200, envelope.success(trunks[(page - 1) * per_page : page * per_page], meta))

    def _error(
        self,
        status: int,
        code: str,
        message: str,
        details: Mapping[str, Any] | None = None,
        errors: Mapping[str, list[str]] | None = None,
    ) -> Answer:
        return Answer(status, envelope.failure(self.error_shape, code, message, details, errors))


class _InvalidError(ValueError):
    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


def _whole(asked: Mapping[str, str], name: str, default: int, most: int | None) -> int:
    text = asked.get(name, str(default))
    # Nine digits are enough for any page, and no number that int() would refuse to read.
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= (most or 10**9)):
        raise _InvalidError(name, f"The {name} must be a whole number from 1{f' to {most}' if most else ''}.")
    return int(text)
