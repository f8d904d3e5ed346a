"""A complaint reaches whoever answers for that customer, and climbs until somebody does."""
