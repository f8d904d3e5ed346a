"""English sentences about exactly one, where the sentence that callers know speaks of several.

Japanese has no plural, so its catalogue knows the callers' sentences alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from babel import Locale

#: The facts by which something is counted.
COUNTED = ("n", "count")
ONE = {
    "{n} days": "{n} day",
    "{n} times": "{n} time",
    "Used {n} times": "Used once",
    "Used {n} times, {edited} of them edited": "Used once, edited",
    "{n} unread direct messages": "{n} unread direct message",
    "and {n} more companies": "and {n} more company",
    "{count} escalations that could not be posted earlier": "{count} escalation that could not be posted earlier",
    "Signed out {count} people who are no longer full members in Slack.": (
        "Signed out {count} person who is no longer a full member in Slack."
    ),
    "{who} posted the minutes in Slack: {n} decisions.": "{who} posted the minutes in Slack: {n} decision.",
    "Please add background and importance: {n} requests": "Please add background and importance: {n} request",
    "{n} cases": "{n} case",
    "{n} decisions": "{n} decision",
    "{n} results": "{n} result",
    "{n} suggestions": "{n} suggestion",
    "{n} requests": "{n} request",
    "{n} conversations": "{n} conversation",
    "{n} messages were approved.": "{n} message was approved.",
    "This release will reopen {n} conversations.": "This release will reopen {n} conversation.",
    "{n} reports due": "{n} report due",
    "{n} drafts to approve": "{n} draft to approve",
    "{n} need attention": "{n} needs attention",
    "{n} things wait for you, {name}. Most urgent first.": "{n} thing waits for you, {name}.",
    "{n} companies": "{n} company",
    "{n} companies × {each}": "{n} company × {each}",
    "{n} companies want this; weight {weight}.": "{n} company wants this; weight {weight}.",
    "{n} weeks × {each} (at most {most} weeks)": "{n} week × {each} (at most {most} weeks)",
    "carried over {n} times": "carried over once",
    "{n} requests to decide": "{n} request to decide",
    "As of {day}: {n} requests to decide.": "As of {day}: {n} request to decide.",
    "Meeting on {when}: {n} requests to decide": "Meeting on {when}: {n} request to decide",
    "Posted the meeting agenda: {n} requests.": "Posted the meeting agenda: {n} request.",
    "{n} conversations are reopened with a draft. Notify these customers.": (
        "{n} conversation is reopened with a draft. Notify this customer."
    ),
    "{key} is done: reopening {count} conversations.": "{key} is done: reopening {count} conversation.",
    "{key} is done: {summary}. Reopening {count} conversations that asked for it.": (
        "{key} is done: {summary}. Reopening {count} conversation that asked for it."
    ),
    "{key} is no longer done: {summary}. {count} conversations were reopened for it. Do not tell the "
    "customers until it is done again.": (
        "{key} is no longer done: {summary}. {count} conversation was reopened for it. Do not tell the "
        "customer until it is done again."
    ),
    "{count} of them are reopened later, on business days.": "{count} of them is reopened later, on a business day.",
    "Added links to {count} conversations to {key}.": "Added a link to {count} conversation to {key}.",
    "Erased late arrivals: {n} texts.": "Erased late arrivals: {n} text.",
    "The process stopped {count} times while working on this.": "The process stopped once while working on this.",
    "{n} rows can be imported.": "{n} row can be imported.",
    "{n} rows have errors and will be skipped.": "{n} row has an error and will be skipped.",
    "Import {n} rows": "Import {n} row",
    "{n} rows were imported.": "{n} row was imported.",
    "Imported {file}: {n} rows.": "Imported {file}: {n} row.",
    "every {n} minutes": "every minute",
    "⏱ {n} minutes left of {target} for the first answer.": "⏱ {n} minute left of {target} for the first answer.",
    "⏱ {n} minutes left of {target} for the next answer.": "⏱ {n} minute left of {target} for the next answer.",
    "⏱ The {n} minutes for the first answer are over.": "⏱ The {n} minute for the first answer is over.",
    "⏱ The {n} minutes for the next answer are over.": "⏱ The {n} minute for the next answer is over.",
    "⏱ First answer overdue by {n} minutes. Target: {target} min.": (
        "⏱ First answer overdue by {n} minute. Target: {target} min."
    ),
    "⏱ Next answer overdue by {n} minutes. Target: {target} min.": (
        "⏱ Next answer overdue by {n} minute. Target: {target} min."
    ),
    "Posted in the conversation's thread how long the customer has been waiting: {n} business minutes.": (
        "Posted in the conversation's thread how long the customer has been waiting: {n} business minute."
    ),
    "{n} assessments cannot be measured: the company is not registered, or had already churned.": (
        "{n} assessment cannot be measured: the company is not registered, or had already churned."
    ),
}


def counted(language: str, sentence: str, facts: Mapping[str, Any]) -> str:
    """The sentence as this language says it of so many."""
    number = str(next((facts[name] for name in COUNTED if name in facts), ""))
    is_one = number.isdigit() and Locale(language).plural_form(int(number)) == "one"
    return ONE.get(sentence, sentence) if is_one else sentence
