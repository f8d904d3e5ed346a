"""How we speak, in two languages; and when two texts say the same."""
