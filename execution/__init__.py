"""`gtm`: a go-to-market team's customer intelligence as files plus one command."""

__version__ = "0.1.0"
