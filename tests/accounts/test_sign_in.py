"""Sign-in by code (rules §2): one screen, one answer, counted tries, limits."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from urllib.parse import quote

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import services
from accounts.models import SignInCode, User
from accounts.services import ensure_user
from accounts.sign_in import read_code
from common.models import now
from outbox.models import Email, Kind
from tests.cast import deactivated, organization_of, person
from tests.growth import assert_proportional
from tests.pages import HTMX

SIGN_IN = "/sign-in/"
CODE = "/sign-in/code/"


def ask(client: Client, address: str, **data: str):
    return client.post(SIGN_IN, {"email": address, **data})


def sent_code() -> str:
    """The newest code in the outbox."""
    return Email.objects.filter(kind=Kind.SIGN_IN_CODE).order_by("-created_at", "-id")[0].context["code"]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def shape(response) -> tuple[int, str, str]:
    """What an answer shows, without what differs by nature: the token and the typed address."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"|x-csrftoken[^}]*}', "", response.text)
    return response.status_code, response.headers.get("Location", ""), text


def test_a_known_person_signs_in_with_the_code_from_the_email(client, db):
    user = person("Minji")
    response = ask(client, user.email)
    assert (response.status_code, response["Location"]) == (302, CODE)
    email = Email.objects.get()
    assert (email.kind, email.recipient) == (Kind.SIGN_IN_CODE, user)
    assert re.fullmatch(r"\d{6}", email.context["code"])

    response = client.post(CODE, {"code": email.context["code"]})
    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.session["_auth_user_id"] == user.pk


def test_an_unknown_address_gets_an_account_and_the_same_answers(client, db):
    person("Known")
    known = User.objects.get(name="Known").email
    other = Client()
    assert shape(ask(client, known)) == shape(ask(other, "nobody@example.com"))
    pages = [shape(one.get(CODE)) for one in (client, other)]
    assert pages[0][2].replace(known, "@") == pages[1][2].replace("nobody@example.com", "@")
    wrongs = [shape(one.post(CODE, {"code": "nope"})) for one in (client, other)]
    assert wrongs[0][2].replace(known, "@") == wrongs[1][2].replace("nobody@example.com", "@")
    slot = User.objects.get(email_key="nobody@example.com")
    assert slot.is_slot
    assert not slot.has_usable_password()

    other.post(CODE, {"code": sent_code()})
    slot.refresh_from_db()
    assert not slot.is_slot


def work_of(address: str, **headers: str) -> tuple[list[str], int, str]:
    """The statements that asking for a code makes, without their values, and the answer."""
    client = Client()
    client.get(SIGN_IN)
    with CaptureQueriesContext(connection) as queries:
        response = client.post(SIGN_IN, {"email": address}, headers=headers)
    values = r"'(?:[^']|'')*'|\b\d+\b|\"s\d+_x\d+\""  # and the names of savepoints
    statements = [re.sub(values, "?", query["sql"]) for query in queries]
    return statements, response.status_code, response.headers.get("Location", "")


def someone_who_may_ask(kind: str) -> str:
    """An address of that kind."""
    match kind:
        case "known":
            return organization_of(person("Minji")).created_by.email
        case "slot":
            return person(signed_in=False).email
        case "inactive":
            return deactivated(person("Gone")).email
    return "nobody@example.com"


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
@pytest.mark.parametrize("kind", ["known", "slot", "inactive"])
def test_asking_costs_the_same_for_every_address(db, kind, headers):
    first, status, leads_to = work_of(someone_who_may_ask("unknown"), **headers)
    again = work_of(someone_who_may_ask(kind), **headers)
    assert (status, leads_to) == (302, CODE)
    assert again == (first, status, leads_to)
    kinds = [sql.split()[0] for sql in first if not sql.startswith(("SAVEPOINT", "RELEASE"))]
    written = [sql.split()[2].strip('"') for sql in first if sql.startswith("INSERT")]
    assert written[:4] == [
        *("accounts_user", "account_emailaddress"),
        *("accounts_signincode", "outbox_email"),
    ]
    assert kinds.count("INSERT") == len(written)


@pytest.mark.parametrize("kind", ["known", "slot", "inactive"])
def test_being_refused_costs_the_same_for_every_address(db, settings, kind):
    settings.SIGN_IN_CODES_PER_ADDRESS = 1
    both = []
    for address in (someone_who_may_ask("unknown"), someone_who_may_ask(kind)):
        work_of(address)
        both.append(work_of(address))
    assert both[0][1] == 429
    assert both[0] == both[1]


@pytest.mark.parametrize("kind", ["slot", "inactive", "unknown"])
def test_every_answer_before_the_right_code_is_the_same(db, kind):
    shown = []
    for address in (someone_who_may_ask("known"), someone_who_may_ask(kind)):
        client = Client()
        answers = [ask(client, address), client.get(CODE), client.post(CODE, {"code": "nope"})]
        code = sent_code()
        answers += [client.post(CODE, {"code": wrong(code)}) for _ in range(3)]
        answers += [client.get(SIGN_IN), client.get(CODE)]
        shown.append(
            [
                (
                    status,
                    leads_to.replace(quote(address), "@"),
                    text.replace(address, "@").replace(wrong(code), "code"),
                )
                for status, leads_to, text in map(shape, answers)
            ]
        )
    assert shown[0] == shown[1]


def test_a_slot_that_is_swept_meanwhile_is_made_anew(db, monkeypatch):
    """Between finding that it is there and holding it."""
    person(signed_in=False)
    slot = User.objects.get()
    insert = services.insert_rows

    def swept(model, rows, **more):
        count = insert(model, rows, **more)
        monkeypatch.setattr(services, "insert_rows", insert)
        User.objects.filter(pk=slot.pk).delete()
        return count

    monkeypatch.setattr(services, "insert_rows", swept)
    held = services.hold_user(slot.email)
    assert held.email == slot.email
    assert held.pk != slot.pk
    assert EmailAddress.objects.filter(user=held, primary=True).count() == 1


def test_mail_goes_to_the_stored_address_never_to_the_typed_one(client, db):
    ensure_user("Minji.Kim@Example.com")
    ask(client, "  ＭＩＮＪＩ.kim@EXAMPLE.COM ")
    assert User.objects.count() == 1
    assert Email.objects.get().recipient.email == "Minji.Kim@Example.com"
    assert "ＭＩＮＪＩ.kim@EXAMPLE.COM" in client.get(CODE).text


@pytest.mark.parametrize(
    "typed",
    ["", "no-at", "a@b", "a b@example.com", "ı@example.com", "a@exa\u200bmple.com", "a@" + "x" * 300 + ".com"],
)
def test_what_is_no_address_is_said_beside_the_field_and_kept(client, db, typed):
    response = ask(client, typed)
    assert response.status_code == 422
    assert response.context["form"].errors["email"]
    assert response.context["form"]["email"].value() == typed
    assert User.objects.count() == 0


def test_a_code_works_once(client, db):
    user = person()
    ask(client, user.email)
    code = sent_code()
    stolen = Client()
    stolen.cookies.load(client.cookies.output(header=""))
    assert client.post(CODE, {"code": code}).status_code == 302
    assert stolen.post(CODE, {"code": code})["Location"] in (CODE, SIGN_IN)
    assert "_auth_user_id" not in stolen.session


def test_three_wrong_tries_end_a_code(client, db):
    user = person()
    ask(client, user.email)
    code = sent_code()
    assert [client.post(CODE, {"code": wrong(code)}).status_code for _ in range(2)] == [422, 422]
    third = client.post(CODE, {"code": wrong(code)})
    assert third["Location"] == reverse("sign-in", query={"email": user.email, "next": ""})
    assert client.post(CODE, {"code": code})["Location"] == SIGN_IN
    assert "_auth_user_id" not in client.session


def test_the_third_try_may_be_the_right_one(client, db):
    ask(client, person().email)
    code = sent_code()
    for _ in range(2):
        client.post(CODE, {"code": wrong(code)})
    client.post(CODE, {"code": code})
    assert "_auth_user_id" in client.session


@pytest.mark.django_db(transaction=True)
def test_tries_at_the_same_time_are_counted(client):
    """Thirty browsers with one session never get more than three tries."""
    ask(client, person().email)
    code = sent_code()
    start = Barrier(6)

    def guess(_n: int) -> None:
        one = Client()
        one.cookies.load(client.cookies.output(header=""))
        start.wait()
        one.post(CODE, {"code": wrong(code)})
        connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(guess, range(6)))
    assert SignInCode.objects.get().tries == 3
    client.post(CODE, {"code": code})
    assert "_auth_user_id" not in client.session


def test_a_code_lives_ten_minutes(client, db):
    ask(client, person().email)
    code = sent_code()
    SignInCode.objects.update(created_at=now() - timedelta(minutes=10, seconds=1))
    assert client.post(CODE, {"code": code}).status_code == 302
    assert "_auth_user_id" not in client.session


def test_a_new_code_ends_the_older_one_of_this_browser(client, db):
    user = person()
    ask(client, user.email)
    first = sent_code()
    ask(client, user.email)
    second = sent_code()
    if first != second:
        assert client.post(CODE, {"code": first}).status_code == 422
    client.post(CODE, {"code": second})
    assert "_auth_user_id" in client.session


@pytest.mark.parametrize("known", [True, False])
def test_ten_codes_per_address_in_an_hour(db, known):
    address = person().email if known else "nobody@example.com"
    assert [ask(Client(), address).status_code for _ in range(10)] == [302] * 10
    spelled = address.upper()
    refused = ask(Client(), spelled)
    assert refused.status_code == 429
    assert "60 minutes" in refused.text
    assert refused.context["form"]["email"].value() == spelled
    assert Email.objects.count() == 10
    SignInCode.objects.update(created_at=now() - timedelta(hours=1, seconds=1))
    assert ask(Client(), address).status_code == 302


def test_a_stranger_who_asks_for_codes_does_not_close_the_sign_in_of_an_address(db, settings):
    address = person().email
    settings.SIGN_IN_CODES_PER_ADDRESS = 12

    def ask_from(ip: str) -> int:
        return Client(REMOTE_ADDR=ip).post(SIGN_IN, {"email": address}).status_code

    assert [ask_from("10.0.0.1") for _ in range(11)] == [302] * 10 + [429]
    assert ask_from("10.0.0.2") == 302
    # An IPv6 network of 64 bits counts as one IP.
    assert ask_from("2001:db8:0:1::1") == 302
    assert ask_from("2001:db8:0:2::1") == 429  # the cap of the address over all


def test_addresses_of_one_ipv6_network_share_their_limits(db, settings):
    settings.SIGN_IN_CODES_PER_IP = 2

    def ask_from(ip: str, number: int) -> int:
        return Client(REMOTE_ADDR=ip).post(SIGN_IN, {"email": f"p{number}@example.com"}).status_code

    network = [f"2001:db8:0:1:{number}::{number}" for number in (1, 2, 3)]
    assert [ask_from(ip, number) for number, ip in enumerate(network)] == [302, 302, 429]
    assert ask_from("2001:db8:0:2::1", 4) == 302
    assert [ask_from(f"::ffff:10.0.0.{n}", 5 + n) for n in (1, 2, 3)] == [302] * 3


@pytest.mark.parametrize(
    "around",
    [
        "Code: {}",
        "  {}\n",
        "‘{}’ is your code",
        "\u200b{}\ufeff\u2060",
        "{}" + " and a long sentence after it" * 20,
    ],
)
@pytest.mark.parametrize("between", ["", " ", "-", "\u00a0", "\u200b", "\u2013", " . "])
@pytest.mark.parametrize("zero", ["0", "\uff10", "\u0660", "\u0966", "\U0001d7d8"])
def test_a_code_is_read_from_what_is_pasted(around, between, zero):
    typed = between.join(chr(ord(zero) + int(digit)) for digit in "907214")
    assert read_code(around.format(typed)) == "907214"


@pytest.mark.parametrize("typed", ["12345", "1234567", "abcdef", "12345x", "1" * 100_000, "三", "\x00"])
def test_what_has_not_six_digits_costs_no_try(client, db, typed):
    ask(client, person().email)
    code = sent_code()
    for _ in range(5):
        response = client.post(CODE, {"code": typed})
        assert response.status_code == 422
    assert SignInCode.objects.get().tries == 0
    client.post(CODE, {"code": f"Code: {code[:3]}\u00a0{code[3:]}"})
    assert "_auth_user_id" in client.session


@pytest.mark.parametrize(
    "typed",
    ["'ana@example.com'", "Ana <ana@example.com>", "mailto:ana@example.com?subject=Hi", "ana@example.com."],
)
def test_an_address_is_read_from_what_is_pasted(client, db, typed):
    assert ask(client, typed).status_code == 302
    assert User.objects.get().email == "ana@example.com"


def test_reading_a_code_takes_time_in_proportion_to_its_length():
    assert_proportional(read_code, lambda n: "1 " * n, 200_000)


def test_a_hundred_codes_per_ip_in_an_hour_and_no_slot_beyond(db, settings):
    settings.SIGN_IN_CODES_PER_IP = 3
    for number in range(3):
        assert ask(Client(), f"p{number}@example.com").status_code == 302
    assert ask(Client(), "p4@example.com").status_code == 429
    assert Client(REMOTE_ADDR="10.1.1.1").post(SIGN_IN, {"email": "p4@example.com"}).status_code == 302
    assert User.objects.count() == 4


def test_a_forwarded_address_is_not_believed_without_a_trusted_proxy(db, settings):
    settings.SIGN_IN_CODES_PER_IP = 1
    first = Client(headers={"X-Forwarded-For": "1.1.1.1"}).post(SIGN_IN, {"email": "a@example.com"})
    second = Client(headers={"X-Forwarded-For": "2.2.2.2"}).post(SIGN_IN, {"email": "b@example.com"})
    assert (first.status_code, second.status_code) == (302, 429)
    settings.TRUSTED_PROXIES = 1
    spoofed = Client(headers={"X-Forwarded-For": "9.9.9.9, 3.3.3.3"})
    assert spoofed.post(SIGN_IN, {"email": "c@example.com"}).status_code == 302
    assert SignInCode.objects.latest("created_at").ip == "3.3.3.3"


@pytest.mark.parametrize(
    ("wanted", "led_to"),
    [
        ("/profile/", "/profile/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_next_leads_on_within_the_site_only(client, db, wanted, led_to):
    ask(client, person().email, next=wanted)
    assert client.post(CODE, {"code": sent_code()})["Location"] == led_to


def test_protected_pages_lead_to_sign_in_and_back(client, db):
    response = client.get("/profile/?x=1")
    assert response["Location"] == "/sign-in/?next=/profile/%3Fx%3D1"
    assert 'name="next" value="/profile/?x=1"' in client.get(response["Location"]).text


@pytest.mark.parametrize(
    ("method", "path", "headers", "led_to"),
    [
        ("get", "/switcher/", {"HX-Request": "true", "HX-Current-URL": "http://testserver/a/?q=1"}, "/a/?q=1"),
        ("post", "/organizations/x/membership/y/role/", {"Referer": "http://testserver/a/"}, "/a/"),
        ("post", "/organizations/x/membership/y/role/", {"Referer": "http://evil.example/"}, ""),
        ("post", "/profile/", {}, ""),
    ],
)
def test_what_is_no_page_leads_back_to_the_page_it_was_on(client, db, method, path, headers, led_to):
    response = getattr(client, method)(path, headers=headers)
    location = response.headers.get("HX-Redirect") or response["Location"]
    assert location == (
        "/sign-in/?next=" + led_to.replace("?", "%3F").replace("=", "%3D") if led_to else "/sign-in/"
    )


def test_a_deactivated_account_gets_the_same_answer_and_no_session(client, db):
    user = person()
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert ask(client, user.email)["Location"] == CODE
    response = client.post(CODE, {"code": sent_code()})
    assert response.status_code == 403
    assert "deactivated" in response.text
    assert "_auth_user_id" not in client.session


def test_deactivation_ends_a_session_with_the_next_request(client, db):
    user = person()
    client.force_login(user)
    assert client.get("/profile/").status_code == 200
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert client.get("/profile/")["Location"] == "/sign-in/?next=/profile/"


def test_sign_out(client, db):
    client.force_login(person())
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/")["Location"] == SIGN_IN
    assert "_auth_user_id" not in client.session


def test_an_invitation_link_fills_the_address_in(client, db):
    page = client.get("/sign-in/?email=minji.kim%40example.com&next=/organizations/abc/").text
    assert 'value="minji.kim@example.com"' in page
    assert 'value="/organizations/abc/"' in page


def test_a_link_for_another_address_asks_before_it_signs_out(client, db):
    client.force_login(person())
    response = client.get("/sign-in/?email=minji.kim@example.com&next=/profile/")
    assert response.status_code == 200
    assert "Sign in as minji.kim@example.com" in response.text
    response = client.post("/sign-out/", {"email": "minji.kim@example.com", "next": "/profile/"})
    assert response["Location"] == "/sign-in/?email=minji.kim%40example.com&next=%2Fprofile%2F"


def test_without_an_organization_one_choice_is_offered(client, db):
    client.force_login(person())
    response = client.get("/", follow=True)
    assert "You are not in any Organization yet" in response.text
    assert "Create Organization" in response.text


def test_signing_in_leads_to_the_only_organization_then_to_the_last_place(client, db):
    user = person()
    first = organization_of(user, "First")
    client.force_login(user)
    assert client.get("/")["Location"] == first.get_absolute_url()
    second = organization_of(user, "Second")
    assert client.get("/")["Location"] == reverse("organization-list")
    client.get(second.get_absolute_url())
    client.force_login(user)
    assert client.get("/")["Location"] == second.get_absolute_url()
    User.objects.filter(pk=user.pk).update(last_place="/organizations/gone/")
    assert client.get("/")["Location"] == reverse("organization-list")


def test_the_page_costs_no_statement_before_anyone_types(client, django_assert_num_queries, db):
    with django_assert_num_queries(0):
        client.get(SIGN_IN)
