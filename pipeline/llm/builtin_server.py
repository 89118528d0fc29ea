"""The built-in model's server: a process of its own, run as `python -P -m pipeline.llm.builtin_server`.

It takes calls on a loopback port of its own choosing, writes the address where the project's
processes look for it, and ends as soon as none of them lives.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from typing import Any

from pipeline.llm.builtin_files import ALIAS, Cores, Meeting, Running, idle_cores

_POLL_S = 0.5
_HTTP_THREADS = 8


def main() -> None:
    """Serve until the last user is gone."""
    arguments = _arguments()
    meeting = Meeting(arguments.folder)
    if not meeting.server_lock.try_acquire():
        return  # somebody else serves this project already
    threads = Cores(arguments.cores).take(min(arguments.threads, idle_cores()))
    server = _serve(arguments.gguf, threads, arguments.slots, arguments.context)
    meeting.announce(Running(server.listening_address, os.getpid(), threads))
    while not meeting.users_lock.try_acquire():
        time.sleep(_POLL_S)
    # From here on a new user waits at its lock, and finds no server once this process is gone.
    meeting.url_file.unlink(missing_ok=True)
    os._exit(0)  # the library's threads need no farewell, and would take their time over it


def _serve(gguf: Path, threads: int, slots: int, context: int) -> Any:
    from xllamacpp import CommonParams, Server

    params = CommonParams()
    params.model.path = str(gguf)
    params.model_alias = {ALIAS}
    params.n_ctx = slots * context
    params.n_parallel = slots
    params.n_gpu_layers = 0
    params.cpuparams.n_threads = threads
    params.cpuparams_batch.n_threads = threads
    params.n_threads_http = _HTTP_THREADS
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.cache_ram_mib = 0
    params.verbosity = 1
    params.offline = True
    params.ui = False
    params.endpoint_slots = False
    return Server(params)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gguf", type=Path, required=True)
    parser.add_argument("--folder", type=Path, required=True, help="where the project's processes meet")
    parser.add_argument(
        "--cores", type=Path, required=True, help="where the servers of all projects share cores"
    )
    parser.add_argument("--threads", type=int, required=True, help="at most")
    parser.add_argument("--slots", type=int, required=True, help="calls at once")
    parser.add_argument("--context", type=int, required=True, help="tokens of one call, prompt and answer")
    return parser.parse_args()


if __name__ == "__main__":
    main()
