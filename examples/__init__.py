"""Applications that use flask-relationships the way any host would."""
