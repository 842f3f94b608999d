"""The app as a Space on the Hugging Face Hub: created or updated, followed until it answers."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx2
from huggingface_hub import HfApi, SpaceHardware, SpaceRuntime, constants, get_token
from huggingface_hub.errors import RepositoryNotFoundError

import resnet_demo
from resnet_demo.checkpoints.space import File
from resnet_demo.checkpoints.writing import writing_to
from resnet_demo.errors import DemoError, quoted

HARDWARE = {"zero": SpaceHardware.ZERO_A10G, "cpu": SpaceHardware.CPU_BASIC, "gpu": SpaceHardware.T4_SMALL}
VARIABLES = {"GRADIO_ANALYTICS_ENABLED": "False"}
ON_ITS_WAY = ("BUILDING", "RUNNING_BUILDING", "APP_STARTING", "RUNNING_APP_STARTING")
INTERVAL, PATIENCE = 5.0, 1800.0
"""Seconds between two looks at the build, and until it is given up."""
LAST_LINES = 15


@dataclass(frozen=True)
class Deployed:
    """A Space that answers: its page, its own address, and the commit that it runs."""

    page: str
    url: str
    commit: str


def deploy(
    root: Path, files: list[File], repository: str, hardware: str | None, private: bool, say: Callable[[str], None]
) -> Deployed:
    """Uploads `files` of the folder `root` to the Space `repository` ("owner/name") and waits until it answers.

    A Space that is not there is created; one that is there gets exactly these files. `hardware` is a key of
    `HARDWARE`, None to leave it as it is. `say` is told each step. Raises DemoError: one sentence for each refusal.
    """
    api = HfApi()
    with writing_to(repository):
        _prepare(api, repository, hardware, private, say)
        say(f"uploading {len(files)} files")
        commit = api.upload_folder(
            repo_id=repository,
            folder_path=root,
            repo_type="space",
            allow_patterns=[file.path for file in files],
            delete_patterns="*",
            commit_message=f"Deploy {resnet_demo.__version__}",
        ).oid
        return _follow(api, repository, commit, say)


def _prepare(api: HfApi, repository: str, hardware: str | None, private: bool, say: Callable[[str], None]) -> None:
    """Creates the Space, or sets up the one that is there. Raises DemoError for a Space that holds another app."""
    flavour = HARDWARE[hardware] if hardware else None
    try:
        there = api.space_info(repository)
    except RepositoryNotFoundError:
        say(f"creating the Space {repository}")
        variables = [{"key": key, "value": value} for key, value in VARIABLES.items()]
        api.create_repo(
            repository,
            repo_type="space",
            space_sdk="gradio",
            private=private,
            space_hardware=flavour,
            space_variables=variables,
        )
        return
    names = {sibling.rfilename for sibling in there.siblings or []}
    if names - {"README.md", ".gitattributes"} and "resnet_demo/__init__.py" not in names:
        raise DemoError("deploy_taken", name=repository)
    say(f"updating the Space {repository}")
    for key, value in VARIABLES.items():
        api.add_space_variable(repository, key, value)
    if private and not there.private:
        api.update_repo_settings(repository, repo_type="space", private=True)
    if flavour:
        api.request_space_hardware(repository, flavour)


def _follow(api: HfApi, repository: str, commit: str, say: Callable[[str], None]) -> Deployed:
    """Waits until the Space runs this commit and answers.

    Raises DemoError if it does not, after saying the log's last lines.
    """
    deadline, told = time.monotonic() + PATIENCE, ""
    while time.monotonic() < deadline:
        runtime = api.get_space_runtime(repository)
        if runtime.stage != told:
            told = runtime.stage
            say(told.lower().replace("_", " "))
        current = runtime.raw.get("sha") in (None, commit)
        if current and runtime.stage == "RUNNING":
            url = _answers(api, repository)
            if url:
                return Deployed(f"{constants.ENDPOINT}/spaces/{repository}", url, commit)
        elif current and runtime.stage not in ON_ITS_WAY:
            for line in _last_lines(api, repository, runtime):
                say(line)
            raise DemoError("deploy_failed", name=repository, stage=runtime.stage)
        time.sleep(INTERVAL)
    raise DemoError("deploy_slow", name=repository, minutes=round(PATIENCE / 60), stage=told)


def _answers(api: HfApi, repository: str) -> str | None:
    """The Space's own address, once its app answers there."""
    url = api.space_info(repository).host
    if not url:
        return None
    try:
        # With the token, since a private Space answers its owner only.
        answer = httpx2.get(f"{url}/healthz", headers={"Authorization": f"Bearer {get_token()}"}, timeout=30)
    except httpx2.TransportError:
        return None
    return url if answer.status_code == 200 else None


def _last_lines(api: HfApi, repository: str, runtime: SpaceRuntime) -> list[str]:
    log = list(api.fetch_space_logs(repository, build=runtime.stage in ("BUILD_ERROR", "CONFIG_ERROR")))
    return [str(quoted(line.rstrip())) for line in log[-LAST_LINES:]]
