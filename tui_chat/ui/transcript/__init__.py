"""How a conversation is drawn: entries to blocks to rows, and the one widget that shows them."""
