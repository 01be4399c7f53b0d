# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command line of the emulator."""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import threading
from collections.abc import Sequence

from . import envelope, scenario
from .emulator import TOKEN, Emulator
from .server import AddressInUseError
from .window import RESET_STYLES

# Fixed, so that TALKOVER_API_URL stays valid after a restart. Below the ports that systems assign by themselves.
PORT = 8255

EPILOG = """\
Without --trunks and --count there are three trunks: trunk-healthy, trunk-sick and trunk-recovering.
trunk-recovering recovers once per start: it is unhealthy for the first two requests and healthy from the third on.
Restart the emulator to see it recover again.

This is a scenario file. Only the id of a trunk is required, and every field of the record may be given:

  {"token": "talq_test", "trunks": [
    {"id": "a", "name": "Carrier A", "health_status": "unhealthy"},
    {"id": "b", "changes": [{"is_active": false}, {"is_active": true}],
                "live": [{"is_healthy": false, "error": "timeout"}, {"is_healthy": true}],
                "dids": [{"id": "did-1", "number": "+551140028922",
                          "country_code": "BR", "formatted_number": "+55 11 4002-8922"}]}]}

The n-th request for a record applies the n-th of its changes, and the n-th live check returns the n-th of its live
entries. The last entry stays in effect. The counters start again when the emulator is restarted.

Each request is logged on stderr: time, method, path, status, duration. --quiet switches this off.
Stop the emulator with Ctrl-C or SIGTERM. Never give it the token of a real environment: it needs none.
"""


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    result = argparse.ArgumentParser(
        prog="python tests/emulator",
        description="Emulate the Talkover SIP trunk API on this machine, to test playbooks without an account.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = result.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (%(default)s); others than loopback cause a warning")
    add("--port", type=int, default=PORT, help="port to listen on; 0 takes a free one (%(default)s)")
    add("--token", help=f"the token that clients must send ({TOKEN}, or the one in the scenario file)")
    which = result.add_mutually_exclusive_group()
    which.add_argument("--trunks", metavar="FILE", help="JSON file with the trunks to serve, see below")
    which.add_argument("--count", type=int, metavar="N", help="serve N healthy trunks, trunk-0001 and so on")
    add("--limit", type=int, default=100, metavar="N", help="requests in a rate window (%(default)s)")
    add("--window", type=float, default=60.0, metavar="SECONDS", help="length of a rate window (%(default)s)")
    add("--reset", choices=RESET_STYLES, default="seconds", help="unit of X-RateLimit-Reset (%(default)s)")
    add("--latency", type=float, default=0.0, metavar="SECONDS", help="delay of each response (%(default)s)")
    add("--cert", metavar="FILE", help="serve HTTPS with this certificate chain (PEM)")
    add("--key", metavar="FILE", help="its key (PEM), unless that is in the same file")
    add("--client-ca", metavar="FILE", help="with --cert: require a client certificate of this authority (PEM)")
    add(
        "--error-shape",
        type=int,
        choices=envelope.ERROR_SHAPES,
        default=1,
        help='shape of errors: 1 {"success": false, "error": {...}}, 2 {"error": {...}}, '
        '3 {"success": false, "message": ..., "code": ...}, 4 {"message": ...} (%(default)s)',
    )
    add("--page-size", type=int, metavar="N", help="return the list in pages of N, with meta (one page without meta)")
    add("--log", metavar="FILE", help="append each request to this file as a line of JSON, without the token")
    add("--quiet", action="store_true", help="do not log requests on stderr")
    add("--exit-with-stdin", action="store_true", help="also stop when standard input is closed")
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM, then return 0. Exit with a message and 2 when an option cannot be used."""
    options_parser = parser()
    options = options_parser.parse_args(arguments)
    # Blocked before any thread exists, so that all inherit it and sigwait below gets the signal: no handler can then
    # interrupt the shutdown.
    ends = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    try:
        service = _start(options)
    except AddressInUseError as error:
        advice = "Stop it, or choose another port: --port N, or --port 0 for a free one."
        options_parser.error(f"{error.strerror}, maybe by another emulator. {advice}")
    except (OSError, ValueError) as error:
        options_parser.error(str(error))
    with service:
        print(f"Listening on {service.url}", flush=True)
        print(f"export TALKOVER_API_URL={shlex.quote(service.url)}", flush=True)
        print(f"export TALKOVER_TOKEN={shlex.quote(service.token)}", flush=True)
        if options.exit_with_stdin:
            threading.Thread(target=_end_with_stdin, daemon=True).start()
        signal.sigwait(ends)
    return 0


def _start(options: argparse.Namespace) -> Emulator:
    if (options.key or options.client_ca) and not options.cert:
        raise ValueError("--key and --client-ca need --cert.")
    trunks, token = None, None
    if options.trunks:
        trunks, token = scenario.load(options.trunks)
    elif options.count is not None:
        trunks = scenario.generated(options.count)
    return Emulator(
        trunks=trunks,
        token=options.token or token or TOKEN,
        limit=options.limit,
        window=options.window,
        latency=options.latency,
        certfile=options.cert,
        keyfile=options.key,
        client_ca=options.client_ca,
        error_shape=options.error_shape,
        page_size=options.page_size,
        reset=options.reset,
        host=options.host,
        port=options.port,
        log=options.log,
        verbose=not options.quiet,
    )


def _end_with_stdin() -> None:
    # Not sys.stdin: its lock would be held at exit by this thread, which Python then complains about.
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
