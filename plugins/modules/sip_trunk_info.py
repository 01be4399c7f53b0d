#!/usr/bin/python
# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: sip_trunk_info
short_description: Fetch SIP trunks of Talkover, and say whether they are fit to carry calls
version_added: 1.0.0
author:
  - Talkover Voice Collection Contributors (@talkover)
description:
  - Fetches the records of SIP trunks from the Talkover API, and gives a verdict on their health with the reasons.
  - A trunk is healthy when RV(trunks[].is_active) and RV(trunks[].is_verified) are V(true) and
    RV(trunks[].health_status) is V(healthy). With O(include=live_health), the RV(trunks[].live_health.is_healthy) of
    the live check counts instead of the status. With O(max_health_age), that check must not be too old either.
  - The verdict fails closed. Whatever is unknown, missing, of another type or spelled otherwise makes a trunk
    unhealthy, and what could not be fetched at all makes the task fail.
  - The module only reads. It never changes anything at Talkover.
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
        template never turns into another request.
    type: str
  trunk_ids:
    description:
      - The IDs of the trunks to fetch, as a list. Each must be valid as for O(trunk_id). An empty list is an error.
      - A trunk that is named twice is fetched and returned once.
    type: list
    elements: str
  all_trunks:
    description:
      - Whether to fetch every trunk of the environment.
    type: bool
  max_health_age:
    description:
      - A null is an error. Leave the option out, or use C(omit), to accept a check of any age.
      - How many seconds the newest health check may be old for a trunk to count as healthy. A check that lies more
        than 60 seconds in the future does not count either.
      - It is the time of the live check with O(include=live_health), and else RV(trunks[].last_health_check_at).
      - With O(details=false) it needs O(include=live_health), because summaries do not have the time of the check.
    type: int
  missing_ok:
    description:
      - Whether a trunk that does not exist is listed in RV(missing) instead of making the task fail.
      - RV(healthy) is V(false) all the same when a trunk is missing.
    type: bool
    default: false
  cache_ttl:
    description:
      - How many seconds old a record may be when the task returns it, counted from the arrival of its own response.
        Younger records are shared with the other tasks and with the lookups of the same Ansible run. Errors and
        missing trunks are not.
      - With V(0), a record is only used when it arrived after the task began, or after the current attempt of
        C(until) began. So tasks that request the same trunk at the same moment share one request.
      - It has an effect only where the task runs inside the Ansible process on the controller. A task that runs on
        another host, or with another Python, requests each record itself.
      - Records are kept apart by O(api_url), token, certificates, O(details) and O(include). They are readable by
        their owner alone, and gone when the run ends.
    type: float
    default: 0
notes:
  - When O(api_token) or O(api_url) is not set, E(TALKOVER_TOKEN) or E(TALKOVER_API_URL) is read where the module
    runs. That is the managed host and not the controller, unless the task is delegated to C(localhost).
  - When the host of the task is the controller, the task runs inside the Ansible process. This needs the connection
    C(local), no C(become), no C(async) and no C(environment), and the Python of Ansible itself as the interpreter.
    Otherwise the module runs on the host of the task, with the same options, results and errors.
  - Use C(delegate_to=localhost) to send requests from the controller, and C(run_once=true) to send them once for all
    hosts. With C(run_once), Ansible evaluates the options for the first host only. The module does not run on Windows
    hosts; delegate it to C(localhost) there.
  - Give each task of a gate C(tags=always). Otherwise C(ansible-playbook --tags) skips it.
  - Under E(ANSIBLE_DEBUG), every version of ansible-core prints the arguments of modules before the module can hide
    them. A token that comes from the environment variable is no argument, and is not printed there.
  - When the rate limit of the plan is used up, all requests of the task wait for the next window instead of failing,
    for at most O(max_wait) seconds in total.
seealso:
  - plugin: talkover.voice.sip_trunk
    plugin_type: lookup
    description: The same records inside any expression.
  - plugin: talkover.voice.sip_trunks
    plugin_type: inventory
    description: The same records and verdict as variables of hosts.
  - plugin: talkover.voice.healthy
    plugin_type: test
    description: The same verdict inside an expression.
  - plugin: talkover.voice.health_problems
    plugin_type: filter
    description: The reasons for it.
"""

EXAMPLES = r"""
# The token comes from the environment variable TALKOVER_TOKEN in these examples, where the module runs.
# Gates have the tag "always". Without it, "ansible-playbook --tags deploy" would skip them.

- name: Gate a deploy on a trunk
  tags: always
  block:
    - name: Fetch the trunk
      talkover.voice.sip_trunk_info:
        trunk_id: trunk-healthy
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
          - trunk-healthy
          - trunk-recovering
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
  talkover.voice.sip_trunk_info:
    trunk_id: trunk-recovering
  register: result
  until: result.healthy | default(false)
  retries: 10
  delay: 1
  tags: always

- name: Gate a deploy, and tell an outage of the API from a wrong request
  tags: always
  block:
    - name: Fetch the trunk
      talkover.voice.sip_trunk_info:
        trunk_id: trunk-healthy
      register: result

    - name: Stop unless it is healthy
      ansible.builtin.assert:
        that: result.healthy
        fail_msg: "{{ result.msg }}"
  rescue:
    # A failed assertion and an undefined variable have no "error", so both defaults are needed.
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
    gate_max_age: 900
  block:
    - name: Fetch the trunk
      talkover.voice.sip_trunk_info:
        trunk_id: trunk-healthy
        max_health_age: "{{ gate_max_age }}"
      register: result

    - name: Stop unless it is healthy
      ansible.builtin.assert:
        that: result.healthy
        fail_msg: "{{ result.msg }}"

- name: Gate a deploy in a loop, where every item must have a verdict
  tags: always
  vars:
    voice_trunks:
      - trunk-healthy
  block:
    - name: Fetch each trunk
      talkover.voice.sip_trunk_info:
        trunk_id: "{{ item }}"
      loop: "{{ voice_trunks }}"
      register: result

    - name: Stop unless every trunk is healthy
      ansible.builtin.assert:
        that:
          - voice_trunks | length > 0
          - result.results | map(attribute='healthy', default=false) | select('sameas', true) | length ==
            voice_trunks | length

- name: Fetch a trunk with a live check
  talkover.voice.sip_trunk_info:
    trunk_id: trunk-sick
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
      - trunk-healthy
      - trunk-of-next-year
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
        trunk_id: trunk-healthy
        include: dids

- name: Fetch a trunk once on the controller, for all hosts of the play
  talkover.voice.sip_trunk_info:
    trunk_id: trunk-healthy
  run_once: true
  delegate_to: localhost
  register: result
"""

RETURN = r"""
trunks:
  description:
    - The records of the trunks, in the order asked for, each as the API gave it. With O(details=false) they are
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
      description: The transport of SIP, which is V(udp), V(tcp) or V(tls).
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
      description: Whether the trunk is switched on.
      type: bool
      returned: always
    is_verified:
      description: Whether the trunk was verified since its domain, transport or credentials changed.
      type: bool
      returned: always
    health_status:
      description:
        - The result of the service's own last check. Documented values are V(healthy) and V(unhealthy); every value
          but V(healthy) counts as a problem.
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
          description: Whether the carrier answered as it should.
          type: bool
          returned: always
        response_time_ms:
          description: How long the carrier took to answer, in milliseconds.
          type: int
          returned: always
          sample: 42
        checked_at:
          description: The time of the check in ISO 8601. The service keeps an answer for a short while.
          type: str
          returned: always
          sample: "2026-01-31T12:00:00Z"
        error:
          description: What was wrong.
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
          description: The number as people write it.
          type: str
          returned: always
          sample: (11) 4002-8922
trunk:
  description: The record of the trunk, as in RV(trunks).
  returned: when exactly one trunk was asked for by its ID, and exists
  type: dict
missing:
  description: The IDs of the trunks that do not exist. It can only have elements with O(missing_ok=true).
  returned: success
  type: list
  elements: str
healthy:
  description:
    - Whether there is at least one trunk, none is missing, and none has a problem.
    - It is V(false) in every failure that the module reports.
    - It is undefined when the module returned nothing, because the task was skipped, the task keyword C(timeout) ended
      it, the host was unreachable, or the module could not start. In the result of a loop it is in each item of
      C(results), and not at the top level. A C(that=result.healthy) of C(ansible.builtin.assert) fails then.
  returned: success and failure, unless Ansible ended the task before the module returned
  type: bool
problems:
  description:
    - The reasons why trunks are not healthy, as a list of sentences for each ID of a trunk. Healthy trunks are not in
      it; missing ones are.
  returned: success
  type: dict
  sample:
    trunk-sick:
      - is_verified is false, but must be true.
      - health_status is "unhealthy", but must be "healthy".
msg:
  description:
    - On success, the problems as text, one line for each trunk that has any. It begins with the name of the trunk, or
      with its ID when it has no name. Use it as C(fail_msg) of a gate.
    - On failure, what failed, for which request, and what to do.
  returned: success or failure
  type: str
  sample: "Backup Carrier: is_verified is false, but must be true."
error:
  description: What went wrong, for C(rescue) blocks to branch on. RV(ignore:msg) says the same in words.
  returned: failure
  type: dict
  contains:
    kind:
      description:
        - V(config) means that an option is wrong, or that something the module needs is missing or not supported.
        - V(auth) means status 401, that the token is missing, wrong or revoked.
        - V(forbidden) means status 403, that the token or the plan does not allow it. Custom SIP trunks are an
          Enterprise feature.
        - V(not_found) means status 404, that there is no such trunk in the environment of the token.
        - V(rate_limited) means status 429 after all attempts, a requested wait of more than a minute, or waits for the
          rate limit that exceed O(max_wait) in total.
        - V(rejected) means any other status from 400 to 499, or an answer that says C(success) is V(false).
        - V(server) means a status from 500 to 599.
        - V(network) means that there was no connection, or that it broke. The name, the route, a refusal, a reset, a
          proxy, or an answer that was cut short.
        - V(tls) means that the certificate of either side was not accepted, or that TLS failed otherwise.
        - V(timeout) means that the last attempt took longer than O(timeout).
        - V(bad_response) means that the response is not usable. It is a redirect, not strict JSON, of another shape,
          too large, about another trunk, a list whose further pages cannot be followed, or a live check from a cache.
      type: str
      returned: always
      sample: not_found
    status:
      description: The HTTP status.
      type: int
      returned: when the service answered with an error
      sample: 404
    code:
      description: The error code of the API.
      type: str
      returned: when the API gave one
      sample: INVALID_API_KEY
    trunk_id:
      description: The trunk that was asked for.
      type: str
      returned: when the question was about one trunk
      sample: trunk-unknown
    url:
      description: The address that was asked. It never holds a secret.
      type: str
      returned: when the service was asked
      sample: https://app.talkover.ai/api/v1/sip-trunks/trunk-unknown
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._errors import TalkoverError
from ..module_utils._info import build_failure, build_result
from ..module_utils._options import check_module_args, module_spec
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
