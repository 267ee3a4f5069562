"""The application of the Django peer."""
