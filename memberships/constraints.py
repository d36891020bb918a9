"""The SQL of migration 0002 and the names it makes; a test compares them with the catalogue."""

FOREIGN_KEYS = {
    "space_membership_member_fk": """
        ALTER TABLE memberships_spacemembership
        ADD CONSTRAINT space_membership_member_fk FOREIGN KEY (organization_id, user_id)
        REFERENCES memberships_organizationmembership (organization_id, user_id)
        DEFERRABLE INITIALLY DEFERRED""",
    "space_membership_space_fk": """
        ALTER TABLE memberships_spacemembership
        ADD CONSTRAINT space_membership_space_fk FOREIGN KEY (organization_id, space_id)
        REFERENCES spaces_space (organization_id, id) DEFERRABLE INITIALLY DEFERRED""",
    "space_role_space_fk": """
        ALTER TABLE spaces_spacerole
        ADD CONSTRAINT space_role_space_fk FOREIGN KEY (organization_id, space_id)
        REFERENCES spaces_space (organization_id, id) DEFERRABLE INITIALLY DEFERRED""",
    "space_membership_role_membership_fk": """
        ALTER TABLE memberships_spacemembershiprole
        ADD CONSTRAINT space_membership_role_membership_fk FOREIGN KEY (space_id, membership_id)
        REFERENCES memberships_spacemembership (space_id, id) DEFERRABLE INITIALLY DEFERRED""",
    "space_membership_role_role_fk": """
        ALTER TABLE memberships_spacemembershiprole
        ADD CONSTRAINT space_membership_role_role_fk FOREIGN KEY (space_id, role_id)
        REFERENCES spaces_spacerole (space_id, id) DEFERRABLE INITIALLY DEFERRED""",
    "space_membership_role_space_fk": """
        ALTER TABLE memberships_spacemembershiprole
        ADD CONSTRAINT space_membership_role_space_fk FOREIGN KEY (organization_id, space_id)
        REFERENCES spaces_space (organization_id, id) DEFERRABLE INITIALLY DEFERRED""",
}

# Run at commit. The Organization's row is *written*, not only locked, before OWNERs are counted:
# a concurrent transaction then waits, and under REPEATABLE READ it fails instead of counting
# what was true before.
_LAST_OWNER = """
CREATE FUNCTION weegloo_require_owner(organization varchar) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE organizations_organization SET member_count = member_count WHERE id = organization;
    IF FOUND AND NOT EXISTS (
        SELECT 1 FROM memberships_organizationmembership m JOIN accounts_user u ON u.id = m.user_id
        WHERE m.organization_id = organization AND m.role = 'OWNER' AND u.is_active
    ) THEN
        RAISE EXCEPTION 'Organization % needs an OWNER with an active account', organization
        USING ERRCODE = 'check_violation', CONSTRAINT = 'organization_last_owner';
    END IF;
END $$;

CREATE FUNCTION weegloo_membership_last_owner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM weegloo_require_owner(OLD.organization_id);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER organization_last_owner_changed
    AFTER UPDATE OF role, user_id, organization_id ON memberships_organizationmembership
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.role = 'OWNER')
    EXECUTE FUNCTION weegloo_membership_last_owner();
CREATE CONSTRAINT TRIGGER organization_last_owner_removed
    AFTER DELETE ON memberships_organizationmembership
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.role = 'OWNER')
    EXECUTE FUNCTION weegloo_membership_last_owner();

CREATE FUNCTION weegloo_account_last_owner() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE organization varchar;
BEGIN
    FOR organization IN
        SELECT organization_id FROM memberships_organizationmembership
        WHERE user_id = OLD.id AND role = 'OWNER' ORDER BY organization_id
    LOOP
        PERFORM weegloo_require_owner(organization);
    END LOOP;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER organization_last_owner_deactivated
    AFTER UPDATE OF is_active ON accounts_user
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.is_active AND NOT NEW.is_active)
    EXECUTE FUNCTION weegloo_account_last_owner();

CREATE FUNCTION weegloo_organization_first_owner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM weegloo_require_owner(NEW.id);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER organization_first_owner
    AFTER INSERT ON organizations_organization
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    EXECUTE FUNCTION weegloo_organization_first_owner();
"""

_SPACE_ROLES = """
CREATE FUNCTION weegloo_require_space_role() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE membership varchar := CASE WHEN TG_TABLE_NAME = 'memberships_spacemembership'
                              THEN to_jsonb(NEW) ->> 'id' ELSE to_jsonb(OLD) ->> 'membership_id' END;
BEGIN
    IF TG_OP <> 'INSERT' THEN  -- written for the same reason as the Organization's row above
        UPDATE memberships_spacemembership SET version = version WHERE id = membership;
    END IF;
    IF EXISTS (SELECT 1 FROM memberships_spacemembership WHERE id = membership)
       AND NOT EXISTS (SELECT 1 FROM memberships_spacemembershiprole WHERE membership_id = membership)
    THEN
        RAISE EXCEPTION 'Space Membership % needs a SpaceRole', membership
        USING ERRCODE = 'check_violation', CONSTRAINT = 'space_membership_has_role';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER space_membership_has_role
    AFTER INSERT ON memberships_spacemembership
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION weegloo_require_space_role();
CREATE CONSTRAINT TRIGGER space_membership_keeps_role
    AFTER DELETE OR UPDATE OF membership_id ON memberships_spacemembershiprole
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION weegloo_require_space_role();
"""

# What finds a member: of a stranger (rules §2) the address alone, as anyone else would spell it.
MEMBER_SEARCH = """
CREATE OR REPLACE FUNCTION weegloo_copy_search() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    account accounts_user;
    is_known boolean;
BEGIN
    -- Shared with a rename under way: it would not see this row yet, and this not the new name.
    SELECT * INTO account FROM accounts_user WHERE id = NEW.user_id FOR SHARE;
    IF TG_TABLE_NAME = 'memberships_organizationmembership' THEN
        is_known := NEW.last_active_at IS NOT NULL;
    ELSE
        -- Shared with the person's first visit, for the same reason.
        SELECT last_active_at IS NOT NULL INTO is_known FROM memberships_organizationmembership
        WHERE organization_id = NEW.organization_id AND user_id = NEW.user_id FOR SHARE;
    END IF;
    NEW.search := coalesce(weegloo_member_search(account, is_known), '');
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION weegloo_member_search(account accounts_user, is_known boolean) RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF is_known THEN RETURN account.search; END IF;
    RETURN ' ' || weegloo_fold_address(account.email_key, account.email_key);
END $$;

CREATE OR REPLACE FUNCTION weegloo_spread_search() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- In the order in which a removal takes them.
    PERFORM 1 FROM memberships_spacemembership WHERE user_id = NEW.id ORDER BY id FOR UPDATE;
    UPDATE memberships_spacemembership place
    SET search = weegloo_member_search(NEW, member.last_active_at IS NOT NULL)
    FROM memberships_organizationmembership member
    WHERE place.user_id = NEW.id AND member.user_id = NEW.id AND member.organization_id = place.organization_id;
    UPDATE memberships_organizationmembership
    SET search = weegloo_member_search(NEW, last_active_at IS NOT NULL) WHERE user_id = NEW.id;
    RETURN NULL;
END $$;

-- Note a visit, the one before it being older than ``since``. Nothing here waits: pages do not stand
-- behind a removal, and no ring of waiting comes about, whatever order others lock these rows in.
CREATE OR REPLACE FUNCTION weegloo_note_active(membership varchar, moment timestamptz, since timestamptz)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    member memberships_organizationmembership;
BEGIN
    SELECT * INTO member FROM memberships_organizationmembership
    WHERE id = membership FOR NO KEY UPDATE SKIP LOCKED;
    IF NOT FOUND OR member.last_active_at >= since THEN
        RETURN FALSE;
    ELSIF member.last_active_at IS NOT NULL THEN
        UPDATE memberships_organizationmembership SET last_active_at = moment WHERE id = membership;
        RETURN TRUE;
    END IF;
    -- The first visit: from now on the name shows, and finds the person.
    PERFORM 1 FROM memberships_spacemembership
    WHERE organization_id = member.organization_id AND user_id = member.user_id FOR NO KEY UPDATE NOWAIT;
    UPDATE memberships_organizationmembership SET last_active_at = moment, search = account.search
    FROM accounts_user account
    WHERE memberships_organizationmembership.id = membership AND account.id = member.user_id;
    UPDATE memberships_spacemembership SET search = account.search
    FROM accounts_user account
    WHERE organization_id = member.organization_id AND user_id = member.user_id AND account.id = member.user_id;
    RETURN TRUE;
EXCEPTION WHEN lock_not_available THEN
    RETURN FALSE;
END $$;
"""
_SEARCH = (
    MEMBER_SEARCH
    + """
CREATE TRIGGER organization_membership_search
    BEFORE INSERT ON memberships_organizationmembership
    FOR EACH ROW EXECUTE FUNCTION weegloo_copy_search();
CREATE TRIGGER space_membership_search
    BEFORE INSERT ON memberships_spacemembership
    FOR EACH ROW EXECUTE FUNCTION weegloo_copy_search();
"""
)
SPREAD_SEARCH = """
CREATE TRIGGER account_search
    AFTER UPDATE OF name, email ON accounts_user
    FOR EACH ROW WHEN (OLD.search IS DISTINCT FROM NEW.search) EXECUTE FUNCTION weegloo_spread_search();
"""

_ACTIVITY = """
CREATE FUNCTION weegloo_refuse_edit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'activity entries are never edited'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'activity_entry_fixed';
END $$;
CREATE TRIGGER activity_entry_fixed
    BEFORE UPDATE OR DELETE ON activity_activityentry
    FOR EACH ROW EXECUTE FUNCTION weegloo_refuse_edit();
"""

TRIGGERS = {
    "organization_last_owner_changed",
    "organization_last_owner_removed",
    "organization_last_owner_deactivated",
    "organization_first_owner",
    "space_membership_has_role",
    "space_membership_keeps_role",
    "organization_membership_search",
    "space_membership_search",
    "account_search",
    "activity_entry_fixed",
}
FUNCTIONS = (
    "weegloo_require_owner(varchar)",
    "weegloo_membership_last_owner()",
    "weegloo_account_last_owner()",
    "weegloo_organization_first_owner()",
    "weegloo_require_space_role()",
    "weegloo_copy_search()",
    "weegloo_member_search(accounts_user, boolean)",
    "weegloo_spread_search()",
    "weegloo_note_active(varchar, timestamptz, timestamptz)",
    "weegloo_refuse_edit()",
)

CREATE = (
    ";\n".join(FOREIGN_KEYS.values()) + ";\n" + _LAST_OWNER + _SPACE_ROLES + _SEARCH + SPREAD_SEARCH + _ACTIVITY
)
DROP = "\n".join(
    [f"{sql.split('ADD')[0]} DROP CONSTRAINT {name};" for name, sql in FOREIGN_KEYS.items()]
    + [f"DROP FUNCTION {function} CASCADE;" for function in FUNCTIONS]
)
