"""One package per noun: models, schemas, queries, service and views."""
