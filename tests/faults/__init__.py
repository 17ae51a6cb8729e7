"""What can go wrong, row by row of the fault table: each test is named after its row."""
