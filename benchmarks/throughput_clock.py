"""CPU time of a process and its descendants, noted image by image; standard library only, for both sides' Python."""

import json
import os
import time
from pathlib import Path

PROC = Path("/proc")


def tree_cpu_s(root: int) -> float:
    """CPU seconds of a process, of its living descendants and of those that were waited for."""
    stats = {int(p.name): s for p in PROC.iterdir() if p.name.isdigit() and (s := _stat(p))}
    members, found = [root], 0.0
    while members:
        pid = members.pop()
        found += sum(map(int, stats[pid][11:15]))  # utime, stime, cutime, cstime: fields 14 to 17 in proc(5).
        members += [child for child, s in stats.items() if int(s[1]) == pid]
    return found / os.sysconf("SC_CLK_TCK")


def _stat(process: Path) -> list[str]:
    """Fields of /proc/PID/stat from the third on; the second, a name, may hold blanks. Empty if it has ended."""
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


class Marks:
    """A file with a line of JSON for each moment: CPU of this process's tree, and the machine's monotonic clock."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.write_text("")

    def mark(self, name: str, **more: object) -> None:
        """Note the moment."""
        moment = {"name": name, "cpu_s": tree_cpu_s(os.getpid()), "clock_s": time.monotonic(), **more}
        with self._path.open("a") as file:
            file.write(json.dumps(moment) + "\n")
