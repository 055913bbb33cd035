"""Lines that somebody types on a router."""

from nornir_bgp.lab.lab import Lab


def configure(lab: Lab, router: str, *lines: str) -> None:
    """Change a router by hand."""
    commands = [word for line in ("configure terminal", *lines) for word in ("-c", line)]
    done = lab.run(router, ["vtysh", *commands], timeout=20)
    assert done.returncode == 0, done.stdout + done.stderr
