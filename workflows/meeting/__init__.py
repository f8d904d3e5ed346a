"""The weekly meeting: what is undecided, how much it weighs, and what is decided. Its address is `/triage`."""
