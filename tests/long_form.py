"""How often is something tried? A few times in the daily run; as often as the environment says in the long one."""

from __future__ import annotations

import os


def long_form(name: str, short: int) -> int:
    """How often: `short`, or what the environment says, for example YIBU_FAULTS_KILLS=1000."""
    return int(os.environ.get(f"YIBU_FAULTS_{name}", short))
