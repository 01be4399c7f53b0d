# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages: error responses of the service, and of proxies and portals in its place."""

from __future__ import annotations

import base64
import json
from typing import Any

from .fault import RECORD, TOKEN, Fault, encoded, http, sends

KINDS = {401: "auth", 403: "forbidden", 404: "not_found", 429: "rate_limited"}
RETRIED = (429, 500, 502, 503, 504)

SHAPES: dict[str, dict[str, Any]] = {
    "shape 1": {"success": False, "error": {"code": "A_CODE", "message": "Told so.", "details": {}}},
    "shape 2": {"error": {"code": "A_CODE", "message": "Told so.", "details": {"retry_after": 0}}},
    "shape 3": {"success": False, "message": "Told so.", "code": "A_CODE", "errors": {"field": ["bad"]}},
    "shape 4": {"message": "Told so."},
}

_HTML = b"<!DOCTYPE html><html><head><title>Gateway</title></head><body><h1>Told so.</h1></body></html>"
_PORTAL = b"<html><body>Welcome to the hotel. Your trunk is healthy, is_active: true</body></html>"
_NOW = "X-RateLimit-Reset: 0"


def kind_of(status: int) -> str:
    """Return the kind that the contract has for a status from 400 to 599."""
    return KINDS.get(status, "rejected" if status < 500 else "server")


def _refused(name: str, status: int, body: bytes, *headers: str, message: str = "") -> Fault:
    play = sends(http(status, body, _NOW, *headers))
    return Fault(f"{status}, {name}", play, kind_of(status), retried=status in RETRIED, message=message or str(status))


def _body(name: str, data: Any, kind: str = "bad_response") -> Fault:
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    return Fault(f"200 with {name}", sends(http(200, body)), kind)


_ECHOES = {
    "URL-encoded but for its slash": "talq_F4ult/s3cret%2Bt0ken%3D%3D",
    "URL-encoded twice": "talq_F4ult%252Fs3cret%252bt0ken%253D%253D",
    "with the escapes of JSON": "talq_F4ult\\u002fs3cret\\u002Bt0ken\\u003d\\u003D",
    "with decimal entities": "talq_F4ult&#47;s3cret&#043;t0ken&#61;&#0061",
    "with hexadecimal entities": "talq_F4ult&#x2f;s3cret&#X2B;t0ken&#x3D;&#x03d",
    "with named entities": "talq&lowbar;F4ult&sol;s3cret&plus;t0ken&equals;&equals;",
    "in base64": base64.b64encode(TOKEN.encode()).decode(),
    "in base64, behind two bytes": base64.b64encode(f"id{TOKEN}".encode()).decode(),
    "in base64 for URLs, as the header": base64.urlsafe_b64encode(f"Bearer {TOKEN}".encode()).decode(),
}

_DOCUMENTED = (400, 401, 402, 403, 404, 422, 429, 500, 503)

ROWS = (
    *(
        _refused(f"in the API's {name}", status, json.dumps(shape).encode(), message="Told so")
        for status in range(400, 600)
        for number, (name, shape) in enumerate(SHAPES.items())
        # The others use the error formats in turn.
        if status in _DOCUMENTED or status % 4 == number
    ),
    *(
        _refused("a page of HTML", status, _HTML, "Content-Type: text/html", message="Told so")
        for status in (403, 404, 502)
    ),
    *(_refused("without a word", status, b"", message="without a message") for status in (401, 404, 422, 503)),
    *(_refused("with a message of 10 MB", status, b"x" * 10_000_000) for status in (400, 404, 500)),
    _refused("with control characters", 400, b'{"message": "a\\u0000b\\u0007c\\r\\nd"}', message="a b c d"),
    _refused("with raw control characters", 400, b"a\x00b\x07c\r\nd", message="a b c d"),
    _refused("with ANSI sequences", 422, b'{"message": "\\u001b[31mred\\u001b[2J"}', message="[31mred"),
    _refused("with bidirectional marks", 422, '{"message": "a\u202eb\u2066c"}'.encode(), message="a b c"),
    _refused("with lone surrogates", 422, b'{"message": "a\\ud800b"}'),
    _refused("not in UTF-8", 500, b"\xff\xfe\x00a"),
    _refused("with JSON 100,000 levels deep", 500, b"[" * 100_000),
    _refused("with a number of 5,000 digits", 429, b'{"error": {"details": {"retry_after": 1' + b"0" * 5000 + b"}}}"),
    _refused("with a wait of 400 digits", 400, b'{"error": {"details": {"retry_after": 1' + b"0" * 400 + b"}}}"),
    _refused(
        "with messages of other types", 400, b'{"error": ["a", {}], "message": {"a": 1}, "code": [], "errors": 5}'
    ),
    _refused("with a password in the message", 422, b'{"errors": {"password": ["hunter2"]}, "message": "No."}'),
    _refused("with a password in damaged JSON", 422, b'{"message": "No.", "password": "hunter2", "x": NaN}'),
    _refused(
        "echoing the token", 401, json.dumps({"message": f"Bad token {TOKEN}"}).encode(), message="Bad token ****"
    ),
    _refused("echoing the token as the code", 401, json.dumps({"message": "Bad", "code": TOKEN}).encode()),
    _refused("echoing the token as a name", 422, json.dumps({"errors": {TOKEN: ["bad"]}}).encode()),
    _refused("echoing the token in plain text", 401, f"Bad {TOKEN}".encode(), message="Bad ****"),
    _refused("echoing the token in HTML", 403, f"<p title='{TOKEN}'>{TOKEN}</p>".encode()),
    _refused("echoing the token, URL-encoded", 401, b"Bad talq_F4ult%2Fs3cret%2bt0ken%3D%3D", message='"********"'),
    _refused("echoing the token, escaped", 401, b'{"message": "talq_F4ult\\/s3cret\\u002bt0ken=="}', message="****"),
    *(
        _refused(f"echoing the token, {form}", 401, json.dumps({"message": f"Bad {echo}"}).encode(), message="****")
        for form, echo in _ECHOES.items()
    ),
    _refused("echoing the token at the cut", 400, b"x" * 290 + TOKEN.encode()),
    _refused("echoing the token in headers", 500, b"", f"X-Echo: {TOKEN}", f"Set-Cookie: t={TOKEN}", f"ETag: {TOKEN}"),
    Fault("a reason phrase that echoes the token", sends(http(f"HTTP/1.1 400 {TOKEN}")), "rejected"),
    _body("nothing", b""),
    _body("null", None),
    _body("a text", "healthy"),
    _body("a number", 200),
    _body("true", True),
    _body("a list", [RECORD]),
    _body("the record without the envelope", RECORD),
    _body("an empty object", {}),
    _body("no data", {"success": True}),
    _body("data that is null", {"success": True, "data": None}),
    _body("data that is a list of the record", {"success": True, "data": [RECORD]}),
    _body("data that is a text", {"success": True, "data": "healthy"}),
    _body("data that is empty", {"success": True, "data": {}}),
    _body("success missing", {"data": RECORD}),
    _body("success as a text", {"success": "true", "data": RECORD}),
    _body("success as a number", {"success": 1, "data": RECORD}),
    _body("success null", {"success": None, "data": RECORD}),
    _body("success: false", {"success": False, "message": "Told so."}, "rejected"),
    _body("success: false and a healthy record", {"success": False, "data": RECORD}, "rejected"),
    _body("another trunk", encoded({**RECORD, "id": "trunk-2"})),
    _body("the ID in other letters", encoded({**RECORD, "id": "TRUNK-1"})),
    _body("the ID with white space", encoded({**RECORD, "id": "trunk-1 "})),
    _body("an ID that is a number", encoded({**RECORD, "id": 1})),
    _body("an ID that is a list", encoded({**RECORD, "id": ["trunk-1"]})),
    _body("an ID that is null", encoded({**RECORD, "id": None})),
    _body("no ID", encoded({name: value for name, value in RECORD.items() if name != "id"})),
    _body("a portal's page", _PORTAL),
    _body("10 MB", encoded({**RECORD, "note": "x" * 10_000_000})),
    _body(
        "passwords in the record", encoded({**RECORD, "password": "hunter2", "a": [{"password": "hunter2"}]}), "healthy"
    ),
    _body("the token in the record", encoded({**RECORD, "note": f"{TOKEN} and {TOKEN}", TOKEN: 1}), "healthy"),
    *(
        Fault(f"{status} with a healthy record", sends(http(status, encoded(RECORD))), "bad_response")
        for status in (201, 202, 203, 204, 205, 206, 207, 226, 299, 600, 999)
    ),
)
