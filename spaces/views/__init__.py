"""Space screens."""
