# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test which templates can only have one value for all hosts."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.talkover.voice.plugins.plugin_utils._constant_templates import is_constant


@pytest.mark.parametrize(
    "value",
    [
        None,
        5,
        "text",
        "{ text",
        {"a": ["text", 1.5]},
        "{{ 'a' ~ 'b' }}",
        "{{ lookup('env', 'TOKEN') }}",
        "{{ query('ansible.builtin.file', 'token', rstrip=false) }}",
        "Bearer {{ lookup('ansible.builtin.pipe', 'pass show talkover') }}",
        "{{ lookup('ansible.builtin.pipe', 'mint') | trim }}",
    ],
)
def test_text_and_lookups_that_read_no_variables_are_constant(value: Any) -> None:
    assert is_constant(value)


@pytest.mark.parametrize(
    "value",
    [
        "{{ url }}",
        "{{ url | mandatory }}",
        "{{ 'url' | setting }}",
        "{{ url | trim }}",
        "{{ 'a' | trim(url) }}",
        "{{ 'a' | trim(*urls) }}",
        "{% filter trim %}{{ url }}{% endfilter %}",
        "{{ 'x' is setting }}",
        "{% if url %}x{% endif %}",
        "{% set url = 1 %}",
        "{{ lookup('ansible.builtin.file', url) }}",
        "{{ lookup('vars', 'url') }}",
        "{{ lookup('my.own.env', 'url') }}",
        "{{ lookup('ansible.builtin.ansible.builtin.env', 'url') }}",
        "{{ lookup('v' ~ 'ars', 'url') }}",
        "{{ lookup('env', *names) }}",
        "{{ lookup('env', 'X', **options) }}",
        "{{ lookup('pipe', 'echo {{ url }}') }}",
        "{{ lookup(plugin) }}",
        "{{ lookup() }}",
        "{{ lookup }}",
        "{% set read = lookup %}{{ read('vars', 'url') }}",
        "{{ vars['url'] }}",
        "{{ self._TemplateReference__context }}",
        "{{ '{{ url }}' }}",
        "{% include 'url.j2' %}",
        "{{ url",
        "{% unknown %}",
        "#jinja2: variable_start_string:'[['\n[[ url ]]",
        "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
        ["text", {"a": "{{ url }}"}],
        {"{{ url }}": 1},
    ],
)
def test_anything_else_may_differ(value: Any) -> None:
    assert not is_constant(value)
