"""What comes in, whole: each part of it below brings its own tables and columns."""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """From what goes out, whole."""
