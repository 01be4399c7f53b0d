# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Record the gate of the README as SVG: the output of ansible-playbook for a healthy and an unhealthy trunk."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from ansible_collections.talkover.voice.tests.emulator import Emulator

PICTURE = Path(__file__).resolve().parents[1] / "docs" / "gate.svg"
WIDTH = 100
PLAYBOOK = "talkover.voice.gate"
# The template of rich, but with local fonts instead of a web font, and with a text alternative.
FRAME = """\
<svg role="img" aria-labelledby="title desc" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<!--
HEADER
Generated from a real run: make recording
-->
<title id="title">The gate opens for a healthy trunk and stops for a sick one</title>
<desc id="desc">ansible-playbook talkover.voice.gate ends well for trunk-healthy. For trunk-sick it fails, and says that
the trunk is not verified and that its live check got no answer.</desc>
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace;
font-size: {char_height}px; line-height: {line_height}px; }}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal"><rect width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def run(folder: Path, service: Emulator, trunk: str) -> tuple[int, str]:
    """Run the gate for a trunk, and return the exit code and the output with colors."""
    environment = {
        **os.environ,
        "ANSIBLE_FORCE_COLOR": "true",
        "ANSIBLE_HOME": str(folder / "home"),
        "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        "TALKOVER_API_URL": service.url,
        "TALKOVER_TOKEN": service.token,
        "NO_PROXY": "127.0.0.1",
    }
    command = [sys.executable, "-m", "ansible", "playbook", PLAYBOOK, "-e", f"trunk_ids={trunk}"]
    done = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    # The name of the directory with the collection differs each time.
    return done.returncode, done.stdout.strip().replace(f"{os.environ['ANSIBLE_COLLECTIONS_PATH']}/", "")


def main() -> int:
    """Record both runs, and write the picture."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="standard")
    with tempfile.TemporaryDirectory() as folder, Emulator() as service:
        for trunk, expected in (("trunk-healthy", 0), ("trunk-sick", 2)):
            code, output = run(Path(folder), service, trunk)
            if code != expected:
                print(f"{output}\nThe gate ended with {code} instead of {expected} for {trunk}.")
                return 1
            console.print(Text(f"$ ansible-playbook {PLAYBOOK} -e trunk_ids={trunk}\n", style="bold"))
            console.print(Text.from_ansi(output + "\n"))
    # The license of the picture is that of this file.
    header = [line.removeprefix("# ") for line in Path(__file__).read_text("utf-8").splitlines()[:3]]
    frame = FRAME.replace("HEADER", "\n".join(header))
    svg = console.export_svg(title="talkover.voice.gate", theme=MONOKAI, code_format=frame, unique_id="gate")
    PICTURE.write_text("\n".join(line.rstrip() for line in svg.splitlines()) + "\n", encoding="utf-8")
    print(f"The recording is {PICTURE}, {PICTURE.stat().st_size // 1000} kB.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
