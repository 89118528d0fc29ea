"""An hour of work on one project by several processes that are killed again and again.

    python tests/benchmarks/soak_store.py [--minutes 10] [--sentences 4000] [--every 2]

One process generates, two review, all fold now and then, and every few seconds one of them gets
`kill -9`. Each writes down what it was told is saved, in a file of its own that the store knows
nothing of. At the end: is every acknowledged decision there, was nothing paid twice but what was in
flight, was no candidate in front of two people, was none judged twice?
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from data.ids import new_id
from data.records import Decision, Status
from data.store import Dataset, ProjectFolder, StageLog, check
from tests.stubs.made_up import a_call, a_candidate, a_sentence

KINDS = ("accept", "accept", "edit", "reject", "skip")


class Diary:
    """What one process was told, each line handed to the system at once."""

    def __init__(self, folder: Path) -> None:
        self._fd = os.open(folder / f"{new_id()}.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def note(self, event: str, **facts: Any) -> None:
        """Write a line."""
        os.write(self._fd, json.dumps({"event": event, **facts}).encode() + b"\n")


@contextmanager
def in_front(folder: Path, sentence: str, diary: Diary) -> Iterator[None]:
    """Mark a sentence as being looked at, and tell on whoever looks at it too."""
    mark = folder / sentence
    me = str(os.getpid())
    with suppress(FileNotFoundError):
        other = mark.read_text()
        if (
            other != me
            and Path(f"/proc/{other}").exists()
            and "--role" in Path(f"/proc/{other}/cmdline").read_text(encoding="utf-8")
        ):
            diary.note("two people", sentence=sentence)
    mark.write_text(me)
    yield
    mark.unlink()


def generate(dataset: Dataset, log: StageLog, diary: Diary, root: Path, chance: random.Random) -> None:
    """Generate one sentence, unless another process is at it or has done it."""
    new = dataset.ids({Status.NEW})[:50]
    if not new:
        time.sleep(0.05)
        return
    sentence = chance.choice(new)
    lease = dataset.claim(sentence, "generate")
    if lease is None:
        return
    with lease:
        if dataset.candidates_of(sentence):
            return
        for number in range(3):
            key = f"{sentence}:{number}"
            if log.find(key) is None:
                diary.note("pays", key=key)
                log.append(a_call(sentence, key=key, number=number))
                diary.note("paid", key=key)
        dataset.add_candidate(a_candidate(dataset.sentence(sentence)))
        diary.note("generated", sentence=sentence)


def review(dataset: Dataset, _: StageLog, diary: Diary, root: Path, chance: random.Random) -> None:
    """Judge one candidate, now and then undo, redo or fold."""
    ready = dataset.ids({Status.GENERATED})[:20]
    if not ready:
        time.sleep(0.02)
        return
    sentence = chance.choice(ready)
    lease = dataset.claim(sentence, "review")
    if lease is None:
        return
    with lease, in_front(root / "front", sentence, diary):
        if dataset.row(sentence).status is not Status.GENERATED:
            return
        kind = chance.choice(KINDS)
        output = f"by {dataset.annotator}" if kind == "edit" else None
        decision = Decision(id=new_id(), sentence=sentence, kind=kind, by=dataset.annotator, output=output)
        diary.note("judges", decision=decision.id, sentence=sentence)
        dataset.decide(decision)
        diary.note("judged", decision=decision.id, sentence=sentence)
    if chance.random() < 0.05 and (undone := dataset.undo()) is not None:
        diary.note("undone", decision=undone.id, sentence=undone.sentence)
        if chance.random() < 0.5 and (redone := dataset.redo()) is not None:
            diary.note("redone", decision=redone.id, sentence=redone.sentence)


ROLES: dict[str, Callable[[Dataset, StageLog, Diary, Path, random.Random], None]] = {
    "autogen": generate,
    "mina": review,
    "jun": review,
}


def play(role: str, root: Path) -> None:
    """Be one of the processes, until killed."""
    chance = random.Random()
    folder = ProjectFolder(root / "project")
    diary = Diary(root / "diaries")
    with Dataset.open(folder, annotator=role) as dataset, StageLog(folder) as log:
        while not (root / "stop").exists():
            dataset.follow()
            ROLES[role](dataset, log, diary, root, chance)
            if chance.random() < 0.01:
                dataset.fold()


def soak(root: Path, minutes: float, every: float) -> int:
    """Start, kill and restart the processes; return how often one was killed."""
    chance = random.Random(0)
    running = {role: start(role, root) for role in ROLES}
    killed = 0
    end = time.monotonic() + minutes * 60
    try:
        while time.monotonic() < end:
            time.sleep(chance.uniform(0.1, 1) * every)
            role = chance.choice(list(running))
            if running[role].poll() is not None:
                raise SystemExit(f"{role} ended by itself with {running[role].returncode}; see above")
            running[role].kill()
            running[role].wait()
            killed += 1
            running[role] = start(role, root)
        (root / "stop").touch()
        if any([process.wait(60) for process in running.values()]):  # noqa: C419  # all must end
            raise SystemExit("a process did not end well; see above")
    finally:
        for process in running.values():
            process.kill()
    return killed


def start(role: str, root: Path) -> subprocess.Popen[bytes]:
    """Start one of the processes."""
    return subprocess.Popen([sys.executable, __file__, "--role", role, "--root", str(root)])


def verdict(root: Path, killed: int) -> dict[str, Any]:
    """Compare the diaries with the project."""
    told = [
        json.loads(line)
        for path in sorted((root / "diaries").iterdir())
        for line in path.read_text().splitlines()
    ]
    events = Counter(one["event"] for one in told)
    folder = ProjectFolder(root / "project")
    with Dataset.open(folder) as dataset:
        dataset.fold()
        kept = {decision.id: decision for decision in dataset.decisions()}
        judged = Counter(one.sentence for one in kept.values() if one.kind not in {"undo", "redo"})
        taken_back = Counter(one.sentence for one in kept.values() if one.kind == "undo")
        statuses = {str(status): count for status, count in dataset.counts().items() if count}
        candidates = [len(dataset.candidates_of(sentence)) for sentence in dataset.ids()]
    paid = Counter(one["key"] for one in told if one["event"] == "paid")
    return {
        "killed": killed,
        "statuses": statuses,
        "acknowledged decisions": events["judged"],
        "calls paid": events["paid"],
        "LOST decisions": sum(one["decision"] not in kept for one in told if one["event"] == "judged"),
        "LOST candidates": events["generated"] - min(events["generated"], sum(map(bool, candidates))),
        "PAID twice": sum(count - 1 for count in paid.values()),
        "GENERATED twice": sum(count > 1 for count in candidates),
        "IN FRONT of two people": events["two people"],
        "JUDGED again": sum(count > 1 + taken_back[sentence] for sentence, count in judged.items()),
        "FINDINGS": [finding.message for finding in check(folder) if finding.level != "info"],
        "LEASES left": len([path for path in folder.leases.iterdir() if "fold" not in path.name])
        > 3 * killed,
    }


def main() -> None:
    """Soak, then judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--sentences", type=int, default=20_000)
    parser.add_argument("--every", type=float, default=2, help="seconds between two kills")
    parser.add_argument("--role", choices=ROLES, help=argparse.SUPPRESS)
    parser.add_argument("--root", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.role:
        play(arguments.role, arguments.root)
        return
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for part in ("diaries", "front"):
            (root / part).mkdir()
        with Dataset.open(ProjectFolder(root / "project")) as dataset:
            dataset.add_sentences(a_sentence(number) for number in range(arguments.sentences))
        result = verdict(root, soak(root, arguments.minutes, arguments.every))
    print(json.dumps(result, indent=2, ensure_ascii=False))
    sys.exit(any(value for name, value in result.items() if name.split()[0].isupper()))


if __name__ == "__main__":
    main()
