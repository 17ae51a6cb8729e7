"""The headless door without a process of its own, for what does not need one."""

from tests.cli.conftest import run

__all__ = ["run"]
