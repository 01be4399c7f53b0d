# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""Options and results of the plugins on the controller: the rules that Ansible itself does not enforce."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from ansible import template
from ansible.errors import AnsibleError, AnsibleUndefinedVariable
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins import AnsiblePlugin
from ansible.utils.display import Display
from ansible.utils.unsafe_proxy import wrap_var

from ..module_utils._errors import TalkoverError
from ..module_utils._options import CONNECTION_SPEC, ConnectionOptions
from ..module_utils._token import Token

VARIABLE_PREFIX = "talkover_"
CONNECTION_VARIABLES = tuple(
    f"{VARIABLE_PREFIX}{name}"
    for name in ("api_token", "api_url", "validate_certs", "ca_path", "client_cert", "client_key", "cache_ttl")
)
"""The variables that are documented for the connection options and for C(cache_ttl)."""

_TYPES = {**{name: spec["type"] for name, spec in CONNECTION_SPEC.items()}, "cache_ttl": "float"}
_TRUST_IS_OPT_IN = hasattr(template, "trust_as_template")


def reject_unknown_options(plugin: AnsiblePlugin, given: Iterable[Any], allowed: Iterable[str] = ()) -> None:
    """Raise an error for the first name that is no option of the plugin.

    :param allowed: names that Ansible hands over besides, and that are no options.
    :raises TalkoverError: kind ``config``; the message names the closest option.
    """
    definitions: Mapping[str, Any] = plugin.option_definitions
    known = {name for name in definitions if not name.startswith("_")}
    known.update(alias for definition in definitions.values() for alias in definition.get("aliases") or ())
    for name in map(str, given):
        if name in known or name in allowed:
            continue
        # Imported late: each worker imports this file, and few need more than a comparison.
        import difflib

        closest = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.5)
        advice = f"Did you mean {closest[0]}?" if closest else f"The options are {', '.join(sorted(known))}."
        raise TalkoverError("config", f"{name[:100]!r} is not an option. {advice}")


def reject_connection_facts(variables: Mapping[str, Any] | None) -> None:
    """Raise an error when a variable that configures the connection may come from facts, which a managed host controls.

    :param variables: the variables of the host, as Ansible hands them to a plugin.
    :raises TalkoverError: kind ``config``; the message names the variable.
    """
    variables = variables or {}
    present = [name for name in CONNECTION_VARIABLES if name in variables]
    if not present:
        return
    facts = variables.get("ansible_facts") or {}
    if not isinstance(facts, Mapping):
        raise TalkoverError(
            "config",
            f"The variable ansible_facts is not a dictionary, so it cannot show whether {present[0]} comes from a "
            "fact. Remove the variable ansible_facts from the inventory and the play.",
        )
    # Within the task that returned them, ansible-core 2.18 and older keep only the latest facts, in this key.
    if "ansible_facts" in facts:
        raise TalkoverError(
            "config",
            f"The task itself has returned facts, so {present[0]} may be one of them. Use the plugin in a task of its "
            "own. If the host has a fact ansible_facts, remove that fact.",
        )
    for name in present:
        if name in facts:
            raise TalkoverError(
                "config",
                f"The variable {name} is also a fact of the host. Facts must not configure the connection, because a "
                "managed host chooses its facts. Remove the fact, and set the variable without cacheable.",
            )


def load_options(
    set_options: Callable[..., None],
    templar: Any,
    *,
    direct: Mapping[str, Any],
    variables: Mapping[str, Any] | None,
    template_direct: bool = False,
) -> None:
    """Check and template options, and set them on a plugin.

    Ansible's own errors about options may show values, or lines of the source file. So the token is checked first, and
    what Ansible raises after that is raised again as plain text without the token.

    :param set_options: C(set_options) of the plugin.
    :param direct: options given as keywords, or as the keys of an inventory source.
    :param template_direct: whether connection options in ``direct`` may be templates.
    :raises TalkoverError: kind ``config``, when an option is wrong.
    """
    reject_connection_facts(variables)
    variables = variables or {}
    sources = [
        dict(direct, **_render_token(direct, "api_token", templar if template_direct else None)),
        dict(variables, **_render_token(variables, f"{VARIABLE_PREFIX}api_token", templar)),
    ]
    token = _token(*sources)
    if template_direct:
        sources[0] = templated(sources[0], templar, token=token)
    sources[1] = templated(sources[1], templar, VARIABLE_PREFIX, token=token)
    _check_types(sources[0])
    _check_types(sources[1], VARIABLE_PREFIX)
    try:
        set_options(direct=sources[0], var_options=sources[1])
    except (AnsibleError, TypeError, ValueError) as error:
        raise TalkoverError("config", token.hide(plain_message(error))) from None


def read_connection(plugin: AnsiblePlugin) -> ConnectionOptions:
    """Read the connection options of a plugin, after ``load_options``.

    :raises TalkoverError: kind ``config``, when one of them is wrong.
    """
    return ConnectionOptions.from_options({name: plugin.get_option(name) for name in CONNECTION_SPEC})


def templated(values: Mapping[str, Any], templar: Any, prefix: str = "", token: Token | None = None) -> dict[str, Any]:
    """Return values with the connection options and C(cache_ttl) rendered, which ansible-core leaves to the plugin.

    The token is left alone: ``load_options`` renders it first.

    :param prefix: what precedes the option names in ``values``.
    :param token: the token that error messages must not show.
    :raises TalkoverError: kind ``config``, when a template cannot be rendered.
    """
    rendered = dict(values)
    for name in (f"{prefix}{option}" for option in _TYPES if option != "api_token"):
        if name in values:
            try:
                rendered[name] = decrypt(templar.template(values[name]))
            except AnsibleError as error:
                reason = plain_message(error)
                raise TalkoverError(
                    "config", f"{name} cannot be rendered: {token.hide(reason) if token else reason}"
                ) from None
    return rendered


def display_wait(seconds: float) -> None:
    """Report a rate-limit wait on stderr, because stdout may be JSON for a program."""
    words = f"talkover.voice: the rate limit of the service is used up; going on in {seconds:.0f} s."
    Display().display(words, color="yellow", stderr=True)


def decrypt(value: Any) -> Any:
    """Return a vaulted value, or a list that holds some, as text; anything else unchanged."""
    if isinstance(value, list):
        return [decrypt(item) for item in value]
    return str(value) if _is_encrypted(value) else value


def mark_untrusted(value: Any) -> Any:
    """Return data of the API so that Ansible never evaluates its text, dictionary keys included.

    ansible-core 2.19 and newer evaluate only text that is marked as trusted. Older ones evaluate all text that is not
    marked as unsafe, also text without template syntax, such as the name of a variable in a condition.
    """
    return value if _TRUST_IS_OPT_IN else wrap_var(value)


def _render_token(values: Mapping[str, Any], name: str, templar: Any) -> dict[str, Any]:
    """Return the token of these values under its name, rendered if there is a templar; nothing when it is not set."""
    if name not in values:
        return {}
    broken = f"{name} cannot be rendered or decrypted. Check its template and the vault password; write a token that "
    broken += "holds template syntax, such as '{#', with the YAML tag !unsafe."
    given = values[name]
    try:
        value = decrypt(templar.template(given) if templar and _is_text(given) else given)
    except AnsibleUndefinedVariable:
        reason = f"{name} cannot be rendered, because a variable in its template is undefined. Define that variable."
        raise TalkoverError("config", reason) from None
    except Exception:  # noqa: BLE001  # whatever a template or a vault raises may show the token
        raise TalkoverError("config", broken) from None
    # Jinja2 drops the start of a comment at the end of a text.
    if isinstance(given, str) and given.endswith("{#") and value != given:
        raise TalkoverError("config", broken)
    if not isinstance(value, str):
        raise TalkoverError(
            "config", f"{name} is not a string, which a token must be. The value is not shown. Set it to one string."
        )
    return {name: value}


def _token(direct: Mapping[str, Any], variables: Mapping[str, Any]) -> Token:
    text = direct.get("api_token", variables.get(f"{VARIABLE_PREFIX}api_token", os.environ.get("TALKOVER_TOKEN")))
    if text is None:
        raise TalkoverError(
            "config",
            "api_token is not set. Set it, or the variable talkover_api_token, or the environment variable "
            "TALKOVER_TOKEN.",
        )
    return Token(text)


def _check_types(values: Mapping[str, Any], prefix: str = "") -> None:
    """Raise an error for values that Ansible would take for something else, or fail on without naming the option."""
    for option, kind in _TYPES.items():
        name = f"{prefix}{option}"
        value = values.get(name)
        if isinstance(value, Collection) and not isinstance(value, str) and not _is_encrypted(value):
            raise TalkoverError("config", f"{name} is a list or a dictionary, but must be one value of type {kind}.")
        if kind == "bool" and value is not None:
            try:
                # Ansible itself takes a misspelled "true" for false.
                boolean(value)
            except TypeError:
                raise TalkoverError("config", f"{name} is neither true nor false. Set it to one of the two.") from None


def _is_text(value: Any) -> bool:
    return isinstance(value, str) or _is_encrypted(value)


def _is_encrypted(value: Any) -> bool:
    # AnsibleVaultEncryptedUnicode of ansible-core 2.18 and older, and EncryptedString of newer ones.
    return bool(getattr(value, "__ENCRYPTED__", False)) or type(value).__name__ == "EncryptedString"


def plain_message(error: BaseException) -> str:
    """Return the message of an error without the source lines that Ansible adds."""
    messages = [str(each.args[0]) for each in (error, error.__cause__) if each is not None and each.args]
    return " ".join(messages) or type(error).__name__
