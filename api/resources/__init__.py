"""One file per resource: its shape, its fields, its endpoints."""
