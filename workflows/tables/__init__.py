"""What is remembered: the rows, one module for each room above. Importing this fills the metadata.

Every time is milliseconds since 1970 in UTC (`*_at`); every id of a vendor is text.

    Delivery ◄── Run ◄── Action ──► feedback · conversation · issue · escalation
    Company ◄── Contact ◄── Conversation ◄── Message           CompanyPast, Owner, Churn ──► Company
                                 ▲
                             Feedback ◄── Context, Asked, Merge, Decision, Report
                              │    └──► FeedbackFeature ──► Feature ──► FeatureIssue ──► Issue
                              └───────► FeedbackIssue ──► Issue ◄── Release ◄── Telling ──► Conversation
    Escalation ◄── Judgement           Account ◄── Login        Document, SearchMark: what search knows of all texts
    Erasure ──► Conversation, Contact: of whom nothing may be kept any more
    WishVector ──► Feedback: what it means, as numbers        NotSame: two of them that are not the same
    Conversation ◄── Course: how it went, in figures
    Conversation ──► Arrival ──► Count, DayCount ◄── Source        Occasion, Cause        Survey ──► Conversation
    Notice ◄── Addressee ──► Contact, and a Telling for each
"""

__all__ = [
    "columns",
    "customer",
    "erasure",
    "escalation",
    "measure",
    "meeting",
    "notice",
    "people",
    "runs",
    "search",
    "similar",
    "telling",
    "volume",
    "wish",
]
