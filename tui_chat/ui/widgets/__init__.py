"""The parts of screens: each shows something and posts what the person did; none acts."""
