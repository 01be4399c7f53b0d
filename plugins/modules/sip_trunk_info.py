#!/usr/bin/python
# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: sip_trunk_info
short_description: Fetch SIP trunks of Talkover, and check whether they are healthy
version_added: 1.0.0
author:
  - Talkover Voice Collection Contributors (@talkover)
description:
  - Fetches the records of SIP trunks from the Talkover API, and returns whether they are healthy, with the reasons if
    they are not.
  - A trunk is healthy when RV(trunks[].is_active) and RV(trunks[].is_verified) are V(true) and
    RV(trunks[].health_status) is V(healthy). With O(include=live_health), the RV(trunks[].live_health.is_healthy) of
    the live check is used instead of the status. With O(max_health_age), that check must not be too old either.
  - The check fails closed. A trunk is unhealthy when one of these fields is missing, has another type or has any other
    value. When a request fails, the task fails.
  - The module is read-only. It never changes anything at Talkover.
extends_documentation_fragment:
  - talkover.voice.connection
  - talkover.voice.query
  - talkover.voice.attributes.info
options:
  trunk_id:
    description:
      - The ID of the trunk to fetch. A comma is part of the ID. A list is an error; use O(trunk_ids) for it.
      - Exactly one of O(trunk_id), O(trunk_ids) and O(all_trunks=true) must be set, C(module_defaults) included.
      - A null, an empty or blank ID, V(.), V(..), and an ID with a control character are errors, so that a mistake in a
        template never changes the request.
    type: str
  trunk_ids:
    description:
      - The IDs of the trunks to fetch, as a list. Each must be valid as for O(trunk_id). An empty list is an error.
      - Duplicate IDs are fetched and returned once.
    type: list
    elements: str
  all_trunks:
    description:
      - Whether to fetch every trunk of the environment.
    type: bool
  max_health_age:
    description:
      - A null is an error. Leave the option out, or use C(omit), to accept a check of any age.
      - The maximum age of the newest health check of a healthy trunk, in seconds. A check more than 60 seconds in the
        future is a problem as well.
      - The time of the check is that of the live check with O(include=live_health), and
        RV(trunks[].last_health_check_at) otherwise.
      - With O(details=false) it needs O(include=live_health), because summaries do not have the time of the check.
    type: int
  missing_ok:
    description:
      - Whether to list a trunk that does not exist in RV(missing). Otherwise the task fails.
      - RV(healthy) is V(false) when a trunk is missing, in both cases.
    type: bool
    default: false
  cache_ttl:
    description:
      - The maximum age of a record when the task returns it, in seconds since its response arrived. Newer records are
        shared with the other tasks and the lookups of the same Ansible run. Errors and missing trunks are not cached.
      - With V(0), a record is only used when its response arrived after the task, or the current attempt of C(until),
        began. Tasks that request the same trunk at the same time share one request.
      - It only has an effect when the task runs inside the Ansible process on the controller.
      - The cache key includes O(api_url), the token, the certificate options, O(details) and O(include). Only the
        owner can read the cache, and it is removed when the run ends.
    type: float
    default: 0
notes:
  - When O(api_token) or O(api_url) is not set, E(TALKOVER_TOKEN) or E(TALKOVER_API_URL) is read where the module
    runs. That is the managed host and not the controller, unless the task is delegated to C(localhost).
  - When the host of the task is the controller, the task runs inside the Ansible process. This requires the connection
    C(local), no C(become), no C(async), no C(environment), and the Python of Ansible as the interpreter. Otherwise, the
    module runs on the host of the task. Options, results and errors are the same.
  - Use C(delegate_to=localhost) to send requests from the controller, and
    C(run_once=true) to send them once for all hosts. With C(run_once), Ansible evaluates the options for the first
    host only. The module does not run on Windows hosts; delegate it to C(localhost) there.
  - When the host has a fact with the name of a variable of this collection, such as C(talkover_trunk_id) or
    C(talkover_api_url), the task fails, because a managed host chooses its facts.
  - Set C(tags=always) on each task of a gate. Otherwise C(ansible-playbook --tags) skips it.
  - Under E(ANSIBLE_DEBUG), every version of ansible-core prints the arguments of modules before the module can hide
    them. A token from the environment variable is not an argument, and is not printed.
  - When the rate limit of the plan is used up, all requests of the task wait for the next window instead of failing,
    for at most O(max_wait) seconds in total.
seealso:
  - plugin: talkover.voice.sip_trunk
    plugin_type: lookup
    description: Look up the same records in any expression.
  - plugin: talkover.voice.sip_trunks
    plugin_type: inventory
    description: Add the same records and their health to hosts as variables.
  - plugin: talkover.voice.healthy
    plugin_type: test
    description: Apply the same health check in an expression.
  - plugin: talkover.voice.health_problems
    plugin_type: filter
    description: List the reasons why a trunk is not healthy.
"""

EXAMPLES = r"""
# The token comes from the environment variable TALKOVER_TOKEN in these examples, where the module runs.
# Gates have the tag "always". Without it, "ansible-playbook --tags deploy" would skip them.

- name: Gate a deploy on a trunk
  tags: always
  block:
    - name: Fetch the trunk
      talkover.voice.sip_trunk_info:
        trunk_id: 3f2b7c1a-9d54-4e0b-8a6f-52c1d7e90b34
        max_health_age: 900
      delegate_to: localhost
      register: result

    - name: Stop unless it is healthy
      ansible.builtin.assert:
        that: result.healthy
        fail_msg: "{{ result.msg }}"

- name: Gate a deploy on several trunks, with a live check of each
  tags: always
  block:
    - name: Fetch the trunks
      talkover.voice.sip_trunk_info:
        trunk_ids:
          - 3f2b7c1a-9d54-4e0b-8a6f-52c1d7e90b34
          - 7d0a4e92-1c3f-4b68-9e5d-a84f20b6c711
        include: live_health
      delegate_to: localhost
      register: result
      until: result.healthy | default(false)
      retries: 10
      delay: 1

    - name: Stop unless all of them are healthy
      ansible.builtin.assert:
        that: result.healthy
        fail_msg: "{{ result.msg }}"

- name: Wait until a trunk has recovered, and fail if it does not
  tags: always
  block:
    - name: Fetch the trunk until it is healthy
      talkover.voice.sip_trunk_info:
        trunk_id: 7d0a4e92-1c3f-4b68-9e5d-a84f20b6c711
      delegate_to: localhost
      register: result
      until: result.healthy | default(false)
      retries: 10
      delay: 1

    # With "retries: 0", the task above does not fail.
    - name: Stop unless it is healthy
      ansible.builtin.assert:
        that: result.healthy
        fail_msg: "{{ result.msg }}"

- name: Gate a deploy, and distinguish an outage of the API from a wrong request
  tags: always
  block:
    - name: Fetch the trunk
      talkover.voice.sip_trunk_info:
        trunk_id: 3f2b7c1a-9d54-4e0b-8a6f-52c1d7e90b34
      delegate_to: localhost
      register: result

    - name: Stop unless it is healthy
      ansible.builtin.assert:
        that: result.healthy
        fail_msg: "{{ result.msg }}"
  rescue:
    # A failed assertion or an undefined variable has no "error", so both defaults are needed.
    - name: Report an outage
      ansible.builtin.debug:
        msg: The Talkover API is not available. Try again later.
      when: (ansible_failed_result.error | default({})).kind | default('') in ['network', 'timeout', 'server']

    - name: Report a wrong token or a missing permission
      ansible.builtin.debug:
        msg: Check the token and the plan.
      when: (ansible_failed_result.error | default({})).kind | default('') in ['auth', 'forbidden']

    - name: Stop in any case
      ansible.builtin.fail:
        msg: "{{ ansible_failed_result.msg }}"

- name: Gate a deploy on the age of the check, in seconds
  tags: always
  vars:
    oldest_check: 900
  block:
    - name: Fetch the trunk
      talkover.voice.sip_trunk_info:
        trunk_id: 3f2b7c1a-9d54-4e0b-8a6f-52c1d7e90b34
        max_health_age: "{{ oldest_check }}"
      delegate_to: localhost
      register: result

    - name: Stop unless it is healthy
      ansible.builtin.assert:
        that: result.healthy
        fail_msg: "{{ result.msg }}"

- name: Gate a deploy in a loop, where every item must have a verdict
  tags: always
  vars:
    voice_trunks:
      - 3f2b7c1a-9d54-4e0b-8a6f-52c1d7e90b34
  block:
    - name: Fetch each trunk
      talkover.voice.sip_trunk_info:
        trunk_id: "{{ item }}"
      delegate_to: localhost
      loop: "{{ voice_trunks }}"
      register: result

    - name: Stop unless every trunk is healthy
      ansible.builtin.assert:
        that:
          - voice_trunks | length > 0
          - result.results | map(attribute='healthy', default=false) | select('sameas', true) | length ==
            voice_trunks | length
        fail_msg: "{{ result.results | map(attribute='msg', default='Not checked.') | join('\n') }}"

- name: Fetch a trunk with a live check
  talkover.voice.sip_trunk_info:
    trunk_id: b91e6d05-62fa-4c87-b3d0-0f7a5c2e8d49
    include: live_health
  register: result

- name: Show why it is not healthy
  ansible.builtin.debug:
    msg: "{{ result.problems[result.trunk.id] }}"
  when: not result.healthy

- name: Fetch all trunks with one request
  talkover.voice.sip_trunk_info:
    all_trunks: true
    details: false
  register: result

- name: Show the problems of each
  ansible.builtin.debug:
    msg: "{{ item.key }}: {{ item.value | join(' ') }}"
  loop: "{{ result.problems | dict2items }}"

- name: Fetch several trunks, of which some may not exist
  talkover.voice.sip_trunk_info:
    trunk_ids:
      - 3f2b7c1a-9d54-4e0b-8a6f-52c1d7e90b34
      - e4c80f67-2b19-4d3a-9c55-81d6f7a0b3e2
    missing_ok: true
  register: result

- name: Set the connection once for several tasks
  module_defaults:
    group/talkover.voice.talkover:
      api_url: "{{ talkover_api_url }}"
      timeout: 5
      max_wait: 120
  block:
    - name: Fetch the numbers of a trunk
      talkover.voice.sip_trunk_info:
        trunk_id: 3f2b7c1a-9d54-4e0b-8a6f-52c1d7e90b34
        include: dids

- name: Fetch a trunk once on the controller, for all hosts of the play
  talkover.voice.sip_trunk_info:
    trunk_id: 3f2b7c1a-9d54-4e0b-8a6f-52c1d7e90b34
  run_once: true
  delegate_to: localhost
  register: result
"""

RETURN = r"""
trunks:
  description:
    - The records of the trunks, in the requested order, as the API returned them. With O(details=false) they are
      summaries.
    - A C(password) is removed at any depth, in case the API ever returns one.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: The ID of the trunk.
      type: str
      returned: always
      sample: trunk-healthy
    name:
      description: The name of the trunk.
      type: str
      returned: always
      sample: Primary Carrier — US
    provider_name:
      description: The carrier.
      type: str
      returned: always
      sample: acme-telecom
    domain:
      description: The SIP domain or proxy host.
      type: str
      returned: always
      sample: sip.example.com
    transport:
      description: The SIP transport, which is V(udp), V(tcp) or V(tls).
      type: str
      returned: always
      sample: tls
    username:
      description: The SIP user.
      type: str
      returned: with O(details=true)
      sample: talkover
    port:
      description: The SIP port.
      type: int
      returned: with O(details=true)
      sample: 5061
    outbound_proxy:
      description: The outbound proxy, or V(none).
      type: str
      returned: with O(details=true)
    auth_realm:
      description: The authentication realm, or V(none).
      type: str
      returned: with O(details=true)
    is_active:
      description: Whether the trunk is enabled.
      type: bool
      returned: always
    is_verified:
      description: Whether the trunk was verified since its domain, transport or credentials changed.
      type: bool
      returned: always
    health_status:
      description:
        - The result of the service's last regular check. Documented values are V(healthy) and V(unhealthy). Any value
          other than V(healthy) is a problem.
      type: str
      returned: always
      sample: healthy
    last_health_check_at:
      description: The time of that check in ISO 8601. It may be missing or V(none) for a trunk that was never checked.
      type: str
      returned: with O(details=true)
      sample: "2026-01-31T12:00:00Z"
    created_at:
      description: The time when the trunk was created, in ISO 8601.
      type: str
      returned: always
      sample: "2025-11-01T09:30:00Z"
    updated_at:
      description: The time when the trunk was last changed, in ISO 8601.
      type: str
      returned: with O(details=true)
      sample: "2025-11-01T09:30:00Z"
    live_health:
      description: The live check.
      type: dict
      returned: with O(include=live_health)
      contains:
        is_healthy:
          description: Whether the carrier responded correctly.
          type: bool
          returned: always
        response_time_ms:
          description: The response time of the carrier, in milliseconds.
          type: int
          returned: always
          sample: 42
        checked_at:
          description: The time of the check in ISO 8601. The service caches the result for a short time.
          type: str
          returned: always
          sample: "2026-01-31T12:00:00Z"
        error:
          description: The reason why the check failed.
          type: str
          returned: when unhealthy
          sample: No answer to OPTIONS within 5000 ms
    dids:
      description: The phone numbers on the trunk.
      type: list
      elements: dict
      returned: with O(include=dids)
      contains:
        id:
          description: The ID of the number.
          type: str
          returned: always
        number:
          description: The number in E.164 format.
          type: str
          returned: always
          sample: "+551140028922"
        country_code:
          description: The country of the number.
          type: str
          returned: always
          sample: BR
        formatted_number:
          description: The number in the usual format of its country.
          type: str
          returned: always
          sample: (11) 4002-8922
trunk:
  description: The record of the trunk, as in RV(trunks).
  returned: when exactly one trunk was requested by its ID, and exists
  type: dict
missing:
  description: The IDs of the trunks that do not exist. The list is empty unless O(missing_ok=true).
  returned: success
  type: list
  elements: str
healthy:
  description:
    - Whether there is at least one trunk, none is missing, and none has a problem.
    - It is V(false) whenever the module reports a failure.
    - It is undefined when the module returned nothing, because the task was skipped, the task keyword C(timeout) ended
      it, the host was unreachable, or the module could not start. In the result of a loop it is in each item of
      C(results), and not at the top level. When it is undefined, C(that=result.healthy) of C(ansible.builtin.assert)
      fails.
  returned: success and failure, unless Ansible ended the task before the module returned
  type: bool
problems:
  description:
    - The reasons why trunks are not healthy, as a list of sentences for each ID of a trunk. Missing trunks are
      included, healthy ones are not.
  returned: success
  type: dict
  sample:
    trunk-sick:
      - is_verified is false, but must be true.
      - health_status is "unhealthy", but must be "healthy".
msg:
  description:
    - On success, the problems as text, with one line for each unhealthy or missing trunk. A line starts with the name
      of the trunk, or with its ID when it has no name. Use it as C(fail_msg) of a gate.
    - On failure, what failed, for which request, and what to do.
  returned: success or failure
  type: str
  sample: "Backup Carrier: is_verified is false, but must be true."
error:
  description: The error in machine-readable form, for C(rescue) blocks. RV(ignore:msg) has the message.
  returned: failure
  type: dict
  contains:
    kind:
      description:
        - V(config) means that an option is wrong, or that something the module needs is missing or not supported.
        - V(auth) means status 401. The token is wrong or was revoked.
        - V(forbidden) means status 403. The token or the plan does not allow the request. Custom SIP trunks are an
          Enterprise feature.
        - V(not_found) means status 404. The trunk does not exist in the environment of the token.
        - V(rate_limited) means status 429 after all attempts, a requested wait of more than a minute, or waits for the
          rate limit that exceed O(max_wait) in total.
        - V(rejected) means any other status from 400 to 499, or a response where C(success) is V(false).
        - V(server) means a status from 500 to 599.
        - V(network) means that the connection failed. Causes are the name lookup, the route, a refused or reset
          connection, a proxy, or an incomplete response.
        - V(tls) means that a certificate was not accepted, or that TLS failed for another reason.
        - V(timeout) means that the last attempt took longer than O(timeout).
        - V(bad_response) means that the response is invalid. It is a redirect, not strict JSON, not in the documented
          format, too large, about another trunk, a list whose further pages cannot be fetched, or a live check from
          an HTTP cache.
      type: str
      returned: always
      sample: not_found
    status:
      description: The HTTP status.
      type: int
      returned: when the service returned an error
      sample: 404
    code:
      description: The error code of the API.
      type: str
      returned: when the response has one
      sample: INVALID_API_KEY
    trunk_id:
      description: The ID of the requested trunk.
      type: str
      returned: when the request was for a single trunk
      sample: trunk-unknown
    url:
      description: The requested URL. It never contains a secret.
      type: str
      returned: when a request failed
      sample: https://app.talkover.ai/api/v1/sip-trunks/trunk-unknown
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._errors import TalkoverError
from ..module_utils._info import build_failure, build_result
from ..module_utils._module_args import check_module_args, module_spec
from ..module_utils._trunks import fetch


class InfoModule(AnsibleModule):  # type: ignore[misc]  # ansible-core declares no types
    """A module whose every failure has an ``error`` to branch on, including those that ansible-core finds itself."""

    given: dict[str, Any]
    """The arguments of the task before ansible-core converts them."""

    def _load_params(self) -> None:
        super()._load_params()
        self.given = dict(self.params)

    def fail_json(self, msg: str, **kwargs: Any) -> None:
        super().fail_json(**{**build_failure(TalkoverError("config", msg)), **kwargs, "msg": msg})


def main() -> None:
    """Read the options, fetch the trunks, and return the result."""
    module = InfoModule(argument_spec=module_spec(), supports_check_mode=True)
    try:
        check_module_args(module.given)
        result = build_result(module.params, fetch)
    except TalkoverError as error:
        result = build_failure(error)
    # Outside of the except clause, because ansible-core 2.18 and older add the traceback of a current exception.
    if result.get("failed"):
        module.fail_json(**result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
