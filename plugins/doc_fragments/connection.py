# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """What ansible-core looks for."""

    DOCUMENTATION = r"""
requirements:
  - requests >= 2.25.1
options:
  api_token:
    description:
      - The token of the environment whose trunks are asked for.
      - When it is not set, the environment variable E(TALKOVER_TOKEN) is used.
      - Surrounding white space is removed. A token that is empty, or that has white space or a control character
        inside, is an error that does not show it. No prefix is required, so the tokens of resellers work as well.
      - It is shown nowhere, neither in messages and results nor in logs.
      - Without any token, the request fails with the kind V(config).
    type: str
  api_url:
    description:
      - The base URL of the API, which ends in V(/api/v1). Resellers run the API on a host of their own.
      - When it is not set, the environment variable E(TALKOVER_API_URL) is used.
      - It must be an absolute URL without user information, query and fragment. A port, a path and a trailing slash
        are fine.
      - Plain V(http) is refused unless the host is the loopback, because the token would travel in clear text.
      - The scheme is case-insensitive.
      - A redirect is never followed.
      - The proxies that the environment names, as in E(HTTPS_PROXY) and E(NO_PROXY), are honoured, SOCKS proxies
        excepted. C(~/.netrc) is never read.
    type: str
    default: https://app.talkover.ai/api/v1
  validate_certs:
    description:
      - Whether the certificate of the service must be valid, and one for its host.
      - With V(false), whoever is on the way can read the token and can answer in the place of the service. Use
        O(ca_path) for a private authority instead.
    type: bool
    default: true
  ca_path:
    description:
      - A file of certificates in PEM format, or a directory of them as made by C(openssl rehash), that the
        certificate of the service is checked against.
      - When it is not set, the file or directory in E(REQUESTS_CA_BUNDLE), E(CURL_CA_BUNDLE) or E(SSL_CERT_FILE) is
        used, the first that is set, and else the authorities that the C(requests) library brings.
    type: path
  client_cert:
    description:
      - A file with a client certificate in PEM format, for a service or a gateway in front of it that asks for one.
      - It may hold the private key as well; O(client_key) is not needed then.
    type: path
  client_key:
    description:
      - A file with the private key of O(client_cert) in PEM format, without a passphrase.
    type: path
  timeout:
    description:
      - How many seconds one whole attempt may take, from the look-up of the name to the last byte of the answer.
      - It can be at most V(3600).
    type: float
    default: 10
  retries:
    description:
      - How many further attempts are made after a failure that may pass. These are failed connections, timeouts, and
        the statuses 429, 500, 502, 503 and 504. TLS failures, other statuses and answers that are not what was asked
        for are never asked again.
      - The wait before an attempt doubles each time, from half a second to eight, less a random part. A wait that the
        service asks for is honoured up to 60 seconds. When it asks for more, the task fails at once and says how long
        it asked for.
      - It can be at most V(100).
    type: int
    default: 3
  max_connections:
    description:
      - How many requests may be under way at once.
      - It can be at most V(256).
    type: int
    default: 10
  max_wait:
    description:
      - How many seconds may be spent waiting for rate limits in total. When more would be needed, the request fails
        with the kind V(rate_limited), and the message says what it waited for.
      - It can be at most V(86400).
    type: float
    default: 3600
"""

    # Where plugins on the controller find the options besides.
    PLUGINS = r"""
options:
  api_token:
    vars:
      - name: talkover_api_token
    env:
      - name: TALKOVER_TOKEN
  api_url:
    vars:
      - name: talkover_api_url
    env:
      - name: TALKOVER_API_URL
    ini:
      - section: talkover
        key: api_url
  validate_certs:
    # The plugin converts it, as ansible-core would take a misspelled "true" for false.
    type: raw
    vars:
      - name: talkover_validate_certs
    ini:
      - section: talkover
        key: validate_certs
  ca_path:
    vars:
      - name: talkover_ca_path
    ini:
      - section: talkover
        key: ca_path
  client_cert:
    vars:
      - name: talkover_client_cert
  client_key:
    vars:
      - name: talkover_client_key
"""
