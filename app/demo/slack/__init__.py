"""The demo's Slack: everybody of the company can be played, with what they see and what they can press."""
