"""Names that people give to ids of content types, tags and scripts."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds ``SpaceRole.labels``."""

    dependencies = [("spaces", "0002_search")]

    operations = [
        migrations.AddField(
            model_name="spacerole",
            name="labels",
            field=models.JSONField(blank=True, default=dict),
        ),
    ]
