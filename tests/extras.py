"""Is an extra installed? Asked without importing it: each test process collects all tests and runs some."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

needs_mcp = pytest.mark.skipif(find_spec("mcp") is None, reason="the extra `mcp` is not installed")
