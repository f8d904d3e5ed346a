"""The figures by which the company looks at its work: pure reading, a module for each subject.

    support      how enquiries went: answers, waits, closings, who came back         resolution   both sides of it
    product      requests: inflow, age of what is undecided, decisions, loop time    told         who has heard by when
    escalations  how soon somebody answered for them                                 health       what goes in and out

Each gives the `Cases` of its figures, one for each thing that is counted: a figure and its list are made of the same.
"""
