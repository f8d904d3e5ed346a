"""Everything that was said, wished, decided or escalated, found again however it is typed."""
