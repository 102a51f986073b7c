"""Daybook's settings: one frozen struct, read from the environment once, at start.

Each field's type, default and help stand together in `Settings`; the variable is DAYBOOK_ and the
field's name in capitals.
"""

import difflib
import re
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Self, get_args, get_type_hints

import msgspec
from msgspec import Meta
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from infra.errors import OperatorError

PREFIX = "DAYBOOK_"
_TEST_PREFIX = "DAYBOOK_TEST_"
_MASK = "***"

# Stands for a path that is known only with data_dir; shown as it is in the list of defaults.
_DEFAULT_KEY_FILE = Path("<data_dir>/master.key")
_DEFAULT_SEAL_KEY_FILE = Path("<data_dir>/seal.key")
_DEFAULT_SINK = "<data_dir>/checkpoints"

Network = IPv4Network | IPv6Network

TENANT_NAME = r"^[a-z][a-z0-9_]{0,40}$"
"""A tenant's name: with the prefix `t_` it is also the name of its PostgreSQL schema."""


class SettingsError(OperatorError):
    """A setting can't be used; the text names the variable, its value and what is expected."""


class SettingRow(NamedTuple):
    """One setting as a person reads it; passwords are masked."""

    variable: str
    value: str
    default: str
    help: str


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator can choose. Paths are absolute once constructed."""

    data_dir: Annotated[Path, Meta(description="folder of everything Daybook keeps on disk")] = Path("var")
    host: Annotated[str, Meta(description="address the HTTP API listens on")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65535, description="port the HTTP API listens on")] = 8000
    database_url: Annotated[
        str | None,
        Meta(description="PostgreSQL 15 or newer, login of the service; unset: Daybook runs its own"),
    ] = None
    owner_database_url: Annotated[
        str | None,
        Meta(description="login that owns the schemas, for migrate and tenant create; unset: database_url"),
    ] = None
    keys_database_url: Annotated[
        str | None,
        Meta(description="key store, with a login that owns its schema; unset: the same database"),
    ] = None
    master_key_file: Annotated[Path, Meta(description="file of the master key that wraps all keys")] = (
        _DEFAULT_KEY_FILE
    )
    seal_key_file: Annotated[Path, Meta(description="file of the key that signs checkpoints")] = (
        _DEFAULT_SEAL_KEY_FILE
    )
    checkpoint_sink: Annotated[
        str,
        Meta(description="folder outside the database, or http(s) URL, to which every checkpoint goes"),
    ] = _DEFAULT_SINK
    master_key_command: Annotated[
        str | None,
        Meta(description="command that prints the master key, instead of a file"),
    ] = None
    phone_region: Annotated[
        str, Meta(pattern=r"^[A-Z]{2}$", description="country of telephone numbers without a country code")
    ] = "CN"
    trusted_proxies: Annotated[
        str,
        Meta(description="networks, by commas, whose X-Forwarded-For is believed; unset: none"),
    ] = ""
    accesses_kept_days: Annotated[
        int, Meta(ge=183, description="days for which it is known who read whose personal data")
    ] = 730
    smtp_url: Annotated[
        str | None,
        Meta(description="mail server for reminders, smtp(s)://user:password@host; unset: none are sent"),
    ] = None
    mail_from: Annotated[
        str, Meta(pattern=r"^[^@\s]+@[^@\s]+$", description="address that reminders come from")
    ] = "daybook@localhost"
    sms_url: Annotated[
        str | None, Meta(description="gateway that messages by sms are posted to; unset: none are sent")
    ] = None
    wechat_url: Annotated[
        str | None,
        Meta(description="gateway that messages by WeChat are posted to; unset: none are sent"),
    ] = None
    webhook_url: Annotated[
        str | None,
        Meta(description="address that messages by webhook are posted to; unset: none are sent"),
    ] = None
    message_secret: Annotated[
        str | None,
        Meta(description="whsec_ and base64: signs what is posted to these, and is needed for them"),
    ] = None
    message_language: Annotated[
        Literal["en", "zh-CN"],
        Meta(description="language of messages where neither order nor customer names one, en or zh-CN"),
    ] = "en"
    care_link: Annotated[
        str | None,
        Meta(
            pattern=r"^https?://\S+$",
            description="address of /v1/care/ for customers, to which a token is added; unset: no clicks",
        ),
    ] = None
    survey_page: Annotated[
        str | None,
        Meta(
            pattern=r"^https?://\S+$",
            description="page that asks, to whose address a survey's token is added; unset: none is sent",
        ),
    ] = None
    carrier_url: Annotated[
        str | None,
        Meta(description="address that is asked where shipments are, each minute; unset: none is asked"),
    ] = None
    carrier_token: Annotated[
        str | None, Meta(description="bearer token for that address; unset: none is sent")
    ] = None
    tenant: Annotated[
        str, Meta(pattern=TENANT_NAME, description="tenant that commands of the command line act on")
    ] = "demo"
    log_level: Annotated[
        Literal["debug", "info", "warning", "error", "critical"],
        Meta(description="least level that is logged"),
    ] = "info"
    demo: Annotated[bool, Meta(description="open the demo shop on the first start")] = True
    max_body_bytes: Annotated[int, Meta(ge=1024, description="largest request body, in bytes")] = 1_048_576

    def __post_init__(self) -> None:
        """Resolve what depends on the working directory or on another field."""
        data_dir = self.data_dir.absolute()
        msgspec.structs.force_setattr(self, "data_dir", data_dir)
        for field in ("master_key_file", "seal_key_file"):
            path = _in_folder(getattr(self, field), data_dir)
            msgspec.structs.force_setattr(self, field, path)
        if "://" not in self.checkpoint_sink:
            sink = _in_folder(Path(self.checkpoint_sink), data_dir)
            msgspec.structs.force_setattr(self, "checkpoint_sink", str(sink))
        _ = self.trusted_networks  # refused here, at the start, and not at the first request
        msgspec.structs.force_setattr(
            self, "owner_database_url", self.owner_database_url or self.database_url
        )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """The settings of these DAYBOOK_… variables; an empty value counts as unset.

        Raises SettingsError for a bad value and for an unknown variable (a misspelt one would otherwise
        be silently without effect). DAYBOOK_TEST_… belongs to the tests and is passed over.
        """
        types = get_type_hints(cls, include_extras=True)
        values: dict[str, Any] = {}
        for variable, text in environment.items():
            if not variable.startswith(PREFIX) or variable.startswith(_TEST_PREFIX):
                continue
            field = variable.removeprefix(PREFIX).lower()
            if field not in types or variable != _variable(field):
                raise SettingsError(_unknown(variable, types))
            if text:
                values[field] = _convert(variable, text, types[field])
        return cls(**values)

    @property
    def trusted_networks(self) -> tuple[Network, ...]:
        """The networks of the trusted proxies. SettingsError for what is none."""
        try:
            return tuple(ip_network(part.strip()) for part in self.trusted_proxies.split(",") if part.strip())
        except ValueError as error:
            raise SettingsError(
                f"{PREFIX}TRUSTED_PROXIES={self.trusted_proxies!r}: expected addresses or networks such as"
                f" 10.0.0.0/8, by commas ({error})"
            ) from None

    def require_database_url(self) -> str:
        """The service's database. SettingsError where there is none: a part alone runs no database."""
        if self.database_url is None:
            raise SettingsError(f"{PREFIX}DATABASE_URL is not set; daybook serve runs its own database")
        return self.database_url

    def rows(self) -> Iterator[SettingRow]:
        """Every setting in the order of the fields, fit to be shown or logged."""
        types = get_type_hints(type(self), include_extras=True)
        for field in msgspec.structs.fields(self):
            yield SettingRow(
                variable=_variable(field.name),
                value=_shown(getattr(self, field.name), secret=field.name in _SECRETS),
                default=_shown(field.default),
                help=_meta(types[field.name]).description or "",
            )


def _in_folder(path: Path, data_dir: Path) -> Path:
    """The path that a setting names, absolute; of a default the one in the data folder."""
    return data_dir / path.name if path.parts[:1] == ("<data_dir>",) else path.absolute()


def mask_password(url: str) -> str:
    """A PostgreSQL URL or conninfo string with `***` for its password; hidden whole if in doubt."""
    # Up to the last @: a password whose / or @ was not percent-encoded is no valid URL, but a secret.
    masked = re.sub(r"^(\w+://[^:@/?]*):.*@", rf"\1:{_MASK}@", url)
    masked = re.sub(r"(password\s*=\s*)('(?:[^'\\]|\\.)*'|[^\s&]+)", rf"\1{_MASK}", masked)
    try:
        parameters = conninfo_to_dict(masked)
    except ProgrammingError:
        return "(set, not shown)"
    secrets = {parameters.get("password"), parameters.get("sslpassword")}
    return masked if secrets <= {None, _MASK} else "(set, not shown)"


def _variable(field: str) -> str:
    return PREFIX + field.upper()


def _meta(annotated: Any) -> Meta:
    return next(part for part in get_args(annotated) if isinstance(part, Meta))


_SECRETS = frozenset({"carrier_token", "message_secret"})
_NOT_SHOWN = "(set, not shown)"


def _shown(value: object, *, secret: bool = False) -> str:
    if value is None:
        return ""
    if secret:
        return _NOT_SHOWN
    if isinstance(value, bool):
        return str(value).lower()
    return mask_password(value) if isinstance(value, str) and _holds_password(value) else str(value)


def _holds_password(text: str) -> bool:
    return "://" in text or "=" in text


def _unknown(variable: str, fields: Mapping[str, Any]) -> str:
    close = difflib.get_close_matches(variable.upper(), [_variable(field) for field in fields])
    hint = f"did you mean {' or '.join(close)}?" if close else "daybook settings lists all variables"
    return f"{variable} is not a setting: {hint}"


def _convert(variable: str, text: str, annotated: Any) -> Any:
    if variable.endswith("_DATABASE_URL"):
        return _database_url(variable, text)
    try:
        return msgspec.convert(text, annotated, strict=False, dec_hook=_path)
    except msgspec.ValidationError as error:
        expected = "true or false" if get_args(annotated)[0] is bool else str(error)
        raise SettingsError(f"{variable}={text!r}: {_plain(expected)}") from None


def _path(kind: type, text: str) -> Path:
    assert kind is Path
    return Path(text)


def _database_url(variable: str, text: str) -> str:
    try:
        conninfo_to_dict(text)
    except ProgrammingError:
        # Neither the value nor libpq's message is repeated: both may hold the password.
        raise SettingsError(
            f"{variable} (value not shown): expected postgresql://user:password@host:port/database"
        ) from None
    return text


def _plain(text: str) -> str:
    return text if text.startswith("Expected") else f"expected {text}"
