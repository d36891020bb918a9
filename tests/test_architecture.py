"""The house keeps its shape (architecture.md). The layers themselves: `lint-imports`."""

import ast
import re
import tomllib
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from celery import current_app
from django.conf import settings
from django.core.management import call_command
from django.template import engines
from django.template.loader import get_template

from devserver.paths import PROJECT

APPS = (
    "common",
    "accounts",
    "organizations",
    "spaces",
    "memberships",
    "outbox",
    "activity",
    "api",
    "weegloo_site",
)
TEMPLATES = PROJECT / "templates"


def sources() -> Iterator[tuple[Path, ast.Module]]:
    """Every Python file of the product, parsed."""
    for app in APPS:
        for path in sorted((PROJECT / app).rglob("*.py")):
            yield path.relative_to(PROJECT), ast.parse(path.read_text())


def calls(tree: ast.Module) -> Iterator[tuple[ast.Call, str]]:
    """Every call of a method or function, with its last name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            match node.func:
                case ast.Attribute(attr=name) | ast.Name(id=name):
                    yield node, name


class TestTasks:
    def test_only_the_outbox_wakes_workers(self) -> None:
        """Whoever queues a task before the commit races with it; the outbox does it after."""
        found = [
            str(path)
            for path, tree in sources()
            for _call, name in calls(tree)
            if name in {"delay", "apply_async", "delay_on_commit", "apply_async_on_commit", "send_task"}
        ]
        assert found == ["outbox/queue.py"]

    def test_no_email_leaves_but_through_the_outbox(self) -> None:
        sending = {
            "send_mail",
            "send_mass_mail",
            "mail_admins",
            "mail_managers",
            "EmailMessage",
            "EmailMultiAlternatives",
            "send_messages",
            "email_user",
        }
        found = {str(path) for path, tree in sources() for _call, name in calls(tree) if name in sending}
        assert found <= {"outbox/messages.py", "outbox/delivery.py"}

    def test_tasks_are_never_eager(self) -> None:
        """An eager task would hide what a real broker shows."""
        assert not current_app.conf.task_always_eager

    def test_every_task_that_beat_starts_exists(self) -> None:
        current_app.loader.import_default_modules()
        wanted = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
        assert wanted <= set(current_app.tasks)


class TestWords:
    def test_no_signals_between_our_apps(self) -> None:
        """The one receiver makes the plans after a migration."""
        receivers = {
            str(path)
            for path, tree in sources()
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            and node.module in {"django.dispatch", "django.db.models.signals"}
        }
        assert receivers == {"organizations/apps.py"}

    def test_services_know_no_request(self) -> None:
        found = [
            str(path)
            for path, tree in sources()
            if "services" in path.as_posix()
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            and (node.module or "").startswith(("django.http", "django.shortcuts", "django.forms"))
        ]
        assert found == []

    def test_a_service_takes_its_facts_by_name_and_an_actor(self) -> None:
        """Verbs that change data: keyword-only, with ``actor`` (no actor never means no check)."""
        verb = re.compile(
            r"^(create|update|change|delete|remove|assign|invite|deactivate|sweep|revoke|send_again|make)_"
        )
        without = {
            f"{path}:{node.name}"
            for path, tree in sources()
            if "services" in path.as_posix()
            for node in tree.body
            if isinstance(node, ast.FunctionDef) and verb.match(node.name)
            if node.args.args or not any(argument.arg == "actor" for argument in node.args.kwonlyargs)
        }
        assert without == set()

    def test_policies_ask_no_database(self) -> None:
        text = (PROJECT / "memberships/policies.py").read_text()
        assert ".objects" not in text
        assert "request" not in text

    def test_every_module_has_its_layer(self) -> None:
        """A module that the import contract does not name could import anything."""
        contracts = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
        named = {
            name.strip("() ")
            for contract in contracts
            for layer in contract.get("layers", ())
            for name in re.split(r"[:|]", layer)
        }
        unnamed = []
        for path, _tree in sources():
            module = ".".join(path.with_suffix("").parts).removesuffix(".__init__")
            app, _, rest = module.partition(".")
            beside = not rest or rest.split(".")[0] in {"apps", "migrations", "templatetags", "constraints"}
            inside = any(module == name or module.startswith(f"{name}.") for name in named)
            if not (beside or inside or app == "weegloo_site"):
                unnamed.append(module)
        assert unnamed == []


class TestTemplates:
    @pytest.mark.parametrize(
        "name",
        sorted(
            str(path.relative_to(TEMPLATES))
            for path in TEMPLATES.rglob("*")
            if path.suffix in {".html", ".txt"}
        ),
    )
    def test_every_template_compiles(self, name: str) -> None:
        get_template(name)

    def test_every_partial_named_in_the_code_exists(self) -> None:
        engine = engines["django"]
        named = {
            reference
            for path in [*PROJECT.glob("*/**/*.py"), *TEMPLATES.rglob("*.html")]
            if path.is_relative_to(TEMPLATES) or path.relative_to(PROJECT).parts[0] in APPS
            for reference in re.findall(r"""["']([\w/-]+\.html#[\w-]+)["']""", path.read_text())
        }
        for reference in sorted(named):
            assert engine.get_template(reference)

    def test_every_kind_of_email_has_its_three_templates(self) -> None:
        from outbox.models import Kind

        for kind in Kind:
            for ending in ("-subject.txt", ".txt", ".html"):
                get_template(f"emails/{kind}{ending}")


def test_no_migration_is_missing(db: None) -> None:
    output = StringIO()
    call_command("makemigrations", "--check", "--dry-run", stdout=output)
    assert "No changes detected" in output.getvalue()


def test_no_email_address_is_logged_by_name() -> None:
    """Log lines carry ids (running.md, logs)."""
    found = [
        f"{path}:{call.lineno}"
        for path, tree in sources()
        for call, name in calls(tree)
        if name in {"debug", "info", "warning", "error", "exception"}
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "logger"
        and re.search(r"\.(email|email_key|mailing_address)\b", ast.unparse(call))
    ]
    assert found == []
