"""Business rules: what only a person can say."""
