"""The staff admin: staff only, read-only, quick, changes through services."""

import pytest
from django.contrib import admin
from django.urls import reverse

from accounts.actor import SYSTEM
from accounts.models import User
from accounts.services import make_staff
from activity.models import Action, ActivityEntry
from common.admin import ReadOnlyAdmin
from memberships.models import OrganizationMembership, Role
from organizations.models import Organization
from outbox.models import Email, Kind, State
from tests.cast import Cast, join, person

MODELS = list(admin.site._registry)


@pytest.fixture
def staff(db) -> User:
    return make_staff(actor=SYSTEM, user=person("Staff"))


def url(model, page: str, *args: str) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def test_to_anyone_else_it_does_not_exist(client, db):
    assert client.get("/admin/", follow=True).redirect_chain[-1] == ("/sign-in/?next=/admin/", 302)
    client.force_login(person())
    for path in ("/admin/", "/admin/login/", "/admin/accounts/user/", "/admin/password_change/"):
        assert client.get(path).status_code == 404, path


def test_every_registered_page_is_read_only():
    assert {type(model_admin).__mro__[1] for model_admin in admin.site._registry.values()} == {ReadOnlyAdmin}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_list_and_row_shows_and_nothing_can_be_typed(client, staff, cast: Cast, model):
    client.force_login(staff)
    listing = client.get(url(model, "changelist"))
    assert listing.status_code == 200
    assert client.get(url(model, "changelist") + "?q=owner").status_code == 200
    assert client.get(url(model, "add")).status_code == 403
    row = model._default_manager.exclude(**({"kind": Kind.SIGN_IN_CODE} if model is Email else {})).first()
    if row is not None:
        assert client.get(url(model, "change", row.pk)).status_code == 200
        assert client.post(url(model, "change", row.pk), {"name": "x"}).status_code == 403
        assert client.post(url(model, "delete", row.pk), {"post": "yes"}).status_code == 403


def test_search_by_part_of_name_or_address_or_by_id(client, staff, cast: Cast):
    client.force_login(staff)
    User.objects.filter(pk=cast.member.pk).update(name="Zoë 김민지")
    for term in ("ZOË", "김", cast.member.email.upper(), cast.member.pk):
        rows = client.get(url(User, "changelist"), {"q": term}).context["cl"].result_list
        assert [row.pk for row in rows] == [cast.member.pk], term


def act(client, model, action: str, *rows):
    return client.post(
        url(model, "changelist"), {"action": action, "_selected_action": [row.pk for row in rows]}, follow=True
    )


def test_deactivating_goes_through_the_service(client, staff, cast: Cast):
    client.force_login(staff)
    response = act(client, User, "deactivate", cast.member, cast.owner)
    cast.member.refresh_from_db()
    cast.owner.refresh_from_db()
    assert (cast.member.is_active, cast.owner.is_active) == (False, True)
    assert "make someone else an owner first" in response.text.lower()
    entry = ActivityEntry.objects.get(action=Action.ACCOUNT_DEACTIVATED)
    assert (entry.actor, entry.origin, entry.user, entry.organization_id) == (
        staff,
        "staff",
        cast.member,
        cast.organization.pk,
    )


def test_emails_show_but_for_sign_in_codes_and_can_be_sent_again(client, staff, cast: Cast):
    client.force_login(staff)
    client.post("/sign-in/", {"email": "x@example.com"})
    newcomer = person("New")
    join(cast.organization, cast.owner, newcomer, Role.MEMBER)
    sent = Email.objects.create(
        kind=Kind.ROLE_CHANGE, recipient=newcomer, state=State.FAILED, attempts=3, message_id="<a@b>"
    )
    shown = client.get(url(Email, "changelist")).context["cl"].result_list
    assert Kind.SIGN_IN_CODE not in {email.kind for email in shown}
    act(client, Email, "send_again", sent)
    sent.refresh_from_db()
    assert (sent.state, sent.attempts, sent.message_id) == (State.QUEUED, 0, "<a@b>")


def test_lists_cost_the_same_at_any_length(client, staff, cast: Cast, django_assert_num_queries):
    client.force_login(staff)
    client.get(url(User, "changelist"))
    with django_assert_num_queries(4):
        client.get(url(User, "changelist"))
    for _ in range(3):
        person()
    with django_assert_num_queries(4):
        client.get(url(User, "changelist"))


# ---- Text that cannot be stored, numbers that do not exist

UNSTORABLE = ["%00", "a%00b", "%00%00", "owner%00@example.com"]
# Storable, however odd: an empty list, or the page without them.
ODD = [
    "%FF",
    "%ED%A0%80",
    "%",
    "%zz",
    "%C3%28",
    "9" * 30,
    "-" + "9" * 30,
    "9" * 5000,
    "1e400",
    "'\"",
    "²",
    "🙂",
    "%E2%80%AE",
    "x" * 4000,
]
PARAMETERS = [
    "q",
    "o",
    "p",
    "e",
    "all",
    "_changelist_filters",
    "_to_field",
    "_popup",
    "_facets",
    "no_such__exact",
]
# Lookups that no filter offers: patterns, comparisons, parts of dates, paths to other tables.
LOOKUPS = [
    "id__exact",
    "id__regex",
    "version__gt",
    "version__exact",
    "created_at__year",
    "created_at__gte",
    "created_at__range",
    "name__iregex",
    "search__contains",
    "user__email__regex",
    "pk__in",
]


def filters_of(model) -> list[str]:
    """The parameters of a list's own filters."""
    plain = [name for name in admin.site._registry[model].list_filter if name != "plan"]
    related = ["plan__id__exact", "plan__isnull"] if model is Organization else []
    return [f"{name}__{rest}" for name in plain for rest in ("exact", "isnull")] + related


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_a_list_refuses_what_cannot_be_stored(client, staff, model):
    client.force_login(staff)
    path = url(model, "changelist")
    for name in (*PARAMETERS, *filters_of(model), *LOOKUPS):
        for query in (f"{name}=%00", f"{name}=x&{name}=a%00b", f"{name}%00=x"):
            assert client.get(f"{path}?{query}").status_code == 400, query


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_a_list_answers_whatever_else_is_asked(client, staff, cast: Cast, model):
    client.force_login(staff)
    path = url(model, "changelist")
    for name in (*filters_of(model), *(PARAMETERS if model is User else ["q"])):
        for value in ODD:
            response = client.get(f"{path}?{name}={value}")
            assert response.status_code in (200, 302, 400), (name, value)
            if response.status_code == 302:
                assert client.get(response["Location"]).status_code == 200


@pytest.mark.parametrize("page", ["0", "-1", "3", "9" * 30, "9" * 5000, "x", "1.5", "²"])
def test_a_page_that_a_long_list_does_not_have(client, staff, page):
    client.force_login(staff)
    for _ in range(ReadOnlyAdmin.list_per_page + 1 - User.objects.count()):
        person()
    response = client.get(url(User, "changelist"), {"p": page}, follow=True)
    assert response.status_code == 200


@pytest.mark.parametrize("lookup", LOOKUPS)
def test_a_list_is_filtered_by_its_own_filters_alone(client, staff, cast: Cast, lookup):
    client.force_login(staff)
    assert client.get(url(OrganizationMembership, "changelist"), {lookup: "1"}).status_code == 400


def test_the_filters_of_a_list_work(client, staff, cast: Cast):
    client.force_login(staff)

    def found(model, **query):
        return set(client.get(url(model, "changelist"), query).context["cl"].result_list)

    assert found(OrganizationMembership, role__exact="ADMIN") == {cast.memberships[Role.ADMIN]}
    assert found(Organization, plan__id__exact="free") == {cast.organization, cast.strange_organization}
    assert found(Organization, plan__id__exact="pro") == set()
    assert found(User, is_staff__exact="1") == {staff}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
@pytest.mark.parametrize("page", ["change", "history", "delete"])
def test_a_row_by_an_id_that_is_none_is_not_found(client, staff, model, page):
    client.force_login(staff)
    for ident in UNSTORABLE:
        assert client.get(url(model, "changelist") + f"{ident}/{page}/").status_code == 404, ident
    for ident in (*ODD[:6], "_00", "_D800", "..%2F"):
        response = client.get(url(model, "changelist") + f"{ident}/{page}/")
        # Django leads from a row that is not there to the index; who may not delete is told first.
        assert response.status_code in (302, 403, 404), ident


def test_a_row_refuses_what_cannot_be_stored_in_its_query(client, staff, cast: Cast):
    client.force_login(staff)
    for page in ("change", "history"):
        path = url(Organization, page, cast.organization.pk)
        for name in PARAMETERS:
            assert client.get(f"{path}?{name}=%00").status_code == 400
            # What is packed into the filters of the list is only handed on.
            packed = client.get(f"{path}?_changelist_filters={name}%3D%2500")
            assert packed.status_code == 200


@pytest.mark.parametrize("field", ["action", "_selected_action", "index", "select_across", "x\0"])
def test_an_action_refuses_what_cannot_be_stored(client, staff, cast: Cast, field):
    client.force_login(staff)
    sent = {"action": "deactivate", "_selected_action": cast.member.pk, field: "\0"}
    assert client.post(url(User, "changelist"), sent).status_code == 400
    for odd in ("9" * 30, "🙂", "no such"):
        response = client.post(url(User, "changelist"), {**sent, field: odd})
        assert response.status_code in (200, 302, 400)
    cast.member.refresh_from_db()
    assert cast.member.is_active or field in ("index", "select_across", "x\0")


@pytest.mark.parametrize(
    "path",
    [
        "/admin/?x=%00",
        "/admin/search/?s=%00",
        "/admin/search/?s=user&page=%00",
        "/admin/autocomplete/?term=%00",
        "/admin/autocomplete/?app_label=%00&model_name=user&field_name=user",
        "/admin/accounts/?x=%00",
        "/admin/jsi18n/?x=%00",
    ],
)
def test_every_page_refuses_what_cannot_be_stored(client, staff, path):
    client.force_login(staff)
    assert client.get(path).status_code == 400


@pytest.mark.parametrize(
    ("path", "statuses"),
    [
        ("/admin/%00", {404}),
        ("/admin/%00/", {404}),
        ("/admin/%FF/", {404}),
        ("/admin/accounts/%00/", {404}),
        ("/admin/accounts/user/%00", {404}),
        ("/admin/accounts/user/%00/", {404}),
        ("/admin/r/%00/x/", {404}),
        ("/admin/r/1/%00/", {404}),
        ("/admin/r/" + "9" * 30 + "/x/", {404}),
        ("/admin/r/%FF/%FF/", {404}),
        ("/admin/search/?s=user&page=x", {404}),
        ("/admin/search/?s=user&page=0", {404}),
        ("/admin/search/?s=user&page=" + "9" * 30, {404}),
        ("/admin/search/?s=user", {200}),
        ("/admin/autocomplete/?term=x", {403}),
        ("/admin/login/?next=%00", {404}),
    ],
)
def test_every_address_answers(client, staff, path, statuses):
    client.force_login(staff)
    assert client.get(path).status_code in statuses


@pytest.mark.parametrize("charset", ["utf-7", "unicode_escape", "raw_unicode_escape", "utf-16"])
def test_a_charset_of_the_clients_choice_decodes_nothing(client, staff, charset):
    """UTF-7's ``+2AA-`` is a lone surrogate."""
    client.force_login(staff)
    for value in ("%2B2AA-", "%5Cud800"):
        for path in ("/admin/accounts/user/", "/organizations/", "/sign-in/"):
            response = client.get(
                f"{path}?q={value}", headers={"Content-Type": f"text/plain; charset={charset}"}
            )
            assert response.status_code in (200, 302), (path, value)
    form = f"multipart/form-data; boundary=b; charset={charset}"
    body = b'--b\r\nContent-Disposition: form-data; name="action"\r\n\r\n+2AA-\r\n--b--\r\n'
    assert client.generic("POST", "/admin/accounts/user/", body, content_type=form).status_code in (200, 302)


def test_to_anyone_else_nothing_is_different(client, cast: Cast):
    client.force_login(cast.owner)
    for path in (
        "/admin/accounts/user/?q=%00",
        "/admin/organizations/plan/%00/change/",
        "/admin/search/?s=%00",
    ):
        assert client.get(path).status_code == 404


def test_a_page_of_which_all_rows_are_gone_is_the_last_one(client, staff, cast: Cast, monkeypatch):
    client.force_login(staff)
    for page in ("2", "999", "0"):
        response = client.get(url(User, "changelist"), {"p": page, "is_active__exact": "1", "q": "example"})
        assert response.status_code == 200
        assert cast.member in response.context["cl"].result_list
