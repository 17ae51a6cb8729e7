"""What travels between us and the gateway: values and bytes; nothing is kept here."""
