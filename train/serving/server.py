"""A model's server: a process of its own, run as `python -P -m train.serving.server PLAN FD`.

It maps the weights of one GGUF file, so that servers of the same file share them, and puts adapters
over them. It takes calls on a loopback port of its own choosing, writes the address into the file
descriptor that it was given, and ends as soon as its standard input does: that is, with the process
that started it, however that one ends.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from train.serving.plan import ServerPlan, Started

_HTTP_THREADS = 8


def main() -> None:
    """Serve until the other end of standard input is gone."""
    plan, announce = ServerPlan.model_validate_json(sys.argv[1]), int(sys.argv[2])
    server = _serve(plan)
    with os.fdopen(announce, "wb") as told:
        told.write(Started(url=server.listening_address, pid=os.getpid()).model_dump_json().encode())
    while sys.stdin.buffer.read(1):
        pass
    os._exit(0)  # the library's threads need no farewell, and would take their time over it


def _serve(plan: ServerPlan) -> Any:
    from xllamacpp import CommonAdapterLoraInfo, CommonParams, Server, common_reasoning_format

    params = CommonParams()
    params.model.path = plan.model
    params.model_alias = {plan.alias}
    params.lora_adapters = [CommonAdapterLoraInfo(path, 1.0) for path in plan.adapters]
    params.n_ctx = plan.slots * plan.context
    params.n_parallel = plan.slots
    params.n_ubatch = plan.batch
    params.n_gpu_layers = 0
    params.cpuparams.n_threads = plan.threads
    params.cpuparams_batch.n_threads = plan.threads
    params.n_threads_http = _HTTP_THREADS
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.cache_ram_mib = 0
    params.verbosity = 1
    params.offline = True
    params.ui = False
    params.endpoint_slots = False
    params.no_extra_bufts = True  # else weights are rearranged into memory of each process's own
    params.reasoning_format = (
        common_reasoning_format.COMMON_REASONING_FORMAT_NONE
    )  # the tags are ours to read
    params.force_pure_content_parser = True
    if plan.template:
        params.chat_template = plan.template
    return Server(params)


if __name__ == "__main__":
    main()
