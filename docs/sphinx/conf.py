# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings of the documentation site. antsibull-docs generates its pages from the plugins and the guides."""

from __future__ import annotations

import pkgutil
import re
import zlib
from os.path import relpath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ansible import constants, modules
from sphinx.errors import ExtensionError

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

project = "talkover.voice"
copyright = "2026, Talkover Voice Collection Contributors"  # noqa: A001  # Sphinx wants this name
html_title = html_short_title = "talkover.voice"

extensions = ["sphinx.ext.intersphinx", "sphinx_antsibull_ext", "sphinx_copybutton"]
default_role = "any"
nitpicky = True
highlight_language = "YAML+Jinja"
pygments_style = "ansible"
# Dashes alone: quotes in headings must match the messages that users search for.
smartquotes_action = "D"

html_theme = "sphinx_ansible_theme"
html_theme_options = {"show_rtd_ethical_ads": False, "topbar_links": {"Ansible": "https://docs.ansible.com/"}}
html_static_path = ["static"]
html_css_files = ["site.css"]
html_show_sphinx = False
html_use_index = False
html_copy_source = False

# Copy the commands of a console without the prompt and without the output.
copybutton_prompt_text = "$ "

ANSIBLE = "https://docs.ansible.com/projects/ansible/latest/"
APPENDICES = "reference_appendices/"
BUILTIN = "ansible_collections.ansible.builtin."
INTRODUCTION = Path(__file__).with_name("introduction.rst")
CONTENTS = ".. contents::"
LANGUAGES = {"inicio_rapido": "pt-BR"}
"""The languages of pages that are not in English."""


def link_to_ansible(app: Sphinx, config: Config) -> None:
    """Write the part of the inventory of Ansible's own documentation that is linked to, as a build is offline."""
    entries = [
        f"common_return_values std:label -1 {APPENDICES}common_return_values.html#common-return-values Return Values",
        "action_plugins std:label -1 plugins/action.html#action-plugins Action plugins",
        f"ansible_configuration_settings std:label -1 {APPENDICES}config.html#ansible-configuration-settings Settings",
    ]
    settings = constants.config.get_configuration_definitions().values()
    variables = sorted({variable["name"] for setting in settings for variable in setting.get("env", [])})
    entries += [f"{name} std:envvar 1 {APPENDICES}config.html#envvar-$ -" for name in variables]
    for module in pkgutil.iter_modules(modules.__path__):
        label = f"{BUILTIN}{module.name}_module"
        anchor = re.sub(r"[._]+", "-", label)
        entries.append(
            f"{label} std:label -1 collections/ansible/builtin/{module.name}_module.html#{anchor} {module.name}"
        )
    header = "# Sphinx inventory version 2\n# Project: Ansible\n# Version: \n# compressed using zlib.\n"
    inventory = Path(app.doctreedir, "ansible.inv")
    inventory.parent.mkdir(parents=True, exist_ok=True)
    inventory.write_bytes(header.encode() + zlib.compress("\n".join([*entries, ""]).encode()))
    config.intersphinx_mapping = {"ansible": (ANSIBLE, str(inventory))}


def introduce(app: Sphinx, page: str, source: list[str]) -> None:
    """Put the introduction below the title of the first page, which antsibull-docs generates."""
    if page == "index":
        title, line, rest = source[0].partition(CONTENTS)
        if not line:
            raise ExtensionError(f"The generated first page has no {CONTENTS!r} to put the introduction before.")
        # The generated title is in title case, which is not the name of the collection.
        title = title.replace("Talkover.Voice", project)
        source[0] = f"{title}.. include:: {relpath(INTRODUCTION, app.srcdir)}\n\n{line}{rest}"


def set_page_context(_app: Sphinx, page: str, _template: str, context: dict[str, Any], _doctree: object) -> None:
    """Link the title to the first page, and declare the language of translated pages."""
    # The theme has one setting for all pages, which cannot be a relative link.
    context["theme_documentation_home_url"] = context["pathto"]("index")
    context["language"] = LANGUAGES.get(page.rpartition("/")[2], context["language"])


def setup(app: Sphinx) -> None:
    """Connect to the events of Sphinx."""
    # Before intersphinx reads its setting.
    app.connect("config-inited", link_to_ansible, priority=1)
    app.connect("source-read", introduce)
    app.connect("html-page-context", set_page_context)
