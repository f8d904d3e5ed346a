"""What vendors and strangers send us, and what they are answered at once: verified, kept, and only then worked on."""
