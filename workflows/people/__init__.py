"""Who we are: colleagues in Slack, teammates in Intercom, and who is signed in."""
