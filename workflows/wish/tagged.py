"""Tagged messages: which of a conversation's messages carry a tag with a meaning, and whose words are meant by it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from integrations.intercom import Conversation, Part, Tag
from workflows.rules import rules


@dataclass(frozen=True)
class Tagged:
    """A tagged message, the customer's words that are meant by it, the tag that was put on it, and what it means."""

    message: Part
    words: Part
    put: Tag
    kind: str


def tagged_messages(conversation: Conversation, hinted_tags: Sequence[str], hinted_part_id: str) -> Iterator[Tagged]:
    """Every message that carries a tag with a meaning.

    Intercom says on which part a tag is, except for the opening message: it is meant when no part
    carries the tag, or when the webhook hinted at it.
    """
    for tag in conversation.tags:
        kind = rules.kind_of(tag.name)
        if kind is None:
            continue
        messages = [part for part in conversation.parts if tag.id in {t.id for t in part.tags}]
        if not messages or (hinted_part_id == conversation.source.id and tag.name in hinted_tags):
            messages.insert(0, conversation.source)
        for message in messages:
            if not message.redacted:
                yield Tagged(message, words_meant(conversation, message), tag, kind)


def words_meant(conversation: Conversation, tagged: Part) -> Part:
    """The customer's words that a tag is about: those it is on, else the last before it, else the first after it.

    The message itself, where no customer has said anything: it may be a picture of theirs.
    """
    messages = conversation.messages
    after = messages.index(tagged) + 1
    near = (*reversed(messages[:after]), *messages[after:])
    return next((message for message in near if message.is_heard), tagged)
