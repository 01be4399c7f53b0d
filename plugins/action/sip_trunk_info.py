# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run C(sip_trunk_info) in the worker process when the host of the task is the controller, and else as a module.

The linear and free strategies load this file before they fork, so the workers share what it imports. Nothing here may
start a thread or open a socket at import.
"""

from __future__ import annotations

import contextlib
import functools
import os
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from ansible import constants
from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values
from ansible.plugins.action import ActionBase

try:
    from ansible.module_utils.secrets import mask_secrets
except ImportError:  # ansible-core 2.21 and older
    mask_secrets = None

from ..module_utils import _clock, _http, _http_errors, _lists, _redaction, _transport
from ..module_utils._errors import TalkoverError
from ..module_utils._info import build_failure, build_result
from ..module_utils._module_args import check_module_args, module_spec
from ..module_utils._options import ConnectionOptions, TrunkQuery
from ..module_utils._trunks import TrunkReport, fetch
from ..plugin_utils._connection_of_hosts import connection_environment
from ..plugin_utils._facts import reject_facts
from ..plugin_utils._play_gate import gate_args, gate_result, is_gate
from ..plugin_utils._plugin_options import decrypt, display_wait
from ..plugin_utils._run_cache import fetch_cached
from ..plugin_utils._run_window import open_window

PRELOADED = (_http, _http_errors, _lists, _redaction)
"""What a fetch imports late, so that the workers share it."""


class ActionModule(ActionBase):  # type: ignore[misc]  # ansible-core declares no types
    """What ansible-core looks for."""

    _supports_async = True
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Fetch the trunks, here or with the module."""
        self._began = _clock.now()
        fetch_trunks = self._fetch_for_gate if is_gate(self._task) else self._fetch
        return {**super().run(tmp, task_vars), **fetch_trunks(task_vars or {})}

    def _fetch(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        try:
            given = self._checked_args(task_vars)
        except TalkoverError as error:
            return build_failure(error)
        try:
            args = _plain(given)
        except TypeError:
            # Only the encoder of Ansible knows what the module would receive.
            return self._run_module(task_vars)
        return self._run_here(args, task_vars) if self._is_controller(task_vars) else self._run_module(task_vars)

    def _fetch_for_gate(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        # Never with the module: facts could choose the environment of its process, and the folder for its files.
        try:
            args = _plain(self._checked_args(task_vars))
            # This process is of this task alone. Ansible has rendered the environment.
            os.environ.update(connection_environment(self._task.environment))
        except TalkoverError as error:
            return gate_result(build_failure(error))
        except (TypeError, ValueError) as error:
            return gate_result(build_failure(TalkoverError("config", f"The task cannot run: {error}.")))
        return gate_result(self._run_here(args, task_vars))

    def _checked_args(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments, decrypted.

        :raises TalkoverError: kind ``config``, when one is not valid, or when facts may have chosen one.
        """
        given = {name: decrypt(value) for name, value in self._task.args.items()}
        # Before ansible-core converts or prints them: a value in the place of the token may hold the token.
        _reject_unknown(self._task.action, given)
        # The arguments may come from these variables, so a managed host must not choose them.
        reject_facts(task_vars)
        if is_gate(self._task):
            given = gate_args(given, self._task, task_vars)
        check_module_args(given)
        return given

    def _run_module(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        # As the action plugin "normal", which other modules use.
        wrap_async = self._task.async_val and not getattr(self._connection, "has_native_async", False)
        # A copy, because ansible-core adds its own arguments, and the next attempt of "until" would see them.
        args = dict(self._task.args)
        result: dict[str, Any] = self._execute_module(module_args=args, task_vars=task_vars, wrap_async=wrap_async)
        if not wrap_async:
            self._remove_tmp_path(self._connection._shell.tmpdir)  # noqa: SLF001  # as all action plugins
        return result

    def _run_here(self, args: dict[str, Any], task_vars: Mapping[str, Any]) -> dict[str, Any]:
        validation = ArgumentSpecValidator(module_spec()).validate(args)
        params = validation.validated_parameters
        if validation.error_messages:
            result = build_failure(TalkoverError("config", validation.errors.msg))
        else:
            request = functools.partial(_fetch_report, began=self._began, ttl=params["cache_ttl"] or 0)
            with _working_directory(self._loader.get_basedir()):
                result = build_result(params, request)
        if _shows_invocation(task_vars):
            result["invocation"] = {"module_args": params}
        if params.get("api_token") and mask_secrets:
            # ansible-core masks what the validation has registered in all output, but not in variables.
            params["api_token"] = mask_secrets(params["api_token"])
        elif params.get("api_token"):
            # As AnsibleModule does: the values of flags are not searched.
            flags = {name: value for name, value in result.items() if value is None or isinstance(value, bool)}
            result.update(remove_values(result, {params["api_token"]}))
            result.update(flags)
        return result

    def _is_controller(self, task_vars: Mapping[str, Any]) -> bool:
        """Return whether the module would run as this user, in this environment, with this Python.

        Variables and facts can choose between the two ways, and nothing else.
        """
        task, connection = self._task, self._connection
        return (
            _transport.IMPORT_ERROR is None
            # Whoever sets ANSIBLE_KEEP_REMOTE_FILES wants the files of the module.
            and not constants.DEFAULT_KEEP_REMOTE_FILES
            and connection.transport == "local"
            and connection._shell.SHELL_FAMILY == "sh"  # noqa: SLF001  # as all action plugins
            and not (task.async_val or task.become or self._play_context.become or connection.become)
            and not any(task.environment or ())
            and not any(name.startswith("_ansible_") for name in task.args)
            and self._has_this_python(task_vars)
        )

    def _has_this_python(self, task_vars: Mapping[str, Any]) -> bool:
        host_vars = task_vars
        if self._task.delegate_to:
            host_vars = task_vars.get("ansible_delegated_vars", {}).get(self._task.delegate_to, {})
        try:
            python = constants.config.get_config_value("INTERPRETER_PYTHON", variables=host_vars)
            python = self._templar.template(python)
        except AnsibleError:
            return False
        if not python or str(python).startswith("auto"):
            facts = host_vars.get("ansible_facts")
            python = facts.get("discovered_interpreter_python") if isinstance(facts, Mapping) else None
        return isinstance(python, str) and _is_same_python(python)


def _reject_unknown(action: str, given: Mapping[Any, Any]) -> None:
    """Raise the error of AnsibleModule for unknown options, whose values ansible-core would return unmasked.

    :raises TalkoverError: kind ``config``.
    """
    known = module_spec()
    unknown = sorted(name for name in map(str, given) if name not in known and not name.startswith("_ansible_"))
    if unknown:
        raise TalkoverError(
            "config",
            f"Unsupported parameters for ({action}) module: {', '.join(unknown)}. "
            f"Supported parameters include: {', '.join(sorted(known))}.",
        )


def _is_same_python(path: str) -> bool:
    """Return whether a path is that of this Python, perhaps by another name in the same folder.

    The same file in another folder may belong to another virtual environment.
    """
    if path == sys.executable:
        return True
    try:
        return os.path.dirname(path) == os.path.dirname(sys.executable) and os.path.samefile(path, sys.executable)
    except (OSError, ValueError):
        return False


def _plain(value: Any) -> Any:
    """Return a value as the module receives it: of plain types, so without marks of trust.

    :raises TypeError: for anything that JSON does not have.
    """
    if value is None or isinstance(value, bool):
        return value
    for kind in (str, int, float):
        if isinstance(value, kind):
            # Subclasses of Ansible carry marks, and their str() may keep them.
            return kind.__str__(value) if kind is str else kind(value)
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping) and all(isinstance(name, str) for name in value):
        return {_plain(name): _plain(item) for name, item in value.items()}
    raise TypeError(f"The module cannot receive a value of type {type(value).__name__}.")


def _fetch_report(connection: ConnectionOptions, query: TrunkQuery, began: float, ttl: float) -> TrunkReport:
    def request(rest: TrunkQuery) -> TrunkReport:
        return fetch(connection, rest, display_wait, open_window(connection))

    return TrunkReport(fetch_cached(connection, query, ttl, request, began), query.max_health_age)


def _shows_invocation(task_vars: Mapping[str, Any]) -> bool:
    """Return whether a module would return its arguments: always, or from ansible-core 2.21 on by a setting."""
    if constants.config.get_configuration_definition("INJECT_INVOCATION") is None:
        return True
    return bool(constants.config.get_config_value("INJECT_INVOCATION", variables=task_vars))


@contextlib.contextmanager
def _working_directory(folder: str) -> Iterator[None]:
    """Change to the folder where the local connection runs modules, which relative paths start from."""
    with contextlib.ExitStack() as stack:
        # A folder that is gone leaves relative paths wrong, which is an error of its own.
        with contextlib.suppress(OSError):
            before = os.open(".", os.O_RDONLY | os.O_CLOEXEC)
            stack.callback(os.close, before)
            os.chdir(folder)
            stack.callback(os.fchdir, before)
        yield
