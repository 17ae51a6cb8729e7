"""yibu-chat: a terminal chat client for OpenAI-compatible Chat Completions endpoints."""

__version__ = "0.1.0"
