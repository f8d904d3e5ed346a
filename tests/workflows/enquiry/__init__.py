"""Enquiries: what becomes of conversations in which somebody waits."""
