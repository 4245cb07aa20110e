"""Adapt general word vectors to a specialised domain."""
