"""syndication: the server with which a news agency exchanges content with other agencies, under signed agreements."""

__version__ = "0.1.0"
