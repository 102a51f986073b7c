"""What the guide lists is what there is: settings, calls, scopes, problems, event types, dependencies."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
from litestar.routes import HTTPRoute

from api.app import bare_app
from api.auth import ANYBODY
from api.errors import (
    _CODE_OF_STATUS,  # pyright: ignore[reportPrivateUsage]
    _STATUS_OF_REFUSAL,  # pyright: ignore[reportPrivateUsage]
)
from domain.book import EVENTS, STREAM_KINDS
from domain.kernel.errors import Refusal
from infra.api_keys import PEOPLE_SCOPES, SCOPES
from infra.event_store.submission import CommandInFlight, CommandReused
from infra.settings import Settings
from projections.catalogue import PROJECTIONS
from projections.sales_report.queries import GroupBy
from tests.docs.documents import DECISIONS, GUIDE, README, REPOSITORY, anchors, documents, links, table
from workers.cli import cli

API = REPOSITORY / "api"
UNPROCESSABLE = 422


def handlers() -> Iterator[tuple[str, str, str]]:
    """Every operation: (call, scope or public, operation id)."""
    for route in bare_app(1024).routes:
        if not isinstance(route, HTTPRoute):
            continue
        path = re.sub(r":\w+}", "}", route.path)
        for handler in route.route_handlers:
            scope = "public" if handler.opt.get("public") else handler.opt.get("scope")
            # Not the pages of /docs, nor the second address of streams whose names hold a slash.
            if handler.operation_id is None or scope is None:
                continue
            for method in handler.http_methods - {"HEAD", "OPTIONS"}:
                yield f"{method} {path}", scope, str(handler.operation_id)


def refusals(base: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    """Every kind of refusal that the product defines."""
    for kind in base.__subclasses__():
        if not kind.__module__.startswith("tests."):
            yield kind
        yield from refusals(kind)


def problems_of_the_shell() -> Iterator[tuple[str, int | None]]:
    """The codes that the API itself gives, with the status where it stands beside the code."""
    for path in sorted(API.rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text())):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
                continue
            if call.func.id not in {"Problem", "respond"} or len(call.args) < 2:
                continue
            status, code = call.args[:2]
            if isinstance(code, ast.Constant) and isinstance(code.value, str):
                known = status.value if isinstance(status, ast.Constant) else None
                yield code.value, known if isinstance(known, int) else None


def test_every_setting_is_listed_with_its_default_and_meaning() -> None:
    listed = table(GUIDE / "running.md", "variable")
    assert listed == [(row.variable, row.default or "unset", row.help) for row in Settings().rows()]


def test_every_call_is_listed_with_its_scope() -> None:
    listed = {(call, scope) for call, scope, _ in table(GUIDE / "api.md", "call")}
    assert listed == {(call, scope) for call, scope, _ in handlers()}


def test_every_scope_is_listed_once() -> None:
    """Those of the routes, and those that a handler asks for besides."""
    listed = [scope for scope, _ in table(GUIDE / "api.md", "scope")]
    besides = {
        scope
        for path in API.rglob("*.py")
        for scope in re.findall(r'\.(?:require|may|require_in)\("([a-z:]+)"', path.read_text())
    }
    asked_for = {scope for _, scope, _ in handlers()} - {"public", ANYBODY} | besides
    assert sorted(listed) == sorted(asked_for)
    assert asked_for == SCOPES | PEOPLE_SCOPES


def test_every_problem_is_listed_once_with_its_status() -> None:
    listed = [(code, int(status)) for code, status, _ in table(GUIDE / "api.md", "code")]
    assert {CommandInFlight, CommandReused} < set(refusals()), "all refusals are imported"

    expected = {kind.code: _STATUS_OF_REFUSAL.get(kind.code, UNPROCESSABLE) for kind in refusals()}
    expected |= {code: status for status, code in _CODE_OF_STATUS.items()}
    shell = list(problems_of_the_shell())
    expected |= {code: status for code, status in shell if status is not None}
    assert {code for code, _ in listed} == expected.keys() | {code for code, _ in shell}
    assert len(listed) == len({code for code, _ in listed})
    assert {code: status for code, status in listed if code in expected} == expected


def test_every_event_type_is_listed_in_the_order_of_the_book() -> None:
    listed = table(GUIDE / "journal.md", "type")
    assert [type_ for type_, *_ in listed] == [event.TYPE for event in EVENTS]


def test_every_kind_of_stream_is_named() -> None:
    streams = " ".join(stream for _, stream, _ in table(GUIDE / "journal.md", "type"))
    assert set(re.findall(r"([a-z]+)-<", streams)) == {kind.category for kind in STREAM_KINDS}


def test_every_read_model_is_listed() -> None:
    listed = [name for name, _ in table(GUIDE / "reports.md", "read model")]
    assert listed == [projection.name for projection in PROJECTIONS]


def test_every_way_to_group_a_report_is_named() -> None:
    text = (GUIDE / "reports.md").read_text()
    named = re.search(r"`group_by` takes any of (.*?),? in any order", text, re.DOTALL)
    assert named is not None
    assert re.findall(r"`(\w+)`", named[1]) == [group.value for group in GroupBy]


def test_every_command_is_listed() -> None:
    def commands(group: click.Group, prefix: str) -> Iterator[str]:
        for name, command in group.commands.items():
            if isinstance(command, click.Group):
                yield from commands(command, f"{prefix} {name}")
            else:
                yield f"{prefix} {name}"

    listed = " , ".join(names for names, _ in table(GUIDE / "running.md", "on the command line"))
    assert set(re.findall(r"daybook[ a-z-]*[a-z]", listed)) == set(commands(cli, "daybook"))


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    groups: dict[str, list[str]] = project["dependency-groups"]
    pinned = [*project["project"]["dependencies"], *groups["build"], *groups["dev"]]
    text = (DECISIONS / "0013-dependencies.md").read_text()
    listed = re.findall(r"^\| ([a-z][a-z0-9-]+) \| (?!reason)", text, re.MULTILINE)
    assert sorted(listed) == sorted(re.split(r"[\[=]", line)[0] for line in pinned)
    assert all("==" in line for line in pinned)


def test_every_decision_is_in_their_list() -> None:
    listed = [target for target in links(DECISIONS / "README.md") if target[0].isdigit()]
    assert listed == sorted(path.name for path in DECISIONS.glob("[0-9]*.md"))


def test_every_link_leads_somewhere() -> None:
    """Files, tests among them, and headings."""
    for document in documents():
        for target in links(document):
            name, _, fragment = target.partition("#")
            path = document if not name else (document.parent / name).resolve()
            assert path.exists(), f"{document.name}: {target}"
            assert not fragment or fragment in anchors(path), f"{document.name}: {target}"


def test_the_documents_speak_of_the_product_alone() -> None:
    """No folders of a machine they were written on."""
    machine = re.compile(r"(?<![\w.])/(?:work|root|home|tmp|mnt)/")
    assert [path for path in (*documents(), README) if machine.search(Path(path).read_text())] == []
