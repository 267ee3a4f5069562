"""The same API written by hand, with the frameworks that a team would pick instead, over the same tables.

Each peer does what the documentation of its framework shows, with eager loading wherever rows are shown beside
others. All of them ask the same log-in, a signed cookie and the row of its user, and answer the same JSON.
"""
