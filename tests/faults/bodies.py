# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""JSON that RFC 8259 forbids or leaves open, in one field of a healthy record and as the whole body."""

from __future__ import annotations

from .fault import TOKEN, Fault, responds

_RECORD = b'{"id": "trunk-1", "is_active": true, "is_verified": true, "health_status": "healthy"%s}'
_ENVELOPE = b'{"success": true, "data": ' + _RECORD + b"%s}%s"


def valid_body(inside: bytes = b"", beside: bytes = b"", after: bytes = b"") -> bytes:
    """Return a healthy body with something more in the record, in the envelope, and behind it."""
    return _ENVELOPE % (inside, beside, after)


def nested(levels: int) -> bytes:
    """Return a healthy body with a nested field, so that the whole body has this number of levels."""
    # The envelope and the record are two of the levels.
    return valid_body(b', "note": ' + b"[" * (levels - 2) + b"]" * (levels - 2))


_GOOD = {
    "minus zero": b"-0",
    "1e308": b"1e308",
    "a number that underflows to zero": b"1e-400",
    "an integer of 4,300 digits": b"9" * 4300,
    "an integer beyond 64 bits": b"18446744073709551616",
    "a number with an exponent in capitals": b"1E+2",
    "a fraction of 5,000 digits": b"0." + b"3" * 5000,
    "NUL as an escape": b'"a\\u0000b"',
    "control characters as escapes": b'"\\b\\f\\n\\r\\t\\u001b"',
    "DEL, raw": b'"\x7f"',
    "line separators": '"\u2028\u2029"'.encode(),
    "a pair of surrogates as escapes": b'"\\ud83d\\ude00"',
    "a character beyond the BMP": '"\U0001f600"'.encode(),
    "noncharacters": '"\ufffe\uffff\U0010ffff"'.encode(),
    "a BOM inside of a text": '"\ufeff"'.encode(),
    "an escaped slash": b'"\\/"',
    "an empty name": b'{"": 1}',
    "names with a meaning in other languages": b'{"__proto__": 1, "constructor": 2, "$ref": "#"}',
    "names with a meaning in Ansible": b'{"_ansible_no_log": true, "ansible_facts": {"b": 1}}',
    "a template": b"\"{{ lookup('pipe', 'id') }} {% raw %} {# a #}\"",
    "white space everywhere": b" \t\r\n[ \n1 \r, 2\t] ",
    "100,000 items": b"[" + b"0," * 99_999 + b"0]",
}

_BAD = {
    "a value missing": b"",
    "NaN": b"NaN",
    "Infinity": b"Infinity",
    "-Infinity": b"-Infinity",
    "1e309": b"1e309",
    "-1e999": b"-1e999",
    "an integer of 4,301 digits": b"9" * 4301,
    "an integer of 500,000 digits": b"9" * 500_000,
    "a leading zero": b"01",
    "a plus sign": b"+1",
    "a point without digits before": b".5",
    "a point without digits after": b"5.",
    "a hexadecimal number": b"0x10",
    "an exponent without digits": b"1e",
    "digits that are not ASCII": "\u0661".encode(),
    "True": b"True",
    "nil": b"nil",
    "undefined": b"undefined",
    "single quotes": b"'a'",
    "a text without quotes": b"healthy",
    "a text without an end": b'"a',
    "a name without quotes": b"{a: 1}",
    "a name that is a number": b"{1: 1}",
    "a comma at the end of a list": b"[1,]",
    "a comma at the end of an object": b'{"a": 1,}',
    "two commas": b"[1,,2]",
    "a list without an end": b"[1",
    "a comment": b"1 /* a */",
    "a comment to the end of the line": b"1 // a\n",
    "a raw control character": b'"a\x01b"',
    "a raw line break": b'"a\nb"',
    "a raw NUL": b'"a\x00b"',
    "an escape that is none": b'"\\x41"',
    "half an escape": b'"\\u12"',
    "an escape with a sign": b'"\\u+123"',
    "a lone high surrogate": b'"\\ud800"',
    "a lone low surrogate": b'"\\udc00"',
    "a surrogate pair the wrong way round": b'"\\ude00\\ud83d"',
    "a lone surrogate as a name": b'{"\\ud800": 1}',
    "a surrogate in UTF-8": b'"\xed\xa0\x80"',
    "an overlong form": b'"\xc0\xaf"',
    "Latin-1": b'"\xe9"',
    "an invalid UTF-8 byte": b'"\xff"',
    "UTF-8 cut in a character": b'"\xe2\x82"',
    "a code point beyond Unicode": b'"\xf4\x90\x80\x80"',
    "a no-break space between": "\u00a01".encode(),
    "Ansible's mark of a tag": b'{"__ansible_type": "_AnsibleTaggedStr", "value": "a"}',
    "Ansible's mark of a template": b'{"__ansible_unsafe": "a"}',
    "Ansible's mark of a secret": b'{"__ansible_vault": "a"}',
    "the same name twice in an object": b'{"a": 1, "a": 2}',
    "the same name twice, once as an escape": b'{"a": 1, "\\u0061": 2}',
}

_WHOLE = {
    "text behind it": valid_body(after=b" and more"),
    "a second one behind it": valid_body() + valid_body(),
    "a NUL behind it": valid_body(after=b"\x00"),
    "a semicolon behind it": valid_body(after=b";"),
    "a BOM before it": b"\xef\xbb\xbf" + valid_body(),
    "a guard against scripts before it": b")]}',\n" + valid_body(),
    "a callback around it": b"callback(" + valid_body() + b")",
    "a comment before it": b"// a\n" + valid_body(),
    "cut at its end": valid_body()[:-1],
    "cut in the middle": valid_body()[:60],
    "UTF-16": valid_body().decode().encode("utf-16"),
    "UTF-16 without a BOM": valid_body().decode().encode("utf-16-le"),
    "UTF-32": valid_body().decode().encode("utf-32"),
    "the verdict twice, first false": valid_body(b', "is_active": true').replace(b"true, ", b"false, ", 2),
    "the verdict twice, last false": valid_body(b', "is_active": false'),
    "the verdict twice, once as an escape": valid_body(b', "is_\\u0061ctive": true'),
    "data twice": valid_body(beside=b', "data": {}'),
    "success twice": valid_body(beside=b', "success": false'),
    "the ID twice": valid_body(b', "id": "trunk-2"'),
    "the name of the token twice": valid_body(b', "%s": 1, "%s": 2' % (TOKEN.encode(), TOKEN.encode())),
    "65 levels": nested(65),
    "500 levels": nested(500),
    "100,000 levels": nested(100_000),
    "100,000 levels without an end": b"[" * 100_000,
    "100,000 levels of objects": b'{"a":' * 100_000,
}

ROWS = (
    Fault("a valid response", responds(valid_body()), "healthy"),
    *(
        Fault(f"{name}, in a field", responds(valid_body(b', "note": ' + text)), "healthy")
        for name, text in _GOOD.items()
    ),
    Fault("63 levels", responds(nested(63)), "healthy"),
    Fault("64 levels", responds(nested(64)), "healthy"),
    Fault("white space around the body", responds(b"\r\n\t " + valid_body(after=b" \r\n\t")), "healthy"),
    *(Fault(f"{name}, as the body", responds(text), "bad_response") for name, text in _GOOD.items()),
    *(
        Fault(f"{name}, in a field", responds(valid_body(b', "note": ' + text)), "bad_response")
        for name, text in _BAD.items()
    ),
    *(Fault(f"{name}, as the body", responds(text), "bad_response") for name, text in _BAD.items()),
    *(Fault(f"a body with {name}", responds(text), "bad_response") for name, text in _WHOLE.items()),
)
