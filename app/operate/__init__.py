"""What an operator types: `python -m app …`."""
