"""The index of names, folded as accounts 0005 folds them."""

import django.contrib.postgres.indexes
from django.db import migrations

import common.search


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_search_by_letters'),
        ('spaces', '0002_fewer_indexes'),
    ]

    operations = [
        migrations.RemoveIndex(model_name='space', name='space_search'),
        migrations.AddIndex(
            model_name='space',
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(common.search.Folded('name'), 'gin_trgm_ops'),
                name='space_search',
            ),
        ),
    ]
