"""What the model may call: tools, what they may do, and how what they start is kept within bounds.

Nothing here decides to run anything: a tool runs when `chat/` says so, and `chat/` says so on the person's word.
"""
