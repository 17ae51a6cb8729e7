"""What happens: conversations as trees, turns, and the desk that runs them. No disk, no screen."""
