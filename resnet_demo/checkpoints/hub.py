"""The Hugging Face Hub: weights at a revision, kept in the Hub's own cache.

huggingface_hub fetches, so `HF_ENDPOINT`, `HF_HUB_OFFLINE`, `HF_TOKEN` and `HF_HOME` hold. Only safetensors are
fetched: a pickle such as pytorch_model.bin could run code when it is read.
"""

import re
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import httpx2
from huggingface_hub import constants, get_hf_file_metadata, hf_hub_download, hf_hub_url, try_to_load_from_cache
from huggingface_hub.errors import (
    FileMetadataError,
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.utils import validate_repo_id  # type: ignore[attr-defined]

from resnet_demo.errors import CheckpointError

WEIGHTS_FILE, CARD_FILE, CONFIG_FILE = "model.safetensors", "card.json", "config.json"
REFUSED = (401, 403)
SHA256 = re.compile("[0-9a-f]{64}")
HUB_ID = re.compile(r"(?P<repository>[\w.-]+/[\w.-]+)(@(?P<revision>[\w./-]+))?")
FILES = (".safetensors", ".pth", ".pth.tar", ".pt", ".bin", ".ckpt", ".pkl", ".pickle")
"""How files of weights end: such a name is a path, never a Hub id."""


@dataclass(frozen=True)
class Release:
    """A model on the Hub.

    Attributes:
        name: what `fetch` calls it: "resnet50", or its Hub id.
        repository: "owner/name".
        revision: a commit, which never changes, or a branch.
        sha256: of its weights; "" where none is on record, and then the one that the Hub states counts.
    """

    name: str
    repository: str
    revision: str = "main"
    sha256: str = ""


# timm's copies of torchvision's IMAGENET1K_V1 weights, with torchvision's keys. The commits and checksums are those of
# the Hub's own pages (huggingface.co/<repository>/commits and /blob/<commit>/model.safetensors). ResNet-101's commit is
# known there by its first digits only, 54887a0, which the Hub does not resolve: write the whole one in place of "main".
_IMAGENET = (
    Release(
        "resnet18",
        "timm/resnet18.tv_in1k",
        "bbd144b3e5565108aad885f145491d11bc6ce807",
        "694f673df6520a3158624e8a89af086f59923ee4cd7436fe5bc3bc71d295ad81",
    ),
    Release(
        "resnet34",
        "timm/resnet34.tv_in1k",
        "1b7b21cca82ff974d341713f777bf740c2db38c4",
        "0bb82595a564991a9d424708b33f5d843f5aaed7f6c0886ff10849ff97022235",
    ),
    Release(
        "resnet50",
        "timm/resnet50.tv_in1k",
        "78f3ecfdb38e06d9b8397f662e7ab8fee96026fa",
        "5d061a3c593d795bfe682d9b152bafbcf550579873492def3515b46db1189888",
    ),
    Release("resnet101", "timm/resnet101.tv_in1k", "main"),
    Release(
        "resnet152",
        "timm/resnet152.tv_in1k",
        "1f8fa579af406a6f10e457a6dce6909c9157a70f",
        "15897077afdf4d6334dc0c3f8e6fb483afb3faa9298c139f3c6eb29bca6ae5b2",
    ),
)
IMAGENET: dict[str, Release] = {release.name: release for release in _IMAGENET}


def imagenet(name: str) -> Release:
    """ImageNet's weights for the architecture `name`. Raises CheckpointError where there are none."""
    if name not in IMAGENET:
        raise CheckpointError("imagenet_missing", name=name, names=", ".join(IMAGENET))
    return IMAGENET[name]


def hub_id(text: str) -> Release | None:
    """The model that "owner/name" or "owner/name@revision" stands for; None where `text` is no such id."""
    found = HUB_ID.fullmatch(text)
    if not found or text.endswith(FILES):
        return None
    try:
        validate_repo_id(found["repository"])
    except HFValidationError:
        return None
    return Release(text, found["repository"], found["revision"] or "main")


def cached(release: Release, file: str = WEIGHTS_FILE) -> Path | None:
    """Where the file lies in the cache. Never asks the network."""
    found = try_to_load_from_cache(release.repository, file, revision=release.revision)
    return Path(found) if isinstance(found, str) else None


def get(release: Release, file: str = WEIGHTS_FILE) -> Path:
    """The file in the cache, fetched first if need be, with a progress bar. A cut connection is taken up again.

    Raises CheckpointError, which says what to run or to set.
    """
    try:
        if not cached(release, file):
            _reach(release, file)
        return Path(hf_hub_download(release.repository, file, revision=release.revision))
    except httpx2.ConnectError as error:
        raise _unreachable(release) from error
    except LocalEntryNotFoundError as error:
        if isinstance(error.__cause__, HfHubHTTPError | FileMetadataError):  # it answered, but not with the file
            raise _failed(release, file, error.__cause__) from error
        if constants.HF_HUB_OFFLINE:
            raise CheckpointError("hub_switched_off", repository=release.repository, name=release.name) from error
        raise _unreachable(release) from error
    except RemoteEntryNotFoundError as error:
        raise CheckpointError(
            "hub_file", repository=release.repository, file=file, revision=release.revision
        ) from error
    except RevisionNotFoundError as error:
        raise CheckpointError("hub_revision", repository=release.repository, revision=release.revision) from error
    except (httpx2.HTTPError, OSError) as error:
        raise _failed(release, file, error) from error


def _reach(release: Release, file: str) -> None:
    """Raises httpx2.ConnectError where the Hub is out of reach: its client would go on for half a minute, and aloud.

    Whatever else it answers, the download that follows meets it again, and tries it again where that may help.
    """
    if not constants.HF_HUB_OFFLINE:
        with suppress(HfHubHTTPError, FileMetadataError, httpx2.TimeoutException, httpx2.RemoteProtocolError):
            get_hf_file_metadata(hf_hub_url(release.repository, file, revision=release.revision))


def _unreachable(release: Release) -> CheckpointError:
    return CheckpointError("hub_offline", repository=release.repository, endpoint=constants.ENDPOINT, name=release.name)


def _failed(release: Release, file: str, error: Exception) -> CheckpointError:
    """A download that was refused, or that began and broke off."""
    refused = isinstance(error, HfHubHTTPError) and error.response.status_code in REFUSED
    if refused or isinstance(error, RepositoryNotFoundError):
        return CheckpointError("hub_refused", repository=release.repository, endpoint=constants.ENDPOINT)
    return CheckpointError(
        "hub_broken",
        file=file,
        repository=release.repository,
        reason=str(error).strip().split("\n")[0] or type(error).__name__,
        name=release.name,
    )


def at_one_commit(release: Release, card: Path) -> Release:
    """The commit that a fetched card belongs to, so that its weights are of the same one."""
    return replace(release, revision=card.parent.name)


def stated_sha256(release: Release, path: Path) -> str | None:
    """What the weights' checksum has to be: the one on record, else the one by which the cache keeps the Hub's file."""
    blob = path.readlink().name if path.is_symlink() else path.name  # one link on: that file may be a link of its own
    return release.sha256 or (blob if SHA256.fullmatch(blob) else None)


def discard(path: Path) -> None:
    """Takes a damaged file out of the cache, so that it is fetched again."""
    path.resolve().unlink(missing_ok=True)
    path.unlink(missing_ok=True)
