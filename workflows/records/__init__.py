"""What we remember: the tables, and the questions asked of them. Every function takes the session first or last;
`functools.partial` makes it a piece of work for `store.read` or `store.write`."""
