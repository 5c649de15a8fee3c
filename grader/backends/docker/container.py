"""One container: made, started, talked to, removed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import docker
import docker.errors
from docker.types import HostConfig, LogConfig, Ulimit

from grader.backends.conversation import Conversation
from grader.backends.docker.channel import Attached
from grader.backends.docker.connection import ENGINE_ERRORS, told
from grader.errors import SandboxError
from grader.wire import Observation, Plan

_START = 60.0  # seconds for a started driver to say that it is ready
# Of the driver, which is root in there: to become the submission (SETUID, SETGID, SETPCAP), to end it (KILL), to give
# it files and take them away whatever their modes (CHOWN, DAC_OVERRIDE, FOWNER), and to see what its processes
# wait for (SYS_PTRACE with DAC_READ_SEARCH: sandbox.md has what is missing without).
_CAPABILITIES = (
    *("SETUID", "SETGID", "SETPCAP", "KILL", "CHOWN", "DAC_OVERRIDE", "FOWNER"),
    *("SYS_PTRACE", "DAC_READ_SEARCH", "IPC_OWNER"),
)
# As in driver/confine.py, of which this is the other half: sizes of every writable place, and the IPC namespace's own.
_WRITABLE = {
    "/work": "exec,size=32m,nr_inodes=4k,mode=755",
    "/tmp": "exec,size=32m,nr_inodes=4k,mode=1777",
    "/var/tmp": "exec,size=8m,nr_inodes=1k,mode=1777",
    "/build": "exec,size=96m,nr_inodes=4k,mode=755",
    "/programs": "exec,size=96m,nr_inodes=1k,mode=755",
    "/dev/shm": "size=16m,nr_inodes=1k,mode=1777",
    "/run": "size=1m,nr_inodes=64,mode=755",
    "/trace": "size=160m,nr_inodes=16,mode=711",
}
_SYSCTLS = {
    "kernel.shmall": "8192",
    "kernel.shmmax": "33554432",
    "kernel.shmmni": "64",
    "kernel.msgmni": "32",
    "kernel.msgmnb": "65536",
    "kernel.sem": "250 2048 100 64",
    "fs.mqueue.queues_max": "32",
}


@dataclass(frozen=True)
class Recipe:
    """How containers are made. image: its id. memory: for everything in one, its files in memory too ("1g")."""

    image: str
    seccomp: str
    labels: Mapping[str, str]
    memory: str = "1g"
    processes: int = 1024
    runtime: str = ""

    def host_config(self, client: docker.DockerClient) -> HostConfig:
        """What the engine is asked for."""
        return client.api.create_host_config(
            auto_remove=True,
            cap_add=list(_CAPABILITIES),
            cap_drop=["ALL"],
            ipc_mode="private",
            log_config=LogConfig(type="none"),
            mem_limit=self.memory,
            memswap_limit=self.memory,
            network_mode="none",
            pids_limit=self.processes,
            read_only=True,
            runtime=self.runtime or None,
            security_opt=["no-new-privileges", f"seccomp={self.seccomp}"],
            sysctls=dict(_SYSCTLS),
            tmpfs={path: f"nosuid,nodev,{options}" for path, options in _WRITABLE.items()},
            ulimits=[Ulimit(name="core", soft=0, hard=0), Ulimit(name="nofile", soft=4096, hard=4096)],
        )


def seccomp_profile(sandbox: Path) -> str:
    """sandbox/seccomp.json, as text for the engine."""
    file = sandbox / "seccomp.json"
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise SandboxError(f"{file} cannot be read: {error.strerror}") from None


class Container:
    """A grader.model.Sandbox in a container of its own. Made and started, and its driver ready, when this returns."""

    def __init__(self, client: docker.DockerClient, recipe: Recipe) -> None:
        self._client = client
        self.id = ""
        self._attached: Attached | None = None
        try:
            with told("the Docker engine cannot start a sandbox"):
                self._start(recipe)
        except BaseException:
            self.close()
            raise

    def _start(self, recipe: Recipe) -> None:
        api = self._client.api
        made = api.create_container(
            recipe.image,
            stdin_open=True,
            hostname="localhost",
            labels=dict(recipe.labels),
            host_config=recipe.host_config(self._client),
            network_disabled=True,
        )
        self.id = made["Id"]
        streams = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
        self._attached = Attached(api.attach_socket(self.id, params=streams))
        self._conversation = Conversation(self._attached, self._death)
        api.start(self.id)

    def await_ready(self) -> None:
        """Let the driver carry out a plan that asks for nothing. Raises SandboxError."""
        for _ in self.run(Plan((), ())):
            pass

    def run(self, plan: Plan) -> Iterator[Observation]:
        """See grader.model.Sandbox."""
        return self._conversation.run(plan)

    def _death(self) -> str:
        """Why the driver has hung up, as far as the engine still knows."""
        told_of = "the sandbox's driver died"
        try:
            state = self._client.api.inspect_container(self.id)["State"]
        except docker.errors.APIError:
            state = {}
        except ENGINE_ERRORS:
            return "the connection to the Docker engine broke; is it still running?"
        if state.get("OOMKilled"):
            told_of += ": the container ran out of memory (grader.yaml, sandbox: {options: {memory: 2g}} gives it more)"
        elif state.get("Status") == "exited":
            told_of += f" (exit {state.get('ExitCode')})"
        else:
            told_of += ", or its container was removed"
        assert self._attached is not None
        complaint = bytes(self._attached.complaints).decode("utf-8", "backslashreplace").strip().splitlines()
        return f"{told_of}: {complaint[-1]}" if complaint else told_of

    def close(self) -> None:
        """Kill and remove it. An engine that is gone takes its containers along (auto_remove)."""
        if self._attached is not None:
            with contextlib.suppress(OSError):
                self._attached.close()
        identity, self.id = self.id, ""
        if identity:
            remove(self._client, identity)


def remove(client: docker.DockerClient, identity: str) -> None:
    """Remove a container, whatever it is doing; it is no error if it is gone or going."""
    with contextlib.suppress(*ENGINE_ERRORS):
        client.api.remove_container(identity, force=True, v=True)
