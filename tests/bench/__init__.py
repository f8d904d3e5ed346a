"""How fast it is: `python -m tests.bench`. Every figure is printed beside its yardstick from the same run.

    door         acks per second, and how long an ack takes
    loop         tagged messages filed per second, from the door to the note in the conversation
    fanout       two thousand conversations reopened inside Intercom's rate limit
    escalation   from the form to the owner's message, while the door is under load
    dossier      a company on one screen, among 100,000 records
    idle         what a process costs while nothing happens

The service, the twins, the sender and the bare calls are processes of their own; ratios mean something
on a busy machine too, absolute figures do not.
"""
