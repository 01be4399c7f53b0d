# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the playbooks of docs/examples as a demo: C(make demo).

commands  run Ansible's commands, with the collection installed from its artifact
stories   the runs with the emulator, and their expected results
show      run the stories, or the gate for a trunk of the real service

The collection is built and installed as Galaxy would. Then it is run against the emulator, or, with TALKOVER_TOKEN and
TRUNK in the environment, against the real service. The exit code is 0 only when each story had the expected result.
"""
