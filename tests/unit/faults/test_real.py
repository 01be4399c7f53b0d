# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test with real software between the collection and the service: nginx, and a proxy with a password."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from ansible_collections.talkover.voice.tests.emulator import Emulator
from ansible_collections.talkover.voice.tests.faults import runner
from ansible_collections.talkover.voice.tests.faults.runner import Outcome
from ansible_collections.talkover.voice.tests.faults.server import Server

NGINX = """
daemon off; worker_processes 1; pid "{folder}/pid"; error_log "{folder}/error.log";
events {{ worker_connections 64; }}
http {{
  access_log off; client_body_temp_path "{folder}/a"; proxy_temp_path "{folder}/b"; fastcgi_temp_path "{folder}/c";
  uwsgi_temp_path "{folder}/d"; scgi_temp_path "{folder}/e";
  gzip on; gzip_min_length 1; gzip_types application/json; keepalive_requests 2;
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate "{certificates}/good.pem"; ssl_certificate_key "{certificates}/good.pem";
    location /api/ {{ proxy_pass http://127.0.0.1:{emulator}; }}
    location /down/ {{ proxy_pass http://127.0.0.1:1; }}
    location /slow/ {{ proxy_pass http://127.0.0.1:{silent}; proxy_read_timeout 1s; }}
    location /large/ {{ return 413; }}
    location /moved/ {{ return 301 https://127.0.0.1:{port}/api/v1/; }}
  }}
}}
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextlib.contextmanager
def running(command: Sequence[str], port: int) -> Iterator[None]:
    """Run a server until the end of the block, which begins when its port answers."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        for _try in range(600):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            assert process.poll() is None, process.communicate()
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.communicate(timeout=30)


def test_nginx(tmp_path: Path, certificates: Path) -> None:
    nginx = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if nginx is None:
        pytest.skip("nginx in front of the service was not tried: there is no nginx on this machine")
    with Emulator() as service, Server(lambda peer: peer.silence()) as silent:
        port, inner = free_port(), int(service.url.split(":")[2].split("/")[0])
        config = NGINX.format(folder=tmp_path, certificates=certificates, port=port, emulator=inner, silent=silent.port)
        (tmp_path / "nginx.conf").write_text(config)

        def ask(path: str, *ids: str) -> Outcome:
            given = {"trunk_ids": list(ids or ("trunk-healthy",)), "api_token": service.token, "max_connections": 1}
            url = f"https://127.0.0.1:{port}/{path}/v1"
            return runner.fetch_outcome(runner.options(url, ca_path=str(certificates / "ca.pem"), retries=0, **given))

        with running([nginx, "-c", str(tmp_path / "nginx.conf"), "-p", str(tmp_path), "-e", "stderr"], port):
            assert ask("api").kind == "healthy"
            assert ask("api", "trunk-healthy", "trunk-recovering", "trunk-sick").kind == "unhealthy"
            assert ask("api", "no-such-trunk").kind == "not_found"
            ends = {path: ask(path) for path in ("down", "slow", "large", "moved")}
    assert {path: (end.kind, end.error and end.error.status) for path, end in ends.items()} == {
        "down": ("server", 502),
        "slow": ("server", 504),
        "large": ("rejected", 413),
        "moved": ("bad_response", 301),
    }
    for end in ends.values():
        assert not runner.leaks(end.text, service.token)


def test_a_proxy_that_wants_a_password(certificates: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("proxy", reason="a real proxy was not tried: proxy.py is not installed")
    port, password = free_port(), "hunter2-is-secret"
    command = [sys.executable, "-m", "proxy", "--hostname", "127.0.0.1", "--port", str(port), "--num-workers", "1"]
    certificate = str(certificates / "good.pem")
    with Emulator(certfile=certificate) as service:

        def ask(user: str) -> Outcome:
            monkeypatch.setenv("HTTPS_PROXY", f"http://{user}127.0.0.1:{port}")
            given = {
                "trunk_ids": ["trunk-healthy"],
                "api_token": service.token,
                "ca_path": str(certificates / "ca.pem"),
            }
            return runner.fetch_outcome(runner.options(service.url, retries=0, **given))

        with running([*command, "--basic-auth", f"user:{password}"], port):
            assert ask(f"user:{password}@").kind == "healthy"
            ends = [ask("user:hunter2-is-wrong@"), ask("")]
        with running(command, port):
            assert ask("").kind == "healthy"
        ends.append(ask(f"user:{password}@"))
    for end in ends:
        assert end.kind == "network"
        assert "hunter2" not in end.text
        assert not runner.leaks(end.text, service.token)
