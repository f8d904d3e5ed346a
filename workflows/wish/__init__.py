"""A wish: from a customer's words to a record that product people see and that waits for an issue."""
