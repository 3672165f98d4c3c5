"""Give every reader of the gate mutated inputs, and count what misbehaves.

    PYTHONPATH=tests python -m fuzz --inputs 100000 --seed 1

An input misbehaves when a command ends in an exception, in an exit code that is not its own, with
more than one line of error or a control character on the terminal, or takes over five seconds of
CPU. Each is kept in --keep, and the count of each is printed; the exit code is 1 when there is one.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import random
import re
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from fuzz.readers import Reader, all_readers, build_project
from support.command_line import unwrap

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x9b\u202a-\u202e\u2066-\u2069]")
_SECONDS = 5
_GIGABYTES = 4


class Hang(BaseException):
    """A command took more CPU than it may."""


def main() -> int:
    """Run the inputs, reader by reader, and print what came of them."""
    parser = argparse.ArgumentParser(
        prog="python -m fuzz", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--inputs", type=int, default=100_000, help="default: 100,000")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--reader", help="only this one")
    parser.add_argument("--keep", type=Path, help="write what misbehaves into this folder")
    args = parser.parse_args()
    memory = _GIGABYTES * 2**30
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    bad: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as place, contextlib.chdir(place):
        build_project(Path(place))
        readers = [r for r in all_readers(Path(place)) if args.reader in (None, r.name)]
        for reader in readers:
            began, count = time.monotonic(), args.inputs // len(readers)
            found = Counter(run_reader(reader, count, args.seed, args.keep))
            bad += found
            took = time.monotonic() - began
            print(f"{reader.name:14}{count:8,} inputs  {found.total():5} bad  {took:5.0f} s")
    for what, count in bad.most_common():
        print(f"{count:6}  {what}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{bad.total()} misbehaved; largest memory {peak:,.0f} MB")
    return int(bool(bad))


def run_reader(reader: Reader, count: int, seed: int, keep: Path | None) -> Iterator[str]:
    """Give one reader its inputs; yield what misbehaves, in one line each."""
    generator = random.Random(f"{reader.name} {seed}")
    path = Path(reader.path)
    sound = path.read_bytes() if path.exists() else None
    for number in range(count):
        made = reader.make(generator)
        data = made if isinstance(made, bytes) else made.encode("utf-8", "surrogatepass")
        path.write_bytes(data)
        complaint = watch(generator.choice(reader.calls))
        if complaint:
            yield f"{reader.name}: {complaint}"
            if keep:
                keep.mkdir(parents=True, exist_ok=True)
                (keep / f"{reader.name}-{seed}-{number}").write_bytes(data)
    path.unlink()
    if sound is not None:
        path.write_bytes(sound)


def watch(call: Callable[[], int]) -> str:
    """Return what is wrong with how a command ended, or nothing."""
    out, err = io.StringIO(), io.StringIO()
    signal.signal(signal.SIGPROF, _stop)
    signal.setitimer(signal.ITIMER_PROF, _SECONDS)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = call()
    except Hang:
        return f"over {_SECONDS} s of CPU at {_last_place()}"
    except BaseException as error:
        return f"{type(error).__name__} at {_last_place()}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return judge_end(code, out.getvalue(), err.getvalue())


def judge_end(code: object, out: str, err: str) -> str:
    """Return what is wrong with an exit code and what was printed, or nothing."""
    if code not in (0, 1, 2, 3):
        return f"exit code {code!r}"
    *progress, last = unwrap(err).splitlines() or [""]
    if code == 2 and (len(progress) > 1 or not last.startswith("holdfast: ")):
        return f"{len(progress) + 1} lines of error for exit code 2"
    if _CONTROL.search(out) or _CONTROL.search(err):
        return "a control character on the terminal"
    if "Traceback" in err:
        return "a traceback"
    return ""


def _last_place() -> str:
    """Return the innermost line of the gate in the exception that is being handled."""
    frames = traceback.extract_tb(sys.exc_info()[2])
    ours = [frame for frame in frames if "holdfast" in frame.filename or "tools" in frame.filename]
    frame = (ours or frames)[-1]
    return f"{Path(frame.filename).name}:{frame.lineno}"


def _stop(*_: object) -> None:
    raise Hang


if __name__ == "__main__":
    sys.exit(main())
