# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test with a modified copy of urllib3, in which a hook is renamed or never called.

Each is asked through a process of its own, and a server that drips ends no attempt that has lost its deadline.
"""

from __future__ import annotations

import importlib.metadata
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import urllib3

from ansible_collections.talkover.voice.tests.faults import runner
from ansible_collections.talkover.voice.tests.faults.fault import (
    HEALTHY,
    RECORD,
    TOKEN,
    Play,
    dripped,
    encoded,
    responds,
)
from ansible_collections.talkover.voice.tests.faults.framing import glued
from ansible_collections.talkover.voice.tests.faults.server import Server
from ansible_collections.talkover.voice.tests.faults.tls import contexts, dripping_handshake

ASK = """
import json, sys
from ansible_collections.talkover.voice.tests.faults import runner
outcome = runner.fetch_outcome(json.loads(sys.argv[1]))
print(json.dumps([outcome.kind, outcome.text, str(outcome.error or ""), outcome.attempts]))
"""

VERSION = importlib.metadata.version("urllib3")

HOOKS = ("_new_conn", "_put_conn", "_validate_conn", "_dns_host", "pool_classes_by_scheme", "ConnectionCls")

# Lines at the end of a file of urllib3, after which a hook has its name and no effect.
UNUSED = {
    "_new_conn": ("connection.py", "HTTPConnection._new_conn = HTTPConnection._renamed"),
    "_put_conn": ("connectionpool.py", "HTTPConnectionPool._put_conn = HTTPConnectionPool._renamed"),
    "pool_classes_by_scheme": ("poolmanager.py", "PoolManager.pool_classes_by_scheme = {}"),
    "ConnectionCls": ("connectionpool.py", "HTTPConnectionPool.ConnectionCls = HTTPConnection"),
}

DRIPPING = dripped(HEALTHY[:20], b"a" * 9999)


class Asked(NamedTuple):
    kind: str
    text: str
    message: str
    attempts: int


def another_urllib3(folder: Path, hook: str, *, unused: bool = False) -> Path:
    """Copy urllib3 with another name for a hook."""
    target = folder / "urllib3"
    shutil.copytree(Path(urllib3.__file__).parent, target, ignore=shutil.ignore_patterns("__pycache__", "contrib"))
    shutil.copytree(Path(urllib3.__file__).parent / "contrib", target / "contrib")
    for path in target.rglob("*.py"):
        text = path.read_text("utf-8")
        changed = re.sub(rf"\b{hook}\b", "_renamed", text)
        if unused and path == target / UNUSED[hook][0]:
            changed += f"\n{UNUSED[hook][1]}\n"
        if changed != text:
            path.write_text(changed, encoding="utf-8")
    return folder


def ask(
    tree: Path, libraries: Path, play: Play, certificates: Path, *, tls: bool, scheme: str = "", **given: Any
) -> tuple[Asked, int]:
    """Send a request with other libraries first on the path."""
    with Server(play, contexts(certificates)["good"] if tls else None) as server:
        url = f"{scheme or ('https' if tls else 'http')}://127.0.0.1:{server.port}/api/v1"
        options = runner.options(url, timeout=1.0, ca_path=str(certificates / "ca.pem"), **given)
        process = subprocess.run(
            [sys.executable, "-c", ASK, json.dumps(options)],
            env={"PYTHONPATH": f"{libraries}:{tree}"},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert process.returncode == 0, process.stderr
        return Asked(*json.loads(process.stdout)), server.accepted


def check_refused(asked: Asked) -> None:
    assert asked.kind == "config", asked
    assert asked.attempts == 1
    assert f"urllib3 {VERSION} is not supported, because " in asked.message
    assert asked.message.endswith(".")
    assert not runner.leaks(asked.text)


def test_the_copy_itself_is_supported(tree: Path, tmp_path: Path, certificates: Path) -> None:
    another = another_urllib3(tmp_path, "no_such_name")
    for tls in (False, True):
        asked, _accepted = ask(tree, another, responds(encoded(RECORD)), certificates, tls=tls)
        assert asked.kind == "healthy", asked


@pytest.mark.parametrize("hook", HOOKS)
def test_a_renamed_hook_is_an_error(hook: str, tree: Path, tmp_path: Path, certificates: Path) -> None:
    another = another_urllib3(tmp_path, hook)
    for tls in (False, True):
        asked, accepted = ask(tree, another, DRIPPING, certificates, tls=tls)
        check_refused(asked)
        assert hook in asked.message or hook == "ConnectionCls"
        assert accepted == 0


@pytest.mark.parametrize("hook", UNUSED)
def test_a_hook_that_has_no_effect_is_an_error(hook: str, tree: Path, tmp_path: Path, certificates: Path) -> None:
    another = another_urllib3(tmp_path, hook, unused=True)
    given: dict[str, Any] = {"include": ["live_health"], "max_connections": 1}
    for tls in (False, True):
        # The second answer waits in the buffer of http.client, or in the one of OpenSSL.
        second = glued(encoded(RECORD), encoded({"is_healthy": True}), fill=tls)
        asked, _accepted = ask(
            tree, another, second if hook == "_put_conn" else DRIPPING, certificates, tls=tls, **given
        )
        check_refused(asked)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("urllib3.connectionpool.HTTPConnectionPool.urlopen = None", "it raised TypeError"),
        ("urllib3.connectionpool.HTTPConnectionPool.urlopen = lambda *a, **k: {}[1]", "it raised KeyError"),
        (
            "urllib3.connectionpool.HTTPConnectionPool.urlopen = canned",
            "the response did not come through a socket with limits",
        ),
        ("urllib3.connection.HTTPConnection = Other", "its connections are not those of http.client"),
        ("requests.adapters.HTTPAdapter.__init__ = lambda self: None", "it raised TypeError"),
        ("ssl.SSLContext.wrap_socket = wrap", "it opens sockets without limits"),
    ],
)
def test_a_crash_is_an_error_too(code: str, reason: str, tree: Path, tmp_path: Path, certificates: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import http.client, io, requests.adapters, ssl, urllib3.connection, urllib3.connectionpool\n"
        "Other = type('Other', (), dict(http.client.HTTPConnection.__dict__))\n"
        "def canned(*args, **kwargs):\n"
        f"    return urllib3.HTTPResponse(io.BytesIO({encoded(RECORD)!r}), status=200, preload_content=False)\n"
        "def wrap(self, sock, **kwargs):\n"
        "    return ssl.SSLSocket._create(sock=sock, context=self, **kwargs)\n"
        f"{code}\n",
        encoding="utf-8",
    )
    # TLS that has lost its limits would wait for the end of this handshake.
    play = dripping_handshake if "wrap_socket" in code else responds(encoded(RECORD))
    asked, _accepted = ask(tree, tmp_path, play, certificates, tls=play is not dripping_handshake, scheme="https")
    check_refused(asked)
    assert reason in asked.message
    assert TOKEN not in asked.text


@pytest.mark.parametrize("code", ["raise ValueError('hunter2')", "raise ImportError('hunter2')", "del __version__"])
def test_so_is_a_library_that_cannot_be_imported(code: str, tree: Path, tmp_path: Path, certificates: Path) -> None:
    package = another_urllib3(tmp_path, "no_such_name") / "urllib3" / "__init__.py"
    package.write_text(f"{package.read_text('utf-8')}\n{code}\n", encoding="utf-8")
    asked, accepted = ask(tree, tmp_path, responds(encoded(RECORD)), certificates, tls=True)
    assert (asked.kind, accepted) == ("config", 0), asked
