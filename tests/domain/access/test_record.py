"""The record of doors: what was changed, and nothing upon an older version."""

from domain.access.record import PasswordChanged, RecordAccess, UserChanged, UserErased
from domain.kernel.errors import VersionConflict
from tests.support.decisions import given

CHANGED = ("access-u1", PasswordChanged(user_id="u1"))
DISABLED = UserChanged(user_id="u1", disabled=True)


def test_a_change_is_recorded_as_it_is() -> None:
    given().when(RecordAccess(id="u1", event=DISABLED)).then(("access-u1", DISABLED))


def test_an_erasure_is_recorded_once() -> None:
    erased = UserErased(user_id="u1", reason="request")
    given().when(RecordAccess(id="u1", event=erased)).then(("access-u1", erased))
    given(("access-u1", erased), CHANGED).when(RecordAccess(id="u1", event=erased)).then()


def test_a_change_upon_an_older_version_is_refused() -> None:
    command = RecordAccess(id="u1", event=DISABLED, expected_version=0)
    given(CHANGED).when(command).refused(VersionConflict, expected=0, actual=1)
