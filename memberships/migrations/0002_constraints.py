"""Rules that only SQL can hold, each by a name (rules §4, §7; architecture.md, Data).

Services give the friendly error; these are the last line, for every other door.
"""

from django.db import migrations

from memberships.constraints import CREATE, DROP


class Migration(migrations.Migration):
    """Composite foreign keys, constraint triggers and the search text."""

    dependencies = [
        ("memberships", "0001_initial"),
        ("activity", "0001_initial"),
    ]
    operations = [migrations.RunSQL(CREATE, DROP)]
