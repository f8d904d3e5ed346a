"""How many write, how many would be usual, and when that is so unusual that somebody should know. Pure.

series  how many began in each quarter hour; what was not counted is told apart from zero
seasons what kind of day it is, and where in the month
tails   how unlikely a count is
model   what is usual: fitted on the last weeks, without what was labelled as an incident
looks   what each quarter hour says: how unusual the last half hour and the last hour are
episodes  what begins, goes on and is over
backtest  the limit that would have alarmed so often a week
parts   what grew: topics, companies
charts  the chart of how many, as a specification; renderer: as SVG for a page, as PNG for a message

And, which is not pure: what customers thought of an answer (`survey`, `surveys`, `satisfaction`).
And digests: what is open, and what a week brought (`digests`, `week`, `digest`, `subscriptions`).
"""
