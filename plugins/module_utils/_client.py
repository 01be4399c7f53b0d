# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""Send requests to the API with retries and rate limiting, and raise each failure as a ``TalkoverError``."""

from __future__ import annotations

import http
import math
import random
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple

from . import _clock, _response
from ._errors import AttemptFailed, TalkoverError
from ._options import ConnectionOptions
from ._rate_limit import MAX_SINGLE_WAIT, RateLimiter, WaitExceeded, Window, reset_wait, retry_after
from ._response import APIError, InvalidResponse
from ._text import sanitize

if TYPE_CHECKING:
    from ._http import Response

RECORD_LIMIT = 1 << 20
"""The maximum size of one record after decompression, in bytes."""
LIST_LIMIT = 8 << 20
"""The maximum size of a list response after decompression, in bytes."""

_MIN_WAIT = 1.0
"""The minimum wait after a 429, in seconds, even when the service requests a shorter one."""
_BACKOFF = 0.5
_MAX_BACKOFF = 8.0
_KINDS = {401: "auth", 403: "forbidden", 404: "not_found", 429: "rate_limited"}
_RETRIED_STATUSES = frozenset((429, 500, 502, 503, 504))
_RETRIED_KINDS = frozenset(("network", "timeout"))


class Request(NamedTuple):
    """Describe a GET request.

    :param path: the path below ``api_url``.
    :param what: the name of the requested resource in messages, such as C(trunk 'trunk-1').
    :param limit: the maximum size of the response body, in bytes.
    :param trunk_id: the ID of the requested trunk, if the request is for a single one.
    """

    path: str
    what: str
    limit: int = RECORD_LIMIT
    trunk_id: str | None = None


class APIResponse(NamedTuple):
    """Hold a successful response.

    :param envelope: the JSON body, with C(success) true and C(data) present.
    :param headers: the response headers, with case-insensitive names.
    :param arrived: the time when the last byte arrived, from ``_clock.now``.
    """

    envelope: dict[str, Any]
    headers: Mapping[str, str]
    arrived: float


class Client:
    """Send the requests of one fetch.

    :param on_wait: called with the seconds, once for each long wait for the rate limit.
    :param window: the rate-limit window, when other processes share it.
    :raises TalkoverError: kind ``config``, when requests is not installed or a certificate cannot be loaded.
    """

    def __init__(
        self,
        connection: ConnectionOptions,
        on_wait: Callable[[float], None] | None = None,
        window: Window | None = None,
    ) -> None:
        # Imported late: importing requests takes longer than a small fetch does.
        from ._http import HTTPClient
        from ._transport import IMPORT_ERROR

        if IMPORT_ERROR is not None:
            from ansible.module_utils.basic import missing_required_lib

            raise TalkoverError("config", str(missing_required_lib("requests")))
        self._connection = connection
        self._rate_limiter = RateLimiter(on_wait, connection.max_wait, window)
        self._http = HTTPClient(connection)

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._rate_limiter.stop()
        self._http.close()

    def get(self, request: Request) -> APIResponse:
        """Send a request, retry it when that may help, and return the response.

        A 429 with a reset time causes a wait, which C(max_wait) bounds. Each other temporary failure uses up one of
        C(retries). While requests wait for each other, so does each 429 without a time that another one gets: otherwise
        many requests would use up their retries one after the other.

        :raises TalkoverError: with the kind of the last failure.
        """
        attempts = retries = 0
        limited: TalkoverError | None = None
        refusals = self._rate_limiter.refusals()
        while True:
            number = self._enter(request, limited)
            response = pause = None
            is_retry = False
            try:
                response = self._send(request)
                arrived = _clock.now()
                return APIResponse(self._envelope(request, response), response.headers, arrived)
            except TalkoverError as error:
                attempts += 1
                error.attempts = attempts
                limited = error if error.status == 429 else None
                shared = self._rate_limiter.refusals() - refusals if limited else 0
                wait, is_retry = self._wait(error, max(retries, shared))
                retries += is_retry
                pause = wait if limited else None
            finally:
                self._rate_limiter.release(number, response.headers if response else None, pause, is_retry)
            if pause is None:
                self._rate_limiter.sleep(wait)

    def error(self, kind: str, request: Request, reason: str, **fields: Any) -> TalkoverError:
        """Return the error for a request.

        :param reason: what failed and why, a sentence without the full stop.
        """
        hide = self._connection.token.hide
        return TalkoverError(
            kind,
            hide(f"{reason} ({request.what}, {sanitize(self._connection.api_url)})."),
            trunk_id=None if request.trunk_id is None else hide(request.trunk_id),
            url=hide(self._url(request)),
            **fields,
        )

    def _enter(self, request: Request, limited: TalkoverError | None) -> int:
        """Wait until the rate limit has room for the request.

        :param limited: the error of the last response, if it was a 429.
        """
        try:
            return self._rate_limiter.acquire()
        except WaitExceeded as exceeded:
            error = limited or self.error("rate_limited", request, "Too many requests: the rate limit is used up")
            raise self._exceeded(error, exceeded) from None

    def _exceeded(self, error: TalkoverError, exceeded: WaitExceeded) -> TalkoverError:
        longer = TalkoverError(
            error.kind,
            f"{error.message} Waited {exceeded.waited:.0f} s for the rate limit, and the next request is possible in "
            f"{math.ceil(exceeded.pause)} s, but max_wait is {self._connection.max_wait:g} s.",
            advice="Raise max_wait, request fewer trunks, or use details=false.",
            status=error.status,
            code=error.code,
            trunk_id=error.trunk_id,
            url=error.url,
            wait=error.wait,
        )
        longer.attempts = error.attempts
        return longer

    def _wait(self, error: TalkoverError, retries: int) -> tuple[float, bool]:
        """Return the seconds until the next attempt and whether it counts as a retry, or raise the error.

        :param retries: the number of retries so far.
        """
        may_pass = error.kind in _RETRIED_KINDS or error.status in _RETRIED_STATUSES
        wanted = error.wait or 0.0
        if not may_pass or wanted > MAX_SINGLE_WAIT:
            raise error
        if error.status == 429 and wanted > 0:
            return max(wanted, _MIN_WAIT), False
        # A 429 without a wait counts as a retry too: a service may return it forever.
        if retries >= self._connection.retries:
            raise error
        backoff: float = min(_BACKOFF * 2**retries, _MAX_BACKOFF)
        return max(wanted, backoff * random.uniform(0.5, 1.0)), True

    def _url(self, request: Request) -> str:
        return self._connection.api_url + request.path

    def _send(self, request: Request) -> Response:
        try:
            return self._http.get(self._url(request), request.limit)
        except AttemptFailed as error:
            raise self.error(error.kind, request, str(error), advice=error.advice) from None

    def _envelope(self, request: Request, response: Response) -> dict[str, Any]:
        token = self._connection.token
        if response.status != 200:
            raise self._refusal(request, response)
        body = b""
        try:
            body = _response.inflate(response.body, response.headers.get("Content-Encoding", ""), request.limit)
            envelope = _response.parse_json(body, token)
        except InvalidResponse as error:
            # The text of a login page or a proxy shows which server responded. A broken record does not.
            page = "" if body.lstrip().startswith((b"{", b"[")) else _response.parse_error_body(body, token).message
            quoted = f': "{page}"' if page else ""
            raise self.error("bad_response", request, f"The response {error}{quoted}") from None
        if not isinstance(envelope, dict):
            raise self.error("bad_response", request, "The response is not a JSON object")
        if envelope.get("success") is False:
            api_error = _response.parse_error(envelope)
            reason = f"The API returned success: false{_describe(api_error)}"
            raise self.error("rejected", request, reason, status=200, code=api_error.code)
        if envelope.get("success") is not True or "data" not in envelope:
            raise self.error("bad_response", request, "The response has no success: true with data")
        return envelope

    def _refusal(self, request: Request, response: Response) -> TalkoverError:
        status, headers = response.status, response.headers
        if not 400 <= status <= 599:
            target = headers.get("Location", "")
            redirect = f", a redirect to {sanitize(target)}, which is not followed" if target else ""
            reason = f"The API returned {_status(status)}{redirect}"
            advice = "Set api_url to the address of the API itself." if target else ""
            return self.error("bad_response", request, reason, status=status, advice=advice)
        api_error = self._read_error(response)
        wait = retry_after(headers)
        wait = api_error.wait if wait is None else max(wait, api_error.wait or 0.0)
        reason = f"The API returned {_status(status)}{_describe(api_error)}"
        if wait is not None and wait > MAX_SINGLE_WAIT:
            reason += f" and asks to wait {wait:.0f} s, more than the {MAX_SINGLE_WAIT:.0f} s that are waited at most"
        if wait is None and status == 429:
            wait = reset_wait(headers)
        kind = _KINDS.get(status, "rejected" if status < 500 else "server")
        return self.error(kind, request, reason, status=status, code=api_error.code, wait=wait)

    def _read_error(self, response: Response) -> APIError:
        try:
            body = _response.inflate(response.body, response.headers.get("Content-Encoding", ""), RECORD_LIMIT)
        except InvalidResponse:
            return APIError()
        return _response.parse_error_body(body, self._connection.token)


def _status(status: int) -> str:
    try:
        return f"{status} {http.HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _describe(error: APIError) -> str:
    code = f" ({error.code})" if error.code else ""
    return f'{code}: "{error.message.rstrip(".")}"' if error.message else f"{code} without a message"
