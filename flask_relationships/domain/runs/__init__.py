"""Runs of the scheduled jobs, and what the package has completed."""
