"""The HTTP side of the API: one view wrapper, strict JSON, permissions, pagination, OpenAPI."""
