# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test that a secret is redacted in each form that a service or a library may echo."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from ansible_collections.talkover.voice.plugins.module_utils._redaction import Redactor
from ansible_collections.talkover.voice.tests.faults import runner
from ansible_collections.talkover.voice.tests.faults.fault import TOKEN

HIDDEN = "********"


def redactor(secret: str) -> Redactor:
    return Redactor(secret, HIDDEN)


@pytest.mark.parametrize(
    "echo",
    ["talq_a%2Fb%2Bc%26d", "talq_a%2fb%2bc%26d", "talq_a/b+c&amp;d", "talq_a\\/b+c&d", "talq_a%252fb%252bc%2526d"],
)
def test_a_text_with_the_secret_behind_escapes_is_hidden_as_a_whole(echo: str) -> None:
    assert redactor("talq_a/b+c&d").hide(f"<{echo}>") == HIDDEN


@pytest.mark.parametrize("echo", ["talq_a/b+c&d", "74616c715f612f622b632664", "74616C715F612F622B632664"])
def test_the_secret_is_cut_out_of_a_text(echo: str) -> None:
    assert redactor("talq_a/b+c&d").hide(f"<{echo}>") == f"<{HIDDEN}>"


_LONG = "talq_0aZ'b/c+d=e&f\"g~h;i-j%k\\\\l.=="


@pytest.mark.parametrize("secret", [TOKEN, _LONG, "talq_abcdefghijkl", "talq_ab/"])
def test_each_form_that_is_known_is_hidden_wherever_it_stands(secret: str) -> None:
    hiding = redactor(secret)
    for form in runner.echoes(secret):
        for text in (form, f"Bad <{form}> and {form}", f"{form}{form}", f"a.{form}.b"):
            left = hiding.hide(text)
            assert not runner.leaks(left, secret), (text, left)
            assert HIDDEN in left


@pytest.mark.parametrize("lead", range(9))
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_base64_is_hidden_at_any_offset(lead: int, encode: Callable[[bytes], bytes]) -> None:
    hiding = redactor(TOKEN)
    text = encode(b"z" * lead + TOKEN.encode() + b"behind").decode()
    shown = hiding.hide(f"> {text} <")
    assert shown.startswith(f"> {text[: lead * 8 // 6][:-1]}")
    assert HIDDEN in shown
    assert not runner.leaks(shown)


def test_base64_of_the_header_is_hidden_to_its_last_sign() -> None:
    assert redactor(TOKEN).hide(base64.b64encode(TOKEN.encode()).decode()) == HIDDEN
    assert redactor(TOKEN).hide(base64.b64encode(f"Bearer {TOKEN}".encode()).decode()) == f"QmVhcmVyI{HIDDEN}"


def test_the_secret_is_hidden_in_another_letter_case() -> None:
    assert redactor("talq_aBcDeF").hide("of TALQ_ABCDEF") == f"of {HIDDEN}"


@pytest.mark.parametrize(
    ("secret", "text", "shown"),
    [
        ("x", "&#120; %78 x \\u0078 eA==", f"&#120; %78 {HIDDEN} {HIDDEN} eA=="),
        ("a/b", "a%2Fb a\\/b a/b", f"a%2Fb a\\/b {HIDDEN}"),
        ("a/b=c", "YS9iPWM= a%2Fb%3Dc", HIDDEN),
    ],
)
def test_short_forms_of_a_short_token_are_innocent_text(secret: str, text: str, shown: str) -> None:
    assert redactor(secret).hide(text) == shown.replace(f"{HIDDEN} eA==", "\\u0078 eA==")


@pytest.mark.parametrize(
    "text",
    [
        "\\" * 500_000,
        "%25" * 200_000,
        "&amp;" * 100_000,
        "&#" + "0" * 500_000,
        "%74" * 200_000,
        "talq_" + ("\\" * 9 + "'") * 50_000,
        "talq_" + "\\x5c" * 100_000,
    ],
)
@pytest.mark.parametrize("secret", [TOKEN, "talq_" + "\\'" * 14 + "x", "talq_" + "\\" * 30 + "x"])
def test_no_text_makes_hiding_slow(text: str, secret: str) -> None:
    hiding = redactor(secret)
    started = time.process_time()
    assert hiding.hide(text) == text
    assert time.process_time() - started < 5


def test_hiding_costs_no_slow_import() -> None:
    # Coverage's own start-up may have imported it.
    code = f"import sys; sys.modules.pop('html', None); from {Redactor.__module__} import Redactor"
    code += "; Redactor('talq_abcdefgh', '***').hide('%&' * 99)"
    command = [sys.executable, "-c", f"{code}; sys.exit('html' in sys.modules)"]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    assert subprocess.run(command, check=False, env=env).returncode == 0
