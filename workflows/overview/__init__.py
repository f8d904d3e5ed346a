"""What is looked at across stories, on a page or in Slack. No story needs any of it."""
