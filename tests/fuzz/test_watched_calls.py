"""What the fuzz campaign makes of a trace of system calls."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.fuzz_campaign import seen

BEGIN = '7 newfstatat(AT_FDCWD, "/the cases begin here", 0x7f, 0) = -1 ENOENT (No such file or directory)'
END = '7 newfstatat(AT_FDCWD, "/the cases end here", 0x7f, 0) = -1 ENOENT (No such file or directory)'


@pytest.mark.parametrize(
    ("call", "is_wrong"),
    [
        ("socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 5", True),
        ('openat(AT_FDCWD, "/etc/passwd", O_RDONLY|O_CLOEXEC) = 5', True),
        ('openat(AT_FDCWD, "../../secret.mp4", O_RDONLY|O_CLOEXEC) = 5', True),
        ('execve("/bin/sh", ["sh"], 0x7f /* 3 vars */) = 0', True),
        ('openat(AT_FDCWD, "/usr/lib/x.so", O_RDONLY|O_CLOEXEC) = 5', False),
        ('openat(AT_FDCWD, "/usr/lib/x.so", O_WRONLY|O_CREAT, 0666) = 5', True),
        ('unlink("/usr/lib/x.so") = 0', True),
        ('openat(AT_FDCWD, "case_3/x.csv", O_WRONLY|O_CREAT, 0666) = 5', False),
    ],
)
def test_only_files_of_the_case_and_what_is_installed_are_no_finding(tmp_path: Path, call: str, is_wrong: bool) -> None:
    folder = tmp_path / "campaign" / "cases"
    folder.mkdir(parents=True)
    trace = tmp_path / "trace"
    trace.write_text(
        "\n".join(('7 openat(AT_FDCWD, "/etc/shadow", O_RDONLY) = 3', BEGIN, f"7 {call}", END, "7 socket() = 1"))
    )

    assert is_wrong == bool(seen(trace, folder))


def test_a_trace_without_its_marks_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "trace").write_text(BEGIN)

    assert ["the trace has no marks"] == seen(tmp_path / "trace", tmp_path)
