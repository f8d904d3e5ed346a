"""Notices: news that nobody asked for reaches everybody it concerns before its day, by the same ledger."""
