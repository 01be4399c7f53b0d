# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options and results of the plugins on the controller, with the option handling and templating of ansible-core."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible import constants, template
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible.utils.unsafe_proxy import AnsibleUnsafeText

from ansible_collections.talkover.voice.plugins.doc_fragments import connection as connection_docs
from ansible_collections.talkover.voice.plugins.doc_fragments import query as query_docs
from ansible_collections.talkover.voice.plugins.lookup import sip_trunk
from ansible_collections.talkover.voice.plugins.module_utils._errors import TalkoverError
from ansible_collections.talkover.voice.plugins.plugin_utils import _facts, _plugin_options

TOKEN = "talq_do_not_print_me_7f3a"
# Text of a YAML file, which is trusted on ansible-core 2.19 and newer.
trusted: Any = getattr(template, "trust_as_template", str)


@pytest.fixture
def plugin() -> Any:
    """Return the lookup plugin with the option definitions of its documentation."""
    definitions: dict[str, Any] = {}
    fragments = (connection_docs.ModuleDocFragment, query_docs.ModuleDocFragment)
    texts_of_options = [sip_trunk.DOCUMENTATION, *(fragment.DOCUMENTATION for fragment in fragments)]
    for text in (*texts_of_options, connection_docs.ModuleDocFragment.PLUGINS):
        for name, definition in yaml.safe_load(text)["options"].items():
            definitions.setdefault(name, {}).update(definition)
    lookup: Any = sip_trunk.LookupModule(loader=DataLoader(), templar=Templar(loader=DataLoader()))
    lookup._load_name = "talkover.voice.sip_trunk"
    constants.config.initialize_plugin_configuration_definitions("lookup", lookup._load_name, definitions)
    return lookup


def load(plugin: Any, direct: dict[str, Any], variables: dict[str, Any], template_direct: bool = False) -> Any:
    """Load options, and return the connection that they make."""
    plugin._templar.available_variables = variables
    _plugin_options.load_options(
        plugin.set_options, plugin._templar, direct=direct, variables=variables, template_direct=template_direct
    )
    return _plugin_options.read_connection(plugin)


def refusal(call: Any, *arguments: Any, **keywords: Any) -> str:
    """Return the message of a configuration error that shows no token."""
    with pytest.raises(TalkoverError) as raised:
        call(*arguments, **keywords)
    error: Any = raised.value
    assert error.kind == "config"
    while error is not None:
        assert TOKEN not in str(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return str(raised.value)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("api_tokn", "Did you mean api_token?"),
        ("cache_tll", "Did you mean cache_ttl?"),
        ("zzz", "The options are all_trunks, api_token"),
        ("_terms", "is not an option"),
        ("wantlist", "is not an option"),
        (3, "'3' is not an option"),
    ],
)
def test_unknown_option_is_rejected_with_the_closest_name(plugin: Any, name: Any, words: str) -> None:
    message = refusal(_plugin_options.reject_unknown_options, plugin, ["api_url", name])
    assert words in message
    assert str(name) in message


def test_known_and_allowed_options_are_accepted(plugin: Any) -> None:
    _plugin_options.reject_unknown_options(plugin, ["api_url", "cache_ttl", "wantlist"], ["wantlist"])


def test_connection_variables_are_those_of_the_documentation(plugin: Any) -> None:
    documented = [entry["name"] for each in plugin.option_definitions.values() for entry in each.get("vars") or ()]
    assert sorted(documented) == sorted(_facts.CONNECTION_VARIABLES)


NO_TOKENS = [[TOKEN], {"a": TOKEN}, {TOKEN: 1}, (TOKEN,), 7, 1.5, True, None, TOKEN.encode()]


@pytest.mark.parametrize("value", NO_TOKENS)
def test_token_that_is_not_a_string_is_rejected_unseen(plugin: Any, value: Any) -> None:
    for direct, variables, template_direct in (
        ({"api_token": value}, {}, False),
        ({"api_token": value}, {}, True),
        ({}, {"talkover_api_token": value}, False),
    ):
        assert "api_token is not a string" in refusal(load, plugin, direct, variables, template_direct)


@pytest.mark.parametrize(
    "text",
    [
        "{{ missing }}",
        f"{TOKEN}{{#",
        f"{TOKEN}{{#x",
        f"{{{{ '{TOKEN}' | no_filter }}}}",
        f"{{{{ ['{TOKEN}'] }}}}",
        f"{{% {TOKEN}",
    ],
)
def test_token_template_that_fails_is_rejected_unseen(plugin: Any, text: str) -> None:
    assert "talkover_api_token" in refusal(load, plugin, {}, {"talkover_api_token": trusted(text)})
    assert "api_token" in refusal(load, plugin, {"api_token": trusted(text)}, {}, True)


def test_token_is_rendered_where_templates_are_allowed(plugin: Any) -> None:
    variables = {"elsewhere": TOKEN, "talkover_api_token": trusted("{{ elsewhere }}")}
    assert load(plugin, {}, variables).token.header() == f"Bearer {TOKEN}"
    direct = {"api_token": trusted("{{ elsewhere }}x")}
    assert load(plugin, direct, variables, True).token.header() == f"Bearer {TOKEN}x"


def test_missing_token_names_the_option(plugin: Any) -> None:
    assert refusal(load, plugin, {}, {}).startswith("No token: set TALKOVER_TOKEN")


@pytest.mark.parametrize(
    ("direct", "variables", "words"),
    [
        ({"timeout": [TOKEN]}, {}, "timeout"),
        ({"retries": f"x{TOKEN}"}, {}, "retries"),
        ({}, {"talkover_cache_ttl": {"a": TOKEN}}, "talkover_cache_ttl is a list or a dictionary"),
        ({"include": [TOKEN]}, {}, "include"),
        ({}, {"talkover_api_url": trusted(f"{{{{ '{TOKEN}' | no_filter }}}}")}, "talkover_api_url"),
        ({}, {"talkover_cache_ttl": trusted("{{ missing }}")}, "talkover_cache_ttl"),
        ({"include": None}, {}, "include is null"),
        ({"cache_ttl": None}, {}, "cache_ttl is null"),
        ({}, {"talkover_api_url": None}, "talkover_api_url is null"),
        ({"validate_certs": "ture"}, {}, "validate_certs is neither true nor false"),
        ({}, {"talkover_validate_certs": "ture"}, "validate_certs is neither"),
    ],
)
def test_error_about_another_option_shows_no_token(
    plugin: Any, direct: dict[str, Any], variables: dict[str, Any], words: str
) -> None:
    assert words in refusal(load, plugin, {"api_token": TOKEN, **direct}, variables)


def test_variables_of_other_options_may_be_templates(plugin: Any) -> None:
    variables = {
        "host": "127.0.0.1",
        "talkover_api_url": trusted("http://{{ host }}/api"),
        "talkover_cache_ttl": trusted("{{ 2 + 3 }}"),
        "talkover_validate_certs": trusted("{{ false }}"),
    }
    connection = load(plugin, {"api_token": TOKEN}, variables)
    assert (connection.api_url, connection.validate_certs) == ("http://127.0.0.1/api", False)
    assert plugin.get_option("cache_ttl") == 5.0


def texts(value: Any) -> list[str]:
    """Return every text in a value, dictionary keys included."""
    if isinstance(value, dict):
        return [text for pair in value.items() for item in pair for text in texts(item)]
    if isinstance(value, list):
        return [text for item in value for text in texts(item)]
    return [value] if isinstance(value, str) else []


def test_every_text_of_the_api_is_untrusted() -> None:
    record = {"name": "plain", "dids": [{"number": "+1", "more": [["deep"]]}], "{{ key }}": {"a": None, "b": 1}}
    marked = _plugin_options.mark_untrusted(record)
    assert marked == record
    assert len(texts(marked)) == 10
    if hasattr(template, "trust_as_template"):
        assert not any(template.is_trusted_as_template(text) for text in texts(marked))
    else:
        assert all(isinstance(text, AnsibleUnsafeText) for text in texts(marked))
