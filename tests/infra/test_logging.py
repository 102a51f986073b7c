"""What is logged: a JSON object a line, with its request's id and without what looks like a secret."""

import json
import logging

import pytest

from infra.logging import REQUEST_ID, configure_logging, without_secrets

HEX = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (f"key dbk_0123456789ab_{HEX[:48]} refused", "key dbk_0123456789ab_*** refused"),
        (f"Bearer dbs_{HEX}", "Bearer dbs_***"),
        ("Authorization: Basic dXNlcjpwYXNzd29yZA==", "Authorization: Basic ***"),
        ("postgresql://daybook_app:s3cr/t@db:5432/x", "postgresql://daybook_app:***@db:5432/x"),
        ("host=db password=s3cret dbname=x", "host=db password=*** dbname=x"),
        ('{"password": "four words", "name": "bob"}', '{"password": "***", "name": "bob"}'),
        (r'{"body": "{\"new_password\": \"four words\"}"}', r'{"body": "{\"new_password\": \"***\"}"}'),
        ("{'password': 'four words'}", "{'password': '***'}"),
    ],
)
def test_what_looks_like_a_secret_is_masked(text: str, masked: str) -> None:
    assert without_secrets(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "http://127.0.0.1:8000/readyz",
        '{"code": "password_unfit", "must_change": true}',
        "key:0123456789ab sold at till-1",
        "a bearer of news",
    ],
)
def test_what_does_not_is_left_as_it_is(text: str) -> None:
    assert without_secrets(text) == text


def test_a_line_of_a_library_is_json_with_the_request_and_without_secrets(
    capsys: pytest.CaptureFixture[str],
) -> None:
    root = logging.getLogger()
    level = root.level
    with pytest.MonkeyPatch.context() as patch:
        # As if nothing had set logging up yet; pytest has.
        patch.setattr(root, "handlers", [])
        configure_logging("critical")
        request = REQUEST_ID.set("r-1")
        try:
            raise ValueError("password=s3cret")
        except ValueError:
            logging.getLogger("library").critical("%s failed", "it", exc_info=True)
        REQUEST_ID.reset(request)
    root.setLevel(level)
    (line,) = capsys.readouterr().err.splitlines()
    told = json.loads(line)
    assert (told["event"], told["level"], told["request_id"]) == ("it failed", "critical", "r-1")
    assert "ValueError" in told["exception"]
    assert "s3cret" not in line
