"""Enquiries: chats in threads, how long customers wait for an answer, who is asked, and what was answered before."""
