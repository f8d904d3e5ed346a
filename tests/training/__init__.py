"""What the encoders' adapters come from. For development only; nothing of it is installed."""
