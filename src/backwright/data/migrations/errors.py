"""What a migration command says when it cannot do what was asked."""


class MigrationError(Exception):
    """Nothing was changed, or what was begun was rolled back; the text says why and what to do."""
