"""``lab/install-packages``, with stand-ins for Debian's tools and a ``/usr/sbin`` of its own.

Installing for real would change the machine; what is asked here is what the script does around it.
"""

import os
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "lab" / "install-packages"

DPKG_QUERY = """#!/bin/sh
case $1 in
--show) shift $(($# - 1)); grep -qx "$1" "$STAND_IN/installed" && printf installed ;;
--listfiles) printf '/lib/systemd/system/%s\\n' $2.service $2@.service ;;
esac
"""
APT_GET = """#!/bin/sh
echo "$@" >>"$STAND_IN/apt"
[ "$1" = install ] || exit 0
cat /usr/sbin/policy-rc.d >"$STAND_IN/policy" 2>&1
[ -x /usr/sbin/policy-rc.d ] && echo executable >>"$STAND_IN/policy"
exit $APT_STATUS
"""
SYSTEMCTL = """#!/bin/sh
echo "$@" >>"$STAND_IN/systemctl"
[ "$1" != is-active ]
"""


class StandIn:
    """A machine in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "bin").mkdir()
        (folder / "sbin").mkdir()
        for name, text in {
            "dpkg-query": DPKG_QUERY,
            "apt-get": APT_GET,
            "systemctl": SYSTEMCTL,
        }.items():
            file = folder / "bin" / name
            file.write_text(text)
            file.chmod(0o755)
        wanted = (line.partition("#")[0] for line in SCRIPT.with_name("packages.txt").open())
        listed = [name for line in wanted for name in line.split()]
        self.packages = [name for name in listed if ":" not in name]
        self.install(*self.packages)

    @property
    def policy(self) -> Path:
        return self.folder / "sbin" / "policy-rc.d"

    def install(self, *packages: str) -> None:
        (self.folder / "installed").write_text("".join(f"{p}\n" for p in packages))

    def run(
        self, *arguments: str, root: bool = True, apt_status: int = 0
    ) -> subprocess.CompletedProcess[str]:
        called = " ".join([str(SCRIPT), *arguments])
        inside = f"mount --bind {self.folder}/sbin /usr/sbin && exec {called}"
        user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        command = ["unshare", *user, "--mount", "sh", "-c", inside]
        if not root:
            command = ["unshare", "--user", str(SCRIPT), *arguments]  # its user is nobody in there
        return subprocess.run(
            command,
            env={
                "PATH": f"{self.folder}/bin:/usr/bin:/bin",
                "STAND_IN": str(self.folder),
                "APT_STATUS": str(apt_status),
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )

    def log(self, name: str) -> str:
        file = self.folder / name
        return file.read_text() if file.exists() else ""


@pytest.fixture
def machine(tmp_path: Path) -> StandIn:
    return StandIn(tmp_path)


def test_the_list_names_what_the_lab_needs(machine: StandIn):
    assert {"frr", "openssh-server", "uidmap", "iproute2"} <= set(machine.packages)


def test_nothing_missing_nothing_done(machine: StandIn):
    done = machine.run()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert machine.log("apt") == ""
    assert machine.run(root=False).returncode == 0


def test_an_ordinary_user_is_told_in_one_line(machine: StandIn):
    machine.install(*(p for p in machine.packages if p not in ("frr", "uidmap")))
    done = machine.run(root=False)
    assert done.returncode == 1
    assert done.stderr == f"missing Debian packages: frr uidmap; install them with: sudo {SCRIPT}\n"
    assert machine.log("apt") == ""


def test_only_the_missing_are_installed_and_nothing_starts(machine: StandIn):
    machine.install(*(p for p in machine.packages if p not in ("frr", "uidmap")))
    done = machine.run()
    assert done.returncode == 0, done.stderr
    update, install = machine.log("apt").splitlines()
    assert update == "update"
    assert install == "install --yes --no-install-recommends frr uidmap"
    assert machine.log("policy") == "#!/bin/sh\nexit 101\nexecutable\n"
    assert not machine.policy.exists()
    disabled = [line for line in machine.log("systemctl").splitlines() if "disable" in line]
    assert disabled == ["disable --quiet frr.service", "disable --quiet uidmap.service"]


def test_what_the_long_tests_need_is_installed_for_them_alone(machine: StandIn):
    assert machine.run().returncode == 0
    assert machine.log("apt") == ""
    told = machine.run("long", root=False)
    assert told.stderr == (
        "missing Debian packages: chromium libatomic1 patch systemd; install them with: "
        f"sudo {SCRIPT} long\n"
    )
    assert machine.run("long").returncode == 0
    assert machine.log("apt").splitlines()[-1].endswith(" chromium libatomic1 patch systemd")


def test_a_failure_leaves_no_policy(machine: StandIn):
    machine.install()
    assert machine.run(apt_status=100).returncode == 100
    assert machine.log("policy").endswith("executable\n")
    assert not machine.policy.exists()


def test_the_owners_policy_stands(machine: StandIn):
    machine.policy.write_text("#!/bin/sh\nexit 0\n")
    machine.install()
    for status in (0, 100):
        assert machine.run(apt_status=status).returncode == status
        assert machine.policy.read_text() == "#!/bin/sh\nexit 0\n"
