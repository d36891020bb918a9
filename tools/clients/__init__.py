"""`make clients`: the walk of docs/api.md by clients that were generated from the OpenAPI document."""
