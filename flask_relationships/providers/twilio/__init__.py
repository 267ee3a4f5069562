"""Twilio: sending, its message list, its webhooks."""
