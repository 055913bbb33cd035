"""The login shell of a router with an ear: ``vtysh``, and every line is told before it gets there.

Runs inside the router as ``netadmin``, by the system's Python. Between sshd's terminal and vtysh's
it copies both ways; a line that was typed waits until the test at the other end of a Unix socket
has done with it what it likes, a fault included. What vtysh answers is passed as it is.
"""

import os
import pty
import select
import signal
import socket
import struct
import sys
import termios
import tty
from fcntl import ioctl

ROUTER, SOCKET = sys.argv[1:3]


def main() -> int:
    ear = socket.socket(socket.AF_UNIX)
    ear.connect(SOCKET)
    ear.sendall(f"{ROUTER} {os.getppid()}\n".encode())
    child, vtysh = pty.fork()
    if child == 0:
        os.execv("/usr/bin/vtysh", ["-vtysh"])  # noqa: S606 - no shell is meant
    ioctl(vtysh, termios.TIOCSWINSZ, ioctl(0, termios.TIOCGWINSZ, struct.pack("4H", 0, 0, 0, 0)))
    tty.setraw(0)
    signal.signal(signal.SIGHUP, lambda *_: os.kill(child, signal.SIGHUP))
    typed = b""
    while True:
        ready, _, _ = select.select([0, vtysh], [], [])
        if vtysh in ready:
            try:
                os.write(1, os.read(vtysh, 65536))
            except OSError:  # either end is gone
                break
        if 0 in ready:
            more = os.read(0, 65536)
            if not more:
                break
            typed += more
            *lines, typed = typed.replace(b"\r", b"\n").split(b"\n")
            for line in lines:
                ear.sendall(line + b"\n")
                if ear.recv(1) != b".":
                    os.kill(child, signal.SIGKILL)
                    return 1
                os.write(vtysh, line + b"\n")
    os.kill(child, signal.SIGHUP)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    sys.exit(main())
