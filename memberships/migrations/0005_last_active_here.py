"""When each member was last in their Organization; strangers are found by their address alone."""

from django.db import migrations, models

from memberships.constraints import MEMBER_SEARCH

# What is known of the past: who was active after they became a member, and who made the Organization.
_PAST = """
UPDATE memberships_organizationmembership AS member
SET last_active_at = greatest(account.last_active_at, member.created_at)
FROM accounts_user account, organizations_organization organization
WHERE account.id = member.user_id AND organization.id = member.organization_id
  AND (account.last_active_at >= member.created_at OR organization.created_by_id = member.user_id);
"""
_HIDE = """
UPDATE memberships_spacemembership AS place SET search = weegloo_member_search(account, false)
FROM accounts_user account, memberships_organizationmembership member
WHERE account.id = place.user_id AND member.user_id = place.user_id
  AND member.organization_id = place.organization_id AND member.last_active_at IS NULL
  AND place.search <> weegloo_member_search(account, false);
UPDATE memberships_organizationmembership AS member SET search = weegloo_member_search(account, false)
FROM accounts_user account
WHERE account.id = member.user_id AND member.last_active_at IS NULL
  AND member.search <> weegloo_member_search(account, false);
"""
_BACKWARDS = """
DROP FUNCTION weegloo_note_active(varchar, timestamptz, timestamptz);
DROP FUNCTION weegloo_member_search(accounts_user, boolean);
CREATE OR REPLACE FUNCTION weegloo_copy_search() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT search INTO NEW.search FROM accounts_user WHERE id = NEW.user_id FOR SHARE;
    NEW.search := coalesce(NEW.search, '');
    RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION weegloo_spread_search() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM memberships_spacemembership WHERE user_id = NEW.id ORDER BY id FOR UPDATE;
    UPDATE memberships_spacemembership SET search = NEW.search WHERE user_id = NEW.id;
    UPDATE memberships_organizationmembership SET search = NEW.search WHERE user_id = NEW.id;
    RETURN NULL;
END $$;
UPDATE memberships_spacemembership AS place SET search = account.search
FROM accounts_user account WHERE account.id = place.user_id AND account.search <> place.search;
UPDATE memberships_organizationmembership AS member SET search = account.search
FROM accounts_user account WHERE account.id = member.user_id AND account.search <> member.search;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_search_by_letters'),
        ('memberships', '0004_search_by_letters'),
        ('organizations', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='organizationmembership',
            name='last_active_at',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.RunSQL(MEMBER_SEARCH, _BACKWARDS),
        migrations.RunSQL(_PAST + _HIDE, migrations.RunSQL.noop),
    ]
