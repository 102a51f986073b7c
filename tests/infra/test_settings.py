"""Settings come from DAYBOOK_… variables, and a mistake in one is never silent."""

from pathlib import Path

import pytest

from infra.settings import Settings, SettingsError, mask_password


def read(**variables: str) -> Settings:
    return Settings.from_environment({f"DAYBOOK_{name.upper()}": text for name, text in variables.items()})


def test_without_variables_everything_has_a_default() -> None:
    settings = read()

    assert settings.port == 8000
    assert settings.demo is True
    assert settings.database_url is None
    assert settings.data_dir == Path("var").absolute()
    assert settings.master_key_file == settings.data_dir / "master.key"


def test_values_take_the_types_of_their_fields() -> None:
    settings = read(port="9000", demo="false", data_dir="/srv/shop", log_level="debug")

    assert (settings.port, settings.demo, settings.log_level) == (9000, False, "debug")
    assert settings.master_key_file == Path("/srv/shop/master.key")


def test_relative_paths_are_made_absolute() -> None:
    assert read(master_key_file="keys/one").master_key_file == Path("keys/one").absolute()


def test_the_owner_is_the_service_login_unless_named() -> None:
    url = "postgresql://app@db/daybook"

    assert read(database_url=url).owner_database_url == url
    assert read(database_url=url, owner_database_url="postgresql://boss@db/daybook").owner_database_url == (
        "postgresql://boss@db/daybook"
    )


def test_an_empty_variable_is_an_unset_one() -> None:
    assert read(database_url="", port="") == read()


def test_variables_of_others_and_of_the_tests_are_passed_over() -> None:
    others = {"PATH": "/bin", "DAYBOOK_TEST_DATABASE_URL": "postgresql://x", "PORT": "1"}

    assert Settings.from_environment(others) == read()


@pytest.mark.parametrize(
    ("variable", "text", "expected"),
    [
        ("port", "eighty", "int"),
        ("port", "70000", "65535"),
        ("demo", "maybe", "true or false"),
        ("log_level", "loud", "loud"),
        ("trusted_proxies", "10.0.0.1/8", "host bits"),
        ("trusted_proxies", "proxy.local", "10.0.0.0/8"),
        ("tenant", "My Shop", "[a-z]"),
        ("max_body_bytes", "1", "1024"),
    ],
)
def test_a_bad_value_is_refused_with_variable_value_and_expectation(
    variable: str, text: str, expected: str
) -> None:
    with pytest.raises(SettingsError) as refusal:
        read(**{variable: text})

    for part in (f"DAYBOOK_{variable.upper()}", text, expected):
        assert part in str(refusal.value)


def test_a_refused_database_url_does_not_show_its_password() -> None:
    with pytest.raises(SettingsError) as refusal:
        read(database_url="postgresql://app:s3cret@db:notaport:1/%zz")

    assert "DAYBOOK_DATABASE_URL" in str(refusal.value)
    assert "s3cret" not in str(refusal.value)


@pytest.mark.parametrize("misspelt", ["DAYBOOK_PROT", "DAYBOOK_port", "DAYBOOK_HTTP_PORT"])
def test_a_misspelt_variable_is_refused_with_what_was_meant(misspelt: str) -> None:
    with pytest.raises(SettingsError, match=r"did you mean .*DAYBOOK_PORT"):
        Settings.from_environment({misspelt: "1"})


def test_an_unknown_variable_like_no_other_is_refused_too() -> None:
    with pytest.raises(SettingsError, match="DAYBOOK_XYZZY is not a setting"):
        Settings.from_environment({"DAYBOOK_XYZZY": "1"})


def test_the_rows_explain_every_field_and_mask_passwords() -> None:
    rows = {row.variable: row for row in read(database_url="postgresql://app:s3cret@db/daybook").rows()}

    assert len(rows) == len(Settings.__struct_fields__)
    assert all(row.help for row in rows.values())
    assert rows["DAYBOOK_DATABASE_URL"].value == "postgresql://app:***@db/daybook"
    assert rows["DAYBOOK_OWNER_DATABASE_URL"].value == "postgresql://app:***@db/daybook"
    assert (rows["DAYBOOK_PORT"].value, rows["DAYBOOK_PORT"].default) == ("8000", "8000")
    assert rows["DAYBOOK_DEMO"].value == "true"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://app:s3cret@db/daybook",
        "postgresql://app:s3cret@/daybook?host=%2Frun%2Fpg",
        "postgresql://db/daybook?user=app&password=s3cret",
        "postgresql://app:s3cret:x@db/daybook",
        "host=db password=s3cret dbname=daybook",
        "host=db password = 's3cret \\' word' dbname=daybook",
        "postgresql://db/daybook?pass%77ord=s3cret",
        "postgresql://app:s3cret/x@db/daybook",
    ],
)
def test_no_form_of_a_url_shows_its_password(url: str) -> None:
    assert "s3cret" not in mask_password(url)
