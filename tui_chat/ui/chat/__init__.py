"""What can be done on the chat screen: one part for each question, put together in `parts.py`."""
