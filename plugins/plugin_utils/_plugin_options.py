# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""Read the options of plugins on the controller, and mark their results, where Ansible does not do it safely."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from ansible import template
from ansible.errors import AnsibleError, AnsibleUndefinedVariable
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins import AnsiblePlugin
from ansible.utils.display import Display

from ..module_utils._errors import TalkoverError
from ..module_utils._options import CONNECTION_SPEC, ConnectionOptions, check_size, read_token, reject_unknown
from ..module_utils._token import Token
from ._facts import CONNECTION_VARIABLES, VARIABLE_PREFIX, find_manager, has_facts, remove_facts, without_facts

_TYPES = {**{name: spec["type"] for name, spec in CONNECTION_SPEC.items()}, "cache_ttl": "float"}
_TRUST_IS_OPT_IN = hasattr(template, "trust_as_template")


def reject_unknown_options(plugin: AnsiblePlugin, given: Iterable[Any], allowed: Iterable[str] = ()) -> None:
    """Raise an error for the first name that is not an option of the plugin.

    :param allowed: other names that Ansible passes.
    :raises TalkoverError: kind ``config``; the message names the closest option.
    """
    definitions: Mapping[str, Any] = plugin.option_definitions
    known = {name for name in definitions if not name.startswith("_")}
    known.update(alias for definition in definitions.values() for alias in definition.get("aliases") or ())
    reject_unknown((name for name in map(str, given) if name not in allowed), known)


def load_options(
    set_options: Callable[..., None],
    templar: Any,
    *,
    direct: Mapping[str, Any],
    variables: Mapping[str, Any] | None,
    template_direct: bool = False,
) -> None:
    """Check and template options, and set them on a plugin. No connection variable may depend on a fact.

    Ansible's errors about options may show values, or lines of the source file. So the token is checked first, and
    later errors of Ansible are raised again as plain text without the token.

    :param set_options: C(set_options) of the plugin.
    :param direct: options from keywords, or from the keys of an inventory source.
    :param template_direct: whether connection options in ``direct`` may be templates.
    :raises TalkoverError: kind ``config``, when an option is wrong.
    """
    variables = variables or {}
    sources = [
        dict(direct, **_render_token(direct, "api_token", templar if template_direct else None)),
        dict(variables, **_render_token(variables, f"{VARIABLE_PREFIX}api_token", templar)),
    ]
    token = _token(*sources)
    if template_direct:
        sources[0] = templated(sources[0], templar, token=token)
    sources[1] = templated(sources[1], templar, VARIABLE_PREFIX, token=token)
    _check_types(sources[0], {**_TYPES, "max_health_age": "int", "cache_timeout": "int"})
    _check_types(sources[1], _TYPES, VARIABLE_PREFIX)
    _reject_dependence_on_facts(variables, sources[1], templar)
    # ansible-core treats a null as not set, so the default or another source would apply.
    names = (*sources[0], *(name for name in CONNECTION_VARIABLES if name in sources[1]))
    for name in names:
        if {**sources[1], **sources[0]}[name] is None:
            raise TalkoverError("config", f"{name} is null. Set it, or leave it out.")
    try:
        set_options(direct=sources[0], var_options=sources[1])
    except (AnsibleError, TypeError, ValueError) as error:
        raise TalkoverError("config", token.hide(plain_message(error))) from None


def read_connection(plugin: AnsiblePlugin) -> ConnectionOptions:
    """Return the connection options of a plugin, after ``load_options``.

    :raises TalkoverError: kind ``config``, when one of them is wrong.
    """
    options = {name: plugin.get_option(name) for name in CONNECTION_SPEC}
    options["validate_certs"] = _read_bool("validate_certs", options["validate_certs"])
    return ConnectionOptions.from_options(options)


def templated(values: Mapping[str, Any], templar: Any, prefix: str = "", token: Token | None = None) -> dict[str, Any]:
    """Return values with the templates of connection options and C(cache_ttl) rendered, as ansible-core does not.

    The token is not changed, because ``load_options`` renders it first.

    :param prefix: the prefix of the option names in ``values``.
    :param token: the token that error messages must not show.
    :raises TalkoverError: kind ``config``, when a template cannot be rendered.
    """
    rendered = dict(values)
    for name in (f"{prefix}{option}" for option in _TYPES if option != "api_token"):
        if name in values:
            try:
                rendered[name] = decrypt(templar.template(values[name]))
            except Exception as error:  # noqa: BLE001  # on ansible-core 2.18 and older, a filter raises what it likes
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
    """Decrypt a vaulted value, or a list with vaulted elements; return anything else unchanged."""
    if isinstance(value, list):
        return [decrypt(item) for item in value]
    return str(value) if _is_encrypted(value) else value


def mark_untrusted(value: Any) -> Any:
    """Return data of the API, marked so that Ansible never evaluates its text, including dictionary keys.

    ansible-core 2.19 and newer evaluate only text that is marked as trusted. Older versions evaluate all text that is
    not marked as unsafe, even without template syntax, such as the name of a variable in a condition.
    """
    if _TRUST_IS_OPT_IN:
        return value
    from ansible.utils.unsafe_proxy import wrap_var

    return wrap_var(value)


def _render_token(values: Mapping[str, Any], name: str, templar: Any) -> dict[str, Any]:
    """Return the token in these values by its name, rendered if there is a templar; an empty dict if it is not set."""
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
    except Exception:  # noqa: BLE001  # any error of a template or a vault may show the token
        raise TalkoverError("config", broken) from None
    # Jinja2 removes the start of a comment at the end of a text.
    if isinstance(given, str) and given.endswith("{#") and value != given:
        raise TalkoverError("config", broken)
    if not isinstance(value, str):
        raise TalkoverError(
            "config", f"{name} is not a string, which a token must be. The value is not shown. Set it to one string."
        )
    return {name: value}


def _token(direct: Mapping[str, Any], variables: Mapping[str, Any]) -> Token:
    name = f"{VARIABLE_PREFIX}api_token"
    return read_token(direct.get("api_token", variables.get(name, os.environ.get("TALKOVER_TOKEN"))))


def _reject_dependence_on_facts(variables: Mapping[str, Any], rendered: Mapping[str, Any], templar: Any) -> None:
    """Raise an error when a connection variable has another value without facts.

    :param rendered: the same variables, with the templates in those of the connection rendered. This must come first,
        because a template may read the stored facts of a host.
    :raises TalkoverError: kind ``config``; the message names the variable.
    """
    manager = find_manager(variables)
    # The task itself may have returned facts, which are not stored yet.
    if not variables.get("ansible_facts") and (manager is None or not has_facts(manager)):
        return
    # Imported late: most plays have no facts.
    from ._constant_templates import is_constant

    values = {name: variables.get(name) for name in CONNECTION_VARIABLES}
    # Ansible renders no vaulted text.
    templates = {name: value for name, value in values.items() if isinstance(value, str) and not is_constant(value)}
    if not templates:
        return
    bare = remove_facts(variables)
    with without_facts(manager) if manager is not None else contextlib.nullcontext():
        for name, value in templates.items():
            if str(rendered[name]) != _render(templar, value, bare):
                raise TalkoverError(
                    "config",
                    f"{name} depends on a fact. A managed host chooses its facts, so they must not configure the "
                    "connection. Use variables that are not facts.",
                )


def _render(templar: Any, value: Any, variables: Mapping[str, Any]) -> str | None:
    """Return the text of a template with these variables, or C(None) when it cannot be rendered."""
    if _TRUST_IS_OPT_IN:
        templar = templar.copy_with_new_env(available_variables=variables)
    else:
        # Lookups in a copy would render their terms with the variables of the original.
        templar = template.Templar(templar._loader, variables=variables)  # noqa: SLF001  # no public API
    try:
        return str(decrypt(templar.template(value)))
    except Exception:  # noqa: BLE001  # any error of a template or a vault may show the token
        return None


def _check_types(values: Mapping[str, Any], types: Mapping[str, str], prefix: str = "") -> None:
    """Raise an error for values that Ansible would misread, reject without naming the option, or convert for hours."""
    for option, kind in types.items():
        name = f"{prefix}{option}"
        value = values.get(name)
        if isinstance(value, Collection) and not isinstance(value, str) and not _is_encrypted(value):
            raise TalkoverError("config", f"{name} is a list or a dictionary, but must be one value of type {kind}.")
        if kind == "int" or isinstance(value, int):
            check_size(name, value)


def _read_bool(name: str, value: Any) -> bool:
    """Return a boolean option. ansible-core must not convert it, because it reads a misspelled "true" as false.

    :raises TalkoverError: kind ``config``, when it is neither true nor false.
    """
    try:
        return bool(boolean(value))
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
    return " ".join(dict.fromkeys(messages)) or type(error).__name__
