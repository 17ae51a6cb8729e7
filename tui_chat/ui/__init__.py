"""What is seen: the only room that knows Textual and Rich."""
