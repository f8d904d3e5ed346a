"""A customer hears: that what they asked for is there, what was concluded, what was promised to them."""
