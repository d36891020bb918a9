"""A form is filled in, and the session ends, or begins anew in another tab: nothing is lost."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from accounts import unsent_forms
from accounts.models import UnsentForm, User
from accounts.tasks import sweep_forms
from accounts.views.form_pages import is_form_page
from common.models import now
from organizations.models import Organization
from tests.accounts.test_sign_in import CODE, sent_code
from tests.cast import Cast, nothing_changes, person
from tests.filled import KEY, TOKEN, Filled, forms_in, the_form
from tests.form_pages import BUTTONS, FORM_PAGES, FormPage, form_page
from tests.pages import HTMX, Page, as_

NOT_YET = "This was not sent yet"
ONCE_MORE = "send it once more"
PLAIN: dict[str, str] = {}
ROW = "organization-member-role"  # its form stands in the list, without a key


def browser(user: User) -> Client:
    """A browser in which ``user`` is signed in, and whose forms need their token."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    return client


def opened(client: Client, form: FormPage) -> dict[str, list[str]]:
    """What the page's form holds that is hidden: token, key, version, rows."""
    url = form.page
    if "/role/" in url:
        url = url.split("membership/")[0] + "membership/"
    (found,) = [
        each
        for each in forms_in(client.get(url).text)
        if TOKEN in each.fields
        and each.method == "post"
        and (each.action in (form.page, "") or each.action.partition("?")[0] == form.page)
    ]
    return {name: found.fields[name] for name in (TOKEN, KEY) if name in found.fields}


def end_sessions() -> None:
    """Every session ends, as if somewhere else."""
    Session.objects.all().delete()


def filled(response: HttpResponse, form: FormPage) -> Filled:
    """The form of the answer, holding everything that was typed."""
    (found,) = [
        each
        for each in forms_in(response.text)
        if KEY in each.fields or (each.method == "post" and each.action.partition("?")[0] == form.page)
    ]
    for name, value in form.typed.items():
        assert found.holds(name, value), (name, found.fields.get(name))
    return found


def next_of(response: HttpResponse) -> str:
    """Where sign-in leads on to."""
    url = urlsplit(response.headers.get("HX-Redirect") or response.headers["Location"])
    assert url.path == "/sign-in/"
    return parse_qs(url.query).get("next", [""])[0]


# ---- Every form


def posting_views() -> Iterator[tuple[str, URLPattern]]:
    """The console's own URLs."""
    for pattern in get_resolver().url_patterns:
        if getattr(pattern, "namespace", None) or isinstance(pattern, URLPattern):
            continue
        for each in _flat(pattern.url_patterns):
            yield str(each.name), each


def _flat(patterns: list) -> Iterator[URLPattern]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield pattern
        else:
            yield from _flat(pattern.url_patterns)


def test_the_forms_tested_here_are_all_there_are(db):
    pages = {name for name, pattern in posting_views() if is_form_page(pattern.callback)}
    assert pages == {*FORM_PAGES, *BUTTONS, "sign-in", "sign-in-code"}


def test_whatever_takes_a_post_is_such_a_page(cast: Cast):
    """But for these, which have no page: a button, a preview; and Django's own view of the language."""
    client = as_(cast.owner)
    takes = set()
    for name, _pattern in posting_views():
        ((_path, names),) = get_resolver().reverse_dict.getlist(name)[0][0]
        response = client.options(reverse(name, args=["x"] * len(names)))
        if response.status_code == 405 and "POST" in response["Allow"]:
            takes.add(name)
    assert takes - {*FORM_PAGES, *BUTTONS, "sign-in", "sign-in-code"} == {"sign-out", "space-role-preview"}


# ---- The session ended


@pytest.mark.parametrize("headers", [PLAIN, HTMX], ids=["page", "htmx"])
@pytest.mark.parametrize("name", sorted(FORM_PAGES))
def test_what_was_typed_is_there_after_signing_in(cast: Cast, name: str, headers: dict[str, str]):
    form, client = form_page(cast, name), browser(cast.owner)
    hidden = opened(client, form)
    end_sessions()
    with nothing_changes():
        response = client.post(form.page, form.typed | hidden, headers=headers)
    assert next_of(response) == form.page
    client.force_login(cast.owner)
    with nothing_changes():
        response = client.get(form.page)
    assert response.status_code == 200
    assert NOT_YET in Page(response).words
    found = filled(response, form)
    assert found.fields[TOKEN] != hidden[TOKEN]
    # A reload loses nothing either.
    filled(client.get(form.page), form)


@pytest.mark.parametrize("headers", [PLAIN, HTMX], ids=["page", "htmx"])
def test_then_it_is_sent_as_ever_and_forgotten(cast: Cast, headers: dict[str, str]):
    form, client = form_page(cast, "invite"), browser(cast.owner)
    form.typed["emails"] = "ana@example.com, ben@example.com"
    hidden = opened(client, form)
    end_sessions()
    client.post(form.page, form.typed | hidden, headers=headers)
    client.force_login(cast.owner)
    found = filled(client.get(form.page), form)
    client.post(form.page, found.fields, headers=headers)
    assert (
        cast.organization.memberships.filter(user__email__in=["ana@example.com", "ben@example.com"]).count()
        == 2
    )
    assert not UnsentForm.objects.exists()
    page = client.get(form.page)
    assert NOT_YET not in Page(page).words
    assert the_form(page).holds("emails", "")


def test_the_whole_way_by_the_code_from_the_email(cast: Cast):
    form, client = form_page(cast, "organization-create"), browser(cast.owner)
    hidden = opened(client, form)
    end_sessions()
    response = client.post(form.page, form.typed | hidden, follow=True)
    sign_in = forms_in(response.text)[0]
    response = client.post(sign_in.action, sign_in.fields | {"email": [cast.owner.email]}, follow=True)
    code = forms_in(response.text)[0]
    response = client.post(code.action, code.fields | {"code": [sent_code()]}, follow=True)
    assert response.redirect_chain == [(form.page, 302)]
    assert NOT_YET in Page(response).words
    filled(response, form)
    assert not Organization.objects.filter(name="작은 가게").exists()


@pytest.mark.parametrize("with_key", [True, False])
def test_somebody_else_who_signs_in_sees_nothing_of_it(cast: Cast, with_key: bool):
    form, client = form_page(cast, "invite"), browser(cast.owner)
    hidden = opened(client, form)
    end_sessions()
    client.post(form.page, form.typed | {name: hidden[name] for name in (TOKEN, *([KEY] if with_key else []))})
    client.force_login(cast.admin)
    page = client.get(form.page)
    assert "ana@example.com" not in page.text
    assert NOT_YET not in Page(page).words
    client.force_login(cast.owner)
    assert NOT_YET not in Page(client.get(form.page)).words  # theirs was another session


def test_a_form_without_its_key_is_of_who_was_signed_in_last(cast: Cast):
    form, client = form_page(cast, "invite"), browser(cast.owner)
    token = opened(client, form)[TOKEN]
    end_sessions()
    client.post(form.page, form.typed | {TOKEN: token})
    client.force_login(cast.owner)
    filled(client.get(form.page), form)


def test_the_key_tells_whose_it_is_whoever_was_signed_in_last(cast: Cast):
    form, client = form_page(cast, "invite"), browser(cast.owner)
    key = opened(client, form)[KEY]
    client.force_login(cast.admin)
    token = opened(client, form)[TOKEN]
    end_sessions()
    client.post(form.page, form.typed | {TOKEN: token, KEY: key})
    assert [each.user for each in UnsentForm.objects.all()] == [cast.owner]


@pytest.mark.parametrize(
    "forged",
    [
        {KEY: "OWNER.abcdefghijklmnop:signature"},
        {KEY: "x" * 100_000},
        {KEY: ""},
        {},
    ],
)
def test_a_stranger_to_this_browser_cannot_plant_anything(cast: Cast, forged: dict[str, str]):
    form, client = form_page(cast, "invite"), Client()
    forged = {name: value.replace("OWNER", cast.owner.pk) for name, value in forged.items()}
    client.post(form.page, form.typed | forged)
    client.post(form.page, form.typed | forged, headers={"Cookie": f"weegloo_person_8000={cast.owner.pk}"})
    assert not UnsentForm.objects.exists()
    assert not Session.objects.exists()


def test_files_codes_and_tokens_are_not_kept(cast: Cast):
    form, client = form_page(cast, "organization-create"), browser(cast.owner)
    hidden = opened(client, form)
    end_sessions()
    client.post(form.page, form.typed | hidden | {"code": "123456"})
    kept = UnsentForm.objects.get().fields
    for secret in ("123456", TOKEN, hidden[TOKEN][0], KEY):
        assert secret not in kept


def test_too_much_text_is_not_kept_and_leads_to_sign_in_all_the_same(cast: Cast):
    form, client = form_page(cast, "invite"), browser(cast.owner)
    hidden = opened(client, form)
    end_sessions()
    text = "x" * unsent_forms.MOST_CHARACTERS
    response = client.post(
        form.page, form.typed | hidden | {"emails": text}, headers={"Referer": "http://testserver/x/"}
    )
    assert next_of(response) == "/x/"
    assert not UnsentForm.objects.exists()


@pytest.mark.parametrize(
    "typed", ["a\0b", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), "\u202e", "  \n x"]
)
def test_any_text_is_kept_as_it_was(cast: Cast, typed: str):
    client = browser(cast.owner)
    form = FormPage(reverse("organization-create"), {"name": "A", "description": typed})
    hidden = opened(client, form)
    end_sessions()
    client.post(form.page, form.typed | hidden)
    assert unsent_forms.kept(cast.owner, form.page).get("description") == typed


def test_the_newest_few_forms_of_a_person_are_kept_for_an_hour(cast: Cast):
    client = browser(cast.owner)
    hidden = opened(client, form_page(cast, "organization-create"))
    end_sessions()
    pages = [f"/organizations/new/?{number}" for number in range(unsent_forms.MOST_FORMS + 2)]
    for page in pages:
        client.post(page, {"name": page} | hidden)
    assert {each.page for each in UnsentForm.objects.all()} == set(pages[2:])
    client.force_login(cast.owner)
    with time_machine.travel(now() + timedelta(minutes=61)):
        assert NOT_YET not in Page(client.get(pages[-1])).words
        sweep_forms()
    assert not UnsentForm.objects.exists()


def test_a_deactivated_persons_form_is_not_kept(cast: Cast):
    form, client = form_page(cast, "invite"), browser(cast.admin)
    hidden = opened(client, form)
    User.objects.filter(pk=cast.admin.pk).update(is_active=False)
    next_of(client.post(form.page, form.typed | hidden))
    assert not UnsentForm.objects.exists()


def test_the_preview_of_a_role_keeps_the_editor(cast: Cast):
    """It is sent as one types, before any press of a button."""
    form, client = form_page(cast, "space-role-create"), browser(cast.owner)
    hidden = opened(client, form)
    end_sessions()
    on = {"HX-Current-URL": f"http://testserver{form.page}"}
    preview = reverse("space-role-preview", args=[cast.space.pk])
    assert next_of(client.post(preview, form.typed | hidden, headers=HTMX | on)) == form.page
    client.force_login(cast.owner)
    filled(client.get(form.page), form)


def test_pages_ask_nothing_more_when_nothing_was_typed(cast: Cast, django_assert_num_queries):
    client = as_(cast.owner)
    client.get("/organizations/new/")
    with django_assert_num_queries(2):  # the session, the person
        client.get("/organizations/new/")


# ---- An old token


def signed_in_again(client: Client, user: User) -> None:
    """In another tab, the person signs out and in again."""
    client.logout()
    client.force_login(user)
    client.get("/profile/")


@pytest.mark.parametrize("name", sorted({**FORM_PAGES, **BUTTONS}))
def test_an_old_form_comes_back_filled_in_with_a_fresh_token(cast: Cast, name: str):
    client = browser(cast.owner)
    form = form_page(cast, name) if name in FORM_PAGES else FormPage(BUTTONS[name](cast), {})
    hidden = opened(client, form)
    signed_in_again(client, cast.owner)
    with nothing_changes():
        response = client.post(form.page, form.typed | hidden)
    assert response.status_code == 403
    page = Page(response)
    assert ONCE_MORE in page.words
    for untrue in ("Your role may", "You no longer have permission", "You don't have permission"):
        assert untrue not in page.words.replace("Roles & Permissions", "")
    found = filled(response, form)
    # And once more it is taken: the token is good.
    again = client.post(form.page, found.fields)
    assert again.status_code in ((302, 200, 422) if name != "organization-leave" else (422,))
    assert ONCE_MORE not in Page(again).words


TARGETS = {
    "invite": "invite-form",
    "organization-create": "create-form",
    "space-create": "create-form",
    "organization-settings": "settings-form",
    "space-settings": "settings-form",
    "tokens": "token-list",
    "space-role-create": "role-form",
    "space-role": "role-form",
    "organization-member-role": "member-{}",
}
DIALOGS = ["organization-delete", "space-delete", "space-member-roles", "space-role-delete", *BUTTONS]


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_over_htmx_the_form_is_swapped_for_the_filled_in_one(cast: Cast, name: str):
    form, client = form_page(cast, name), browser(cast.owner)
    hidden = opened(client, form)
    signed_in_again(client, cast.owner)
    target = TARGETS[name].format(form.page.rstrip("/").split("/")[-2])
    with nothing_changes():
        response = client.post(form.page, form.typed | hidden, headers=HTMX | {"HX-Target": target})
    assert response.status_code == 422
    assert (response["HX-Retarget"], response["HX-Reselect"]) == (f"#{target}", f"#{target}")
    assert response["HX-Reswap"].startswith("outerHTML")
    assert f'id="{target}"' in response.text
    assert ONCE_MORE in Page(response).words
    assert "fresh-token" in response["HX-Trigger"]
    filled(response, form)


@pytest.mark.parametrize("name", sorted(DIALOGS))
def test_in_a_dialog_the_dialog_is_filled_in_again(cast: Cast, name: str):
    client = browser(cast.owner)
    form = form_page(cast, name) if name in FORM_PAGES else FormPage(BUTTONS[name](cast), {})
    hidden = opened(client, form)
    signed_in_again(client, cast.owner)
    with nothing_changes():
        response = client.post(form.page, form.typed | hidden, headers=HTMX | {"HX-Target": "dialog"})
    page = Page(response)
    assert (page.status, page.is_fragment) == (422, True)
    assert ONCE_MORE in page.words
    filled(response, form)


@pytest.mark.parametrize("target", ["", "nothing-there", "body", 'x"] , body, [a="', "é", "x" * 10_000])
def test_a_part_that_the_page_has_not_is_left_as_it_is(cast: Cast, target: str):
    form, client = form_page(cast, "invite"), browser(cast.owner)
    hidden = opened(client, form)
    signed_in_again(client, cast.owner)
    headers = HTMX | ({"HX-Target": target.encode("utf-8").decode("latin-1")} if target else {})
    response = client.post(form.page, form.typed | hidden, headers=headers)
    assert (response.status_code, response["HX-Reswap"]) == (422, "none")
    assert "HX-Reselect" not in response.headers
    assert ONCE_MORE in response.text
    assert "fresh-token" in response["HX-Trigger"]


def test_whose_right_was_taken_meanwhile_is_told_so(cast: Cast):
    form, client = form_page(cast, "invite"), browser(cast.admin)
    hidden = opened(client, form)
    signed_in_again(client, cast.admin)
    Organization.objects.get(pk=cast.organization.pk).memberships.filter(user=cast.admin).update(role="MEMBER")
    response = client.post(form.page, form.typed | hidden)
    assert (response.status_code, Page(response).codes) == (403, ["WGL403901"])


def test_signed_out_with_an_old_token_the_form_waits_behind_sign_in(cast: Cast):
    form, client = form_page(cast, "invite"), browser(cast.owner)
    hidden = opened(client, form)
    signed_in_again(client, cast.owner)
    end_sessions()
    assert next_of(client.post(form.page, form.typed | hidden)) == form.page
    client.force_login(cast.owner)
    filled(client.get(form.page), form)


@pytest.mark.parametrize("headers", [PLAIN, HTMX | {"HX-Target": "invite-form"}], ids=["page", "htmx"])
def test_the_form_of_somebody_else_is_not_shown(cast: Cast, headers: dict[str, str]):
    form, client = form_page(cast, "invite"), browser(cast.owner)
    hidden = opened(client, form)
    signed_in_again(client, cast.admin)
    with nothing_changes():
        response = client.post(form.page, form.typed | hidden, headers=headers)
    assert response.status_code == (422 if headers else 403)
    assert "ana@example.com" not in response.text
    assert "Somebody else was signed in" in response.text


# ---- From elsewhere


ELSEWHERE = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://testserver.evil.example"},
    {"Referer": "https://evil.example/testserver/"},
]


@pytest.mark.parametrize("headers", ELSEWHERE, ids=str)
@pytest.mark.parametrize("name", ["invite", "organization-create", "organization-leave", "sign-in", "sign-out"])
@pytest.mark.parametrize("is_signed_in", [True, False])
def test_a_forged_post_is_refused_and_shows_nothing_of_itself(
    cast: Cast, name: str, headers: dict[str, str], is_signed_in: bool
):
    client = browser(cast.owner)
    client.get("/profile/")
    if not is_signed_in:
        client.logout()
    address = {
        "sign-in": "/sign-in/",
        "sign-out": "/sign-out/",
        "organization-create": "/organizations/new/",
        "invite": reverse("invite", args=[cast.organization.pk]),
        "organization-leave": reverse("organization-leave", args=[cast.organization.pk]),
    }[name]
    typed = {"emails": "evil@example.net", "email": "evil@example.net", "name": "evil", TOKEN: "a" * 64}
    with nothing_changes():
        response = client.post(address, typed, headers=headers)
    assert response.status_code == 403
    assert "evil" not in response.text.replace("evil.example", "")
    assert "This page expired" in Page(response).words
    assert not UnsentForm.objects.exists()
    if is_signed_in:
        assert client.session["_auth_user_id"] == cast.owner.pk


# ---- What has no page


def test_a_button_without_a_page_is_offered_once_more(cast: Cast):
    client = browser(cast.owner)
    old = {TOKEN: "a" * 64, "next": "/profile/", "email": 'x"><b>@example.com'}
    response = client.post("/sign-out/", old, headers={"Origin": "http://testserver"})
    assert response.status_code == 403
    assert ONCE_MORE in Page(response).words
    assert client.session["_auth_user_id"] == cast.owner.pk
    form = forms_in(response.text)[0]
    assert (form.action, form.fields["email"]) == ("/sign-out/", ['x"><b>@example.com'])
    assert client.post(form.action, form.fields).status_code == 302
    assert "_auth_user_id" not in client.session


def test_a_button_from_nowhere_is_not(cast: Cast):
    response = browser(cast.owner).post("/sign-out/", {TOKEN: "a" * 64})
    assert response.status_code == 403
    assert not [form for form in forms_in(response.text) if form.action == "/sign-out/"]


# ---- Sign-in


def test_the_second_of_two_sign_in_tabs_leads_in(cast: Cast):
    client = Client(enforce_csrf_checks=True)
    first = forms_in(client.get("/sign-in/?next=/profile/").text)[0]
    second = forms_in(client.get("/sign-in/?next=/organizations/new/").text)[0]
    client.post("/sign-in/", first.fields | {"email": cast.owner.email})
    page = client.get(CODE)
    code, other_code = forms_in(page.text)[0], forms_in(page.text)[0]
    assert client.post(CODE, code.fields | {"code": sent_code()})["Location"] == "/profile/"

    response = client.post("/sign-in/", second.fields | {"email": cast.owner.email})
    assert (response.status_code, response["Location"]) == (302, "/organizations/new/")
    response = client.post(CODE, other_code.fields | {"code": "000000"})
    assert (response.status_code, response["Location"]) == (302, "/profile/")


def test_it_leads_nowhere_else(cast: Cast):
    client = browser(cast.owner)
    for path in ("/sign-in/", CODE):
        response = client.post(path, {TOKEN: "a" * 64, "next": "https://evil.example/"})
        assert (response.status_code, response["Location"]) == (302, "/")


def test_a_sign_in_page_whose_token_is_gone_keeps_the_address(db):
    client = Client(enforce_csrf_checks=True)
    form = forms_in(client.get("/sign-in/?next=/profile/").text)[0]
    client.cookies.clear()
    response = client.post("/sign-in/", form.fields | {"email": "minji.kim@example.com"})
    assert response.status_code == 403
    assert ONCE_MORE in Page(response).words
    form = forms_in(response.text)[0]
    assert form.holds("email", "minji.kim@example.com")
    assert form.holds("next", "/profile/")
    assert client.post("/sign-in/", form.fields)["Location"] == CODE


def test_a_typed_code_is_never_shown_again(db):
    client = Client(enforce_csrf_checks=True)
    user = person()
    form = forms_in(client.get("/sign-in/").text)[0]
    client.post("/sign-in/", form.fields | {"email": user.email})
    response = client.post(CODE, {TOKEN: "a" * 64, "code": "123456"})
    assert (response.status_code, "123456" in response.text) == (403, False)
    assert ONCE_MORE in Page(response).words
