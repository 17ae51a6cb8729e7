"""The shell of the pty harness: leads the session, runs one program in the foreground, outlives it.

It stays behind so that the terminal's settings can be read after the program ended (when a session leader ends, the
kernel resets them), and so that Ctrl+Z, `fg` and a hang-up behave as under a real shell.

Run as: python leader.py TTY REPORT_FD COMMAND_FD PROGRAM [ARGUMENT…]. Reports are JSON lines: {"pid"}, {"stopped"},
{"exit", "cpu_s"}; commands are lines: "fg" while the program is stopped; the end of the pipe ends the shell.
"""

import contextlib
import fcntl
import json
import os
import signal
import sys
import termios


def main() -> None:
    tty_name, report_fd, command_fd = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    tty = os.open(tty_name, os.O_RDWR)
    fcntl.ioctl(tty, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # a shell takes its terminal back from the background

    def report(**facts: object) -> None:
        os.write(report_fd, json.dumps(facts).encode() + b"\n")

    ready, go = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.read(ready, 1)
        for fd in (0, 1, 2):
            os.dup2(tty, fd)
        os.closerange(3, 256)
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        try:
            os.execvp(sys.argv[4], sys.argv[4:])
        except OSError as error:
            os.write(2, f"{sys.argv[4]}: {error}\n".encode())
            os._exit(127)
    os.setpgid(pid, pid)
    os.tcsetpgrp(tty, pid)
    os.write(go, b"!")
    report(pid=pid)

    def pass_on(number: int, _frame: object) -> None:
        with contextlib.suppress(ProcessLookupError):  # it ended, and was not yet waited for
            os.killpg(pid, number)

    signal.signal(signal.SIGHUP, pass_on)
    with os.fdopen(command_fd) as commands:
        while True:
            _pid, status, used = os.wait4(pid, os.WUNTRACED)
            with contextlib.suppress(OSError):  # the terminal hung up
                os.tcsetpgrp(tty, os.getpgrp())
            if not os.WIFSTOPPED(status):
                break
            report(stopped=os.WSTOPSIG(status))
            if commands.readline() != "fg\n":
                return
            os.tcsetpgrp(tty, pid)
            os.killpg(pid, signal.SIGCONT)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        report(exit=os.waitstatus_to_exitcode(status), cpu_s=used.ru_utime + used.ru_stime)
        commands.read()


if __name__ == "__main__":
    main()
