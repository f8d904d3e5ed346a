"""Who customers are, what they said, and who answers for them. Wishes and escalations both begin here."""
