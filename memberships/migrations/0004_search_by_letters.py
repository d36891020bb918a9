"""The search text of memberships, folded as accounts 0005 folds it."""

from django.db import migrations

from memberships.constraints import SPREAD_SEARCH

_COPY = """
UPDATE memberships_{table} AS membership SET search = account.search
FROM accounts_user AS account
WHERE account.id = membership.user_id AND account.search <> membership.search;
"""
_FORWARDS = "DROP TRIGGER IF EXISTS account_search ON accounts_user;" + SPREAD_SEARCH + "".join(
    _COPY.format(table=table) for table in ('organizationmembership', 'spacemembership')
)


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_search_by_letters'),
        ('memberships', '0003_fewer_indexes'),
    ]

    operations = [migrations.RunSQL(_FORWARDS, 'DROP TRIGGER account_search ON accounts_user')]
