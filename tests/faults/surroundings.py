# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Proxies and netrc: the environment variables and files that change the route and the credentials."""

from __future__ import annotations

from pathlib import Path

from .fault import HEALTHY, RECORD, TOKEN, Fault, Peer, Play, encoded, http, responds

_NETRC = {
    "default": "default login a password hunter2\n",
    "machine": "machine 127.0.0.1 login a password hunter2\nmachine localhost login a password hunter2\n",
    "broken": "machine 127.0.0.1 login hunter2 {{{ \x00 machine\n",
    "binary": "\udcff\udcfe\n",
}


def write(folder: Path) -> None:
    """Write the files that the rows use."""
    for name, text in _NETRC.items():
        home = folder / f"home-{name}"
        home.mkdir()
        (home / ".netrc").write_bytes(text.encode("utf-8", "surrogateescape"))
        (home / ".netrc").chmod(0o600)
    (folder / "home-unreadable" / ".netrc").mkdir(parents=True)


def _only_token(peer: Peer) -> None:
    """Respond with a healthy trunk to the right token only."""
    head = peer.request()
    peer.send(HEALTHY if f"\r\nAuthorization: Bearer {TOKEN}\r\n" in head and "Basic" not in head else http(401))


def _netrc() -> tuple[Fault, ...]:
    rows = []
    for name in (*_NETRC, "unreadable"):
        home = f"{{folder}}/home-{name}"
        rows.append(Fault(f"~/.netrc, {name}", _only_token, "healthy", environ={"HOME": home}))
        rows.append(Fault(f"NETRC, {name}", _only_token, "healthy", environ={"NETRC": f"{home}/.netrc"}))
    rows.append(Fault("NETRC, missing", _only_token, "healthy", environ={"NETRC": "{folder}/no-such-netrc"}))
    return tuple(rows)


_PROXY = "http://127.0.0.1:{port}"
_SECRET = "http://user:hunter2@127.0.0.1"
_ELSEWHERE = {"api_url": "https://talkover.invalid/api/v1", "ca_path": "{folder}/ca.pem"}


def _proxied(
    name: str, play: Play, kinds: str, *, retried: bool = False, waits: bool = False, proxy: str = _PROXY
) -> Fault:
    """Return a row that requests through a proxy, which is the server of the row."""
    return Fault(name, play, kinds, retried, waits, environ={"HTTPS_PROXY": proxy}, options=_ELSEWHERE)


def _connect(answer: bytes, end: str = "half_close") -> Play:
    """Return a play that responds to a CONNECT without the token."""

    def play(peer: Peer) -> None:
        head = peer.request()
        if head.startswith("CONNECT talkover.invalid:443 ") and TOKEN not in head:
            peer.send(answer)
            getattr(peer, end)()

    return play


def _dripping(peer: Peer) -> None:
    peer.request()
    peer.drip(b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 99)


def _flooding(peer: Peer) -> None:
    peer.request()
    peer.send(b"HTTP/1.1 200 OK\r\n")
    peer.flood(b"X-A: b\r\n")


def _forwarding(peer: Peer) -> None:
    """Respond like a plain proxy to a service on this machine."""
    head = peer.request()
    peer.send(HEALTHY if head.startswith("GET http://127.0.0.1:1/api/v1/sip-trunks/trunk-1 ") else http(400))


def _bypassed(value: str, kinds: str = "healthy", name: str = "NO_PROXY", host: str = "127.0.0.1") -> Fault:
    environ = {"HTTPS_PROXY": "http://127.0.0.1:1", name: value}
    options = {"ca_path": "{folder}/ca.pem", "api_url": f"https://{host}:{{port}}"}
    retried = kinds == "network"
    of = "" if host == "127.0.0.1" else f", for {host}"
    return Fault(
        f"{name}={value}{of}", responds(encoded(RECORD)), kinds, retried, tls="good", environ=environ, options=options
    )


def _misnamed(value: str) -> Fault:
    return _proxied(f"a proxy called {value}", responds(encoded(RECORD)), "config", proxy=value)


_OK = b"HTTP/1.1 200 Connection established\r\n\r\n"
_PAGE = b"<html><body>Sign in</body></html>"

ROWS = (
    _proxied("407", _connect(http(407, b"", "Proxy-Authenticate: Basic realm=a")), "network", retried=True),
    _proxied("407, with a password", _connect(http(407)), "network", retried=True, proxy=_SECRET + ":{port}"),
    _proxied("403 and a page of HTML", _connect(http(403, _PAGE)), "network", retried=True),
    _proxied("502", _connect(http(502, _PAGE)), "network", retried=True),
    _proxied("a reason that echoes the token", _connect(http(f"HTTP/1.1 502 {TOKEN}")), "network", retried=True),
    _proxied("a page of HTML instead of CONNECT", _connect(http(200, _PAGE)), "tls network"),
    _proxied("HTML without HTTP", _connect(_PAGE), "bad_response"),
    _proxied("a redirect", _connect(http(302, b"", "Location: http://evil.example/")), "network", retried=True),
    _proxied("reset", lambda peer: peer.reset(), "network", retried=True),
    _proxied("closed after the request", _connect(b""), "network", retried=True),
    _proxied("closed after the tunnel", _connect(_OK), "network", retried=True),
    _proxied("reset after the tunnel", _connect(_OK, "reset"), "network", retried=True),
    _proxied("silent", lambda peer: peer.silence(), "timeout", retried=True, waits=True),
    _proxied("silent after the tunnel", _connect(_OK, "silence"), "timeout", retried=True, waits=True),
    _proxied("dripping the answer to CONNECT", _dripping, "timeout", retried=True, waits=True),
    _proxied("flooding the answer to CONNECT", _flooding, "bad_response network timeout"),
    _proxied("refused", _only_token, "network", retried=True, proxy="http://127.0.0.1:1"),
    _proxied("refused, with a password", _only_token, "network", retried=True, proxy=f"{_SECRET}:1"),
    _proxied(
        "a name that does not resolve", _only_token, "network", retried=True, proxy="http://user:hunter2@no.invalid:1"
    ),
    _proxied(
        "TLS to a proxy without TLS",
        lambda peer: peer.send(_PAGE),
        "tls network",
        proxy="https://127.0.0.1:{port}",
    ),
    *(
        _misnamed(value)
        for value in (
            "socks5://user:hunter2@127.0.0.1:1",
            "socks5h://127.0.0.1:1",
            "ftp://127.0.0.1",
            "http://user:hunter2@[::1",
            "http://user:hunter2@127.0.0.1:99999",
            "http://user:hunter2@127.0.0.1:port",
            "http://",
            "http://user:hunter2@",
            "http://127.0.0.1\\@localhost",
        )
    ),
    *(_bypassed(value) for value in ("127.0.0.1", "*", "localhost,127.0.0.1", "127.0.0.0/8")),
    *(
        _bypassed(value, "network")
        for value in ("localhost", "127.0.0.1:{port}", "127.0.0.2", "10.0.0.0/8", ",", "127.0.0.0/33")
    ),
    _bypassed("127.0.0.1", name="no_proxy"),
    *(_bypassed(value, host="localhost") for value in ("localhost", ".localhost", "a.example, localhost", "LOCALHOST")),
    *(_bypassed(value, "network", host="localhost") for value in ("127.0.0.1", "a.localhost", "local")),
    Fault(
        "https_proxy before HTTPS_PROXY",
        _connect(http(407)),
        "network",
        retried=True,
        environ={"https_proxy": _PROXY, "HTTPS_PROXY": "ftp://127.0.0.1"},
        options=_ELSEWHERE,
    ),
    _proxied(
        "407, of a proxy without a scheme", _connect(http(407)), "network", retried=True, proxy="127.0.0.1:{port}"
    ),
    Fault(
        "https_proxy in small letters",
        _connect(http(407)),
        "network",
        retried=True,
        environ={"https_proxy": _PROXY},
        options=_ELSEWHERE,
    ),
    Fault("ALL_PROXY", _connect(http(407)), "network", retried=True, environ={"ALL_PROXY": _PROXY}, options=_ELSEWHERE),
    Fault(
        "a proxy on this machine for clear text on this machine",
        _forwarding,
        "healthy",
        environ={"HTTP_PROXY": _PROXY},
        options={"api_url": "http://127.0.0.1:1/api/v1"},
    ),
    *(
        Fault(
            f"a proxy elsewhere for {scheme} on this machine, which is not used",
            responds(encoded(RECORD)),
            "healthy",
            environ={"HTTP_PROXY": "http://user:hunter2@proxy.invalid:3128"},
            options={"api_url": f"{scheme}://127.0.0.1:{{port}}/api/v1"},
        )
        for scheme in ("http", "HTTP", "hTTp")
    ),
)

NETRC = _netrc()
