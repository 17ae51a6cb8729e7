"""What Textual itself costs: two small apps to compare with."""
