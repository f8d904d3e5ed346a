"""What the company does. A room imports itself and the floors below it, never one above (`tests/test_architecture.py`).

    routes · upkeep · reconcile        what happened -> which story · again and again · what webhooks missed
    7  telling   overview              a customer hears · what is looked at across stories
    6  meeting   escalation            the weekly meeting · a complaint, and who answers for it
    5  wish      search                from a customer's words to a record that waits · everything said, found again
    4  customer                        who they are, what they said, who answers for them
    3  people                          who we are
    2  engine    language              how work is done once · how we speak, and when two texts say the same
    1  tables    rules                 what is remembered · what the company decided (yamabiko.toml)

In every room a singular or a verb is a story or an act; a plural noun holds the questions and changes over
`tables/<room>`; `texts` is what people read, `forms` what they fill in; `rules/<room>` are its settings. A module with
a `@workflow` or `@urgent` is a story: its name is part of stored runs, and only what begins it imports it.
"""
