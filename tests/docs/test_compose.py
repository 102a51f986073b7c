"""docker-compose.yml and the image name only what there is. (Nothing here runs a container.)"""

import os
import re
from typing import Any, cast

import click
import msgspec
import pytest

from infra.settings import Settings
from tests.docs.documents import REPOSITORY
from workers.cli import cli
from workers.health import CHECKS

PARTS = {"postgres", "migrate", "api", "projector", "sealer", "jobs"}
ON_DEMAND = {"rotate-master"}
OF_DAYBOOK = (PARTS | ON_DEMAND) - {"postgres"}
ONE_SHOT = "service_completed_successfully"
DOCKERFILE = (REPOSITORY / "Dockerfile").read_text()
ROLES = REPOSITORY / "docker" / "postgres" / "roles.sh"


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    text = (REPOSITORY / "docker-compose.yml").read_bytes()
    return cast("dict[str, dict[str, Any]]", msgspec.yaml.decode(text)["services"])


def test_the_parts_are_there(services: dict[str, dict[str, Any]]) -> None:
    assert set(services) == PARTS | ON_DEMAND


def test_every_part_is_watched_or_runs_once(services: dict[str, dict[str, Any]]) -> None:
    once = {
        name
        for service in services.values()
        for name, needed in service.get("depends_on", {}).items()
        if needed["condition"] == ONE_SHOT
    }
    assert once == {"migrate"}
    assert {name for name, service in services.items() if "healthcheck" in service} == PARTS - once


def test_what_is_there_on_demand_is_not_started_with_the_others(services: dict[str, dict[str, Any]]) -> None:
    for name in ON_DEMAND:
        assert services[name]["profiles"] == ["operator"]
        assert services[name]["restart"] == "no"


def test_every_part_waits_for_the_schemas_and_they_for_the_database(
    services: dict[str, dict[str, Any]],
) -> None:
    assert services["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    for part in OF_DAYBOOK - {"migrate"}:
        assert services[part]["depends_on"] == {"migrate": {"condition": ONE_SHOT}}


def test_every_variable_is_a_setting(services: dict[str, dict[str, Any]]) -> None:
    """Daybook would refuse to start with another."""
    for part in OF_DAYBOOK:
        environment = {name: str(value) for name, value in services[part]["environment"].items()}
        assert all(name.startswith("DAYBOOK_") for name in environment), part
        Settings.from_environment(environment)
    in_image = dict(re.findall(r"(DAYBOOK_\w+)=(\S+)", DOCKERFILE))
    Settings.from_environment(in_image)
    assert in_image["DAYBOOK_DATA_DIR"] == "/var/lib/daybook"


def test_api_and_jobs_hold_the_master_key_the_sealer_its_own_and_no_part_that_goes_on_owns_the_schemas(
    services: dict[str, dict[str, Any]],
) -> None:
    volumes = {name: services[name]["volumes"] for name in OF_DAYBOOK if "volumes" in services[name]}
    data = ["data:/var/lib/daybook"]
    assert volumes == {"api": data, "jobs": data, "rotate-master": data, "sealer": ["seal:/var/lib/daybook"]}
    owners = {name for name in OF_DAYBOOK if "DAYBOOK_OWNER_DATABASE_URL" in services[name]["environment"]}
    assert owners == {"migrate", "rotate-master"}


def test_every_command_exists(services: dict[str, dict[str, Any]]) -> None:
    for part in ("api", "projector", "sealer", "jobs"):
        assert services[part]["command"] == [part]
        assert part in cli.commands
    group, name = services["rotate-master"]["command"]
    assert name in cast("click.Group", cli.commands[group]).commands
    script = " ".join(services["migrate"]["command"])
    for words in re.findall(r"daybook ((?:[a-z]+ ?)+)", script):
        command: click.Command = cli
        for word in words.split():
            if isinstance(command, click.Group):
                assert word in command.commands, words
                command = command.commands[word]
        assert not isinstance(command, click.Group), words


def test_the_parts_without_a_port_are_asked_for_their_signs_of_life(
    services: dict[str, dict[str, Any]],
) -> None:
    for part in ("projector", "sealer", "jobs"):
        assert services[part]["healthcheck"]["test"] == ["CMD", "python", "-m", "workers.health", part]
    assert set(CHECKS) == {"projector", "sealer", "jobs"}


def test_the_image_takes_what_the_package_is_made_of() -> None:
    """And the context lets it through."""
    taken = set(re.findall(r"^COPY (.+) \S+$", DOCKERFILE, re.MULTILINE))
    names = {name for line in taken for name in line.split()}
    ignored = (REPOSITORY / ".dockerignore").read_text()
    assert names == set(re.findall(r"^!(.+)$", ignored, re.MULTILINE))
    packages = msgspec.toml.decode((REPOSITORY / "pyproject.toml").read_bytes())["tool"]["hatch"]["build"]
    assert set(packages["targets"]["wheel"]["packages"]) < names
    assert all((REPOSITORY / name).exists() for name in names)


def test_the_service_has_a_login_of_its_own() -> None:
    text = ROLES.read_text()
    assert "CREATE ROLE daybook_app LOGIN PASSWORD :'password' IN ROLE daybook_service" in text
    assert os.access(ROLES, os.X_OK)
