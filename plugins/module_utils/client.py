# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""Requests to the service: retried, steered by the rate limit, and each failure as the one error of the collection."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple

from . import _clock, answer
from .answer import ErrorWords, Unusable
from .errors import AttemptFailed, TalkoverError
from .options import Connection
from .window import LONGEST_WAIT, RateWindow, WaitExceeded, reset_wait, retry_after
from .words import printable

if TYPE_CHECKING:
    from .exchange import Reply

RECORD_LIMIT = 1 << 20
"""The bytes that one record may have after decompression."""
LIST_LIMIT = 8 << 20
"""The bytes that a list may have after decompression."""

_SHORTEST_WAIT = 1.0
"""The seconds after a 429 until the next request at least, so that a service cannot ask to be asked without a pause."""
_BACKOFF = 0.5
_LONGEST_BACKOFF = 8.0
_KINDS = {401: "auth", 403: "forbidden", 404: "not_found", 429: "rate_limited"}
_RETRIED_STATUSES = frozenset((429, 500, 502, 503, 504))
_RETRIED_KINDS = frozenset(("network", "timeout"))


class Request(NamedTuple):
    """What one GET asks for.

    :param path: its path under ``api_url``.
    :param what: what a message calls it.
    :param limit: the bytes that its answer may have.
    :param trunk_id: the trunk that it is about, when it is about one.
    """

    path: str
    what: str
    limit: int = RECORD_LIMIT
    trunk_id: str | None = None


class APIResponse(NamedTuple):
    """A successful response.

    :param envelope: its JSON, in which C(success) is true and C(data) is there.
    :param headers: its headers, whose names are case-insensitive.
    :param arrived: when its last byte had arrived, as ``_clock.now`` tells it.
    """

    envelope: dict[str, Any]
    headers: Mapping[str, str]
    arrived: float


class Client:
    """Asks the service, for one fetch.

    :param on_wait: told the seconds, once for each long wait for the service's rate window.
    :raises TalkoverError: kind ``config``, when requests is missing or a certificate cannot be used.
    """

    def __init__(self, connection: Connection, on_wait: Callable[[float], None] | None = None) -> None:
        # Importing the library is most of what a small question costs, so it waits for the first one.
        from .exchange import Exchange
        from .transport import IMPORT_ERROR

        if IMPORT_ERROR is not None:
            from ansible.module_utils.basic import missing_required_lib

            raise TalkoverError("config", str(missing_required_lib("requests")))
        self._connection = connection
        self._window = RateWindow(on_wait, connection.max_wait)
        self._exchange = Exchange(connection)

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._window.stop()
        self._exchange.close()

    def get(self, request: Request) -> APIResponse:
        """Send a request, again if need be, and return the response.

        A 429 that says when the limit resets is no failure but a wait, which C(max_wait) bounds. All other failures
        that may pass use up one of C(retries).

        :raises TalkoverError: of the kind that the response, or its absence, is.
        """
        attempts = retries = 0
        limited: TalkoverError | None = None
        while True:
            number = self._enter(request, limited)
            reply = pause = None
            try:
                reply = self._reply(request)
                arrived = _clock.now()
                return APIResponse(self._envelope(request, reply), reply.headers, arrived)
            except TalkoverError as error:
                attempts += 1
                error.attempts = attempts
                limited = error if error.status == 429 else None
                wait, is_retry = self._wait(error, retries)
                retries += is_retry
                pause = wait if limited else None
            finally:
                self._window.leave(number, reply.headers if reply else None, pause)
            if pause is None:
                self._window.sleep(wait)

    def error(self, kind: str, request: Request, came: str, **fields: Any) -> TalkoverError:
        """Give the error for a request: what was asked, then came, the end of a sentence on what came back."""
        hide = self._connection.token.hide
        url = hide(self._url(request))
        return TalkoverError(
            kind,
            hide(f"Asked for {request.what} at {printable(url)}: {came}."),
            trunk_id=None if request.trunk_id is None else hide(request.trunk_id),
            url=url,
            **fields,
        )

    def _enter(self, request: Request, limited: TalkoverError | None) -> int:
        """Wait until the rate limit has room for the request. ``limited`` is the 429 that it was answered with last."""
        try:
            return self._window.enter()
        except WaitExceeded as exceeded:
            error = limited or self.error("rate_limited", request, "too many requests, the rate limit is used up")
            raise self._exceeded(error, exceeded) from None

    def _exceeded(self, error: TalkoverError, exceeded: WaitExceeded) -> TalkoverError:
        longer = TalkoverError(
            error.kind,
            f"{error.message} The next request may be sent in {math.ceil(exceeded.pause)} s, but of the"
            f" {self._connection.max_wait:g} s that max_wait allows for rate limits, {exceeded.waited:.0f} s were"
            " waited already. Raise max_wait to wait longer.",
            status=error.status,
            code=error.code,
            trunk_id=error.trunk_id,
            url=error.url,
            wait=error.wait,
        )
        longer.attempts = error.attempts
        return longer

    def _wait(self, error: TalkoverError, retries: int) -> tuple[float, bool]:
        """Return the seconds until the next attempt, and whether it is a retry; raise the error when there is none.

        :param retries: how many there were.
        """
        may_pass = error.kind in _RETRIED_KINDS or error.status in _RETRIED_STATUSES
        wanted = error.wait or 0.0
        if not may_pass or wanted > LONGEST_WAIT:
            raise error
        if error.status == 429 and wanted > 0:
            return max(wanted, _SHORTEST_WAIT), False
        # A 429 that asks for no wait at all is a retry too: a service may answer so for ever.
        if retries >= self._connection.retries:
            raise error
        backoff: float = min(_BACKOFF * 2**retries, _LONGEST_BACKOFF)
        return max(wanted, backoff * random.uniform(0.5, 1.0)), True

    def _url(self, request: Request) -> str:
        return self._connection.api_url + request.path

    def _reply(self, request: Request) -> Reply:
        try:
            return self._exchange.get(self._url(request), request.limit)
        except AttemptFailed as error:
            raise self.error(error.kind, request, str(error)) from None

    def _envelope(self, request: Request, reply: Reply) -> dict[str, Any]:
        token = self._connection.token
        if reply.status != 200:
            raise self._refusal(request, reply)
        body = b""
        try:
            body = answer.inflate(reply.body, reply.headers.get("Content-Encoding", ""), request.limit)
            envelope = answer.strict_json(body, token)
        except Unusable as error:
            # What a portal or a proxy says tells the reader who answered; a broken record is nothing to read.
            page = "" if body.lstrip().startswith((b"{", b"[")) else answer.error_words(body, token).message
            quoted = f', and says "{page}"' if page else ""
            raise self.error("bad_response", request, f"the answer {error}{quoted}") from None
        if not isinstance(envelope, dict):
            raise self.error("bad_response", request, "the answer is not a JSON object")
        if envelope.get("success") is False:
            words = answer.words_of(envelope)
            raise self.error("rejected", request, _answered(200, words), status=200, code=words.code)
        if envelope.get("success") is not True or "data" not in envelope:
            raise self.error("bad_response", request, "the answer has no success: true with data")
        return envelope

    def _refusal(self, request: Request, reply: Reply) -> TalkoverError:
        status, headers = reply.status, reply.headers
        if not 400 <= status <= 599:
            target = headers.get("Location", "")
            pointed = f", which points to {printable(target)} and is not followed" if target else ""
            return self.error("bad_response", request, f"the service answered {status}{pointed}", status=status)
        words = self._words(reply)
        wait = retry_after(headers)
        wait = words.wait if wait is None else max(wait, words.wait or 0.0)
        came = _answered(status, words)
        if wait is not None and wait > LONGEST_WAIT:
            came += f"; it asks to wait {wait:.0f} s, and more than {LONGEST_WAIT:.0f} s is not waited"
        if wait is None and status == 429:
            wait = reset_wait(headers)
        kind = _KINDS.get(status, "rejected" if status < 500 else "server")
        return self.error(kind, request, came, status=status, code=words.code, wait=wait)

    def _words(self, reply: Reply) -> ErrorWords:
        try:
            body = answer.inflate(reply.body, reply.headers.get("Content-Encoding", ""), RECORD_LIMIT)
        except Unusable:
            return ErrorWords()
        return answer.error_words(body, self._connection.token)


def _answered(status: int, words: ErrorWords) -> str:
    code = f" ({words.code})" if words.code else ""
    message = f', saying "{words.message.rstrip(".")}"' if words.message else " without a word"
    return f"the service answered {status}{code}{message}"
