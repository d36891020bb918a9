"""The folding of searches as functions, and the search text made by them."""

import django.contrib.postgres.indexes
from django.db import migrations, models
from django.db.models.functions import Concat

import common.search

_DROP = "".join(f"DROP FUNCTION {function};" for function in reversed(common.search.FUNCTIONS))


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_forms_sent_and_unsent'),
    ]

    operations = [
        migrations.RunSQL(common.search.create_functions(), _DROP),
        # It reads the column; memberships 0004 makes it anew.
        migrations.RunSQL('DROP TRIGGER IF EXISTS account_search ON accounts_user', migrations.RunSQL.noop),
        migrations.RemoveIndex(model_name='user', name='user_search'),
        migrations.RemoveField(model_name='user', name='search'),
        migrations.AddField(
            model_name='user',
            name='search',
            field=models.GeneratedField(
                db_persist=True,
                expression=Concat(
                    common.search.Folded('name'),
                    models.Value(' '),
                    common.search.FoldedAddress('email', 'email_key'),
                    output_field=models.TextField(),
                ),
                output_field=models.TextField(),
            ),
        ),
        migrations.AddIndex(
            model_name='user',
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass('search', 'gin_trgm_ops'), name='user_search'
            ),
        ),
    ]
