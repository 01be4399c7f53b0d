# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Provide the class that ansible-core loads."""

    DOCUMENTATION = r"""
requirements:
  - python >= 3.9
  - requests >= 2.25.1
options:
  api_token:
    description:
      - The API token of the Talkover environment to read from.
      - When it is not set, the environment variable E(TALKOVER_TOKEN) is used.
      - Surrounding white space is removed. A token that is empty, or that contains white space or a control
        character, is an error. The error does not show the token. No prefix is required, so tokens of resellers work
        as well.
      - The token is hidden in messages, results and logs.
      - A missing token is an error of the kind V(config).
    type: str
  api_url:
    description:
      - The base URL of the API, which ends in V(/api/v1). Resellers run the API on their own hosts.
      - When it is not set, the environment variable E(TALKOVER_API_URL) is used.
      - It must be an absolute URL without user information, query and fragment. A port, a path and a trailing slash
        are allowed.
      - Plain V(http) is allowed for loopback hosts only, because the token would be sent in clear text.
      - The scheme is case-insensitive.
      - Redirects are never followed.
      - Proxies are read from the environment, such as E(HTTPS_PROXY) and E(NO_PROXY). SOCKS proxies are not supported.
        C(~/.netrc) is never read.
    type: str
    default: https://app.talkover.ai/api/v1
  validate_certs:
    description:
      - Whether to verify the certificate of the service and its host name.
      - With V(false), an attacker on the network can read the token and forge responses. For a private CA, use
        O(ca_path) instead.
    type: bool
    default: true
  ca_path:
    description:
      - A file with CA certificates in PEM format, or a directory prepared by C(openssl rehash), to verify the
        certificate of the service with.
      - When it is not set, the first of E(REQUESTS_CA_BUNDLE), E(CURL_CA_BUNDLE) and E(SSL_CERT_FILE) that is set is
        used, or else the CA bundle of the C(requests) library.
    type: path
  client_cert:
    description:
      - A file with a client certificate in PEM format, for a service or a gateway that requires one.
      - If the file contains the private key as well, O(client_key) is not needed.
    type: path
  client_key:
    description:
      - A file with the private key of O(client_cert) in PEM format, without a passphrase.
    type: path
  timeout:
    description:
      - The maximum duration of one attempt in seconds, from the name lookup to the last byte of the response.
      - The maximum is V(3600).
    type: float
    default: 10
  retries:
    description:
      - How often to retry after a temporary failure. Temporary failures are failed connections, timeouts, and the
        statuses 429, 500, 502, 503 and 504. TLS failures, other statuses and invalid responses are not retried.
      - The wait before a retry doubles each time, from 0.5 to 8 seconds, minus a random part. A wait that the service
        requests is respected up to 60 seconds. When it requests more, the task fails immediately, and the message has
        the requested wait.
      - The maximum is V(100).
    type: int
    default: 3
  max_connections:
    description:
      - The maximum number of concurrent requests.
      - The maximum is V(256).
    type: int
    default: 10
  max_wait:
    description:
      - The maximum total wait for rate limits, in seconds. When a longer wait is necessary, the request fails with the
        kind V(rate_limited), and the message has the reason.
      - The maximum is V(86400).
    type: float
    default: 3600
"""

    # Further sources of the options for plugins on the controller.
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
    # The plugin converts it, because ansible-core would read a misspelled "true" as false.
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
