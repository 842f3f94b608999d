"""The Hugging Face Hub: weights at a given revision, kept in the Hub's own cache.

huggingface_hub does the downloading, so `HF_ENDPOINT`, `HF_HUB_OFFLINE`, `HF_TOKEN` and `HF_HOME` are respected. Only
safetensors are downloaded: a pickle such as pytorch_model.bin could run code when it is read.
"""

import os
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import httpx2
from huggingface_hub import (
    HfFileMetadata,
    constants,
    get_hf_file_metadata,
    hf_hub_download,
    hf_hub_url,
    try_to_load_from_cache,
)
from huggingface_hub.errors import (
    FileMetadataError,
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.utils import tqdm, validate_repo_id  # type: ignore[attr-defined]

from resnet_demo.checkpoints.transfer import SilenceError, announce, keep, silent, unless_silent, unwritable
from resnet_demo.environment import check_network
from resnet_demo.errors import CheckpointError

WEIGHTS_FILE, CARD_FILE, CONFIG_FILE = "model.safetensors", "card.json", "config.json"
REFUSED = (401, 403)
COMMIT, SHA256 = re.compile("[0-9a-f]{40}"), re.compile("[0-9a-f]{64}")
MOST_MEGABYTES, MOST_OF_CARD = 256, 4
"""Of the weights, and of a card or a configuration, where a download is bounded."""
HUB_ID = re.compile(r"(?P<repository>[\w.-]+/[\w.-]+)(@(?P<revision>[\w./-]+))?")
FILES = (".safetensors", ".pth", ".th", ".pt", ".bin", ".ckpt", ".pkl", ".pickle", ".tar", ".zip", ".npz", ".h5")
"""How files of weights end: such a name is a path, never a Hub id."""


@dataclass(frozen=True)
class Release:
    """A model on the Hub.

    Attributes:
        name: what `fetch` calls it, "resnet50" or its Hub id.
        repository: "owner/name".
        revision: a commit, which never changes, or a branch.
        sha256: the checksum of its weights; "" where none is on record and the one stated by the Hub is used instead.
        apart: a folder in place of the Hub's cache, for somebody who has no right to what this machine may read: the
            download is without its token, and bounded.
    """

    name: str
    repository: str
    revision: str = "main"
    sha256: str = ""
    apart: Path | None = None

    @property
    def token(self) -> bool | None:
        """Whether this machine's token is sent; None for "if there is one"."""
        return False if self.apart else None


# timm's copies of torchvision's IMAGENET1K_V1 weights, with torchvision's keys. The commits and checksums are from
# the Hub's own pages (huggingface.co/<repository>/commits and /blob/<commit>/model.safetensors). For ResNet-101 only
# the first digits of the commit are known, 54887a0, which the Hub does not resolve: replace "main" by the whole hash.
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
    """The ImageNet weights of the architecture `name`. Raises CheckpointError when there are none."""
    if name not in IMAGENET:
        raise CheckpointError("imagenet_missing", name=name, names=", ".join(IMAGENET))
    return IMAGENET[name]


def hub_id(text: str) -> Release | None:
    """The model named by "owner/name" or "owner/name@revision"; None if `text` is not such an id."""
    found = HUB_ID.fullmatch(text)
    if not found or is_path(text):
        return None
    try:
        validate_repo_id(found["repository"])
    except HFValidationError:
        return None
    return Release(text, found["repository"], found["revision"] or "main")


def is_path(text: str) -> bool:
    """Whether `text` means a file, also one that is missing: by its ending, or because its folder is there.

    "owner/name@revision" is a Hub id, whatever folders there are.
    """
    if text.lower().endswith(FILES):
        return True
    inside = os.sep in text or "/" in text
    return inside and "@" not in text and Path(text).expanduser().parent.is_dir()


def cached(release: Release, file: str = WEIGHTS_FILE) -> Path | None:
    """The path of the file in the cache. Never uses the network."""
    found = try_to_load_from_cache(release.repository, file, release.apart, release.revision)
    return Path(found) if isinstance(found, str) else None


def check_endpoint() -> None:
    """Raises CheckpointError where HF_ENDPOINT is a host alone, as in hf-mirror.com."""
    if not constants.ENDPOINT.startswith(("http://", "https://")):
        raise CheckpointError("hub_endpoint", given=constants.ENDPOINT)


def get(release: Release, file: str = WEIGHTS_FILE) -> Path:
    """The file in the cache, downloaded first if necessary, with a progress bar. An interrupted download is resumed.

    What is asked for is told on standard error; it is given up when nothing has come for `PATIENCE` seconds.

    Raises CheckpointError, which says what to run or to set, and DemoError for a proxy, certificates or an address of
    the Hub that cannot be used.
    """
    if constants.HF_HUB_CACHE.startswith("~"):  # a user without a home
        raise unwritable(release.repository, constants.HF_HUB_CACHE)
    known = cached(release, file)
    if known and COMMIT.fullmatch(release.revision):
        return known
    check_network()
    check_endpoint()
    if not constants.HF_HUB_OFFLINE:
        announce(f"{file} of {release.repository}", constants.ENDPOINT)
    try:
        return unless_silent(lambda heard: _download(release, file, heard))
    except SilenceError as error:
        if known:
            return known
        raise silent(release.repository, constants.ENDPOINT, release.name) from error
    except httpx2.ConnectError as error:
        raise _unreachable(release) from error
    except LocalEntryNotFoundError as error:
        if isinstance(error.__cause__, HfHubHTTPError | FileMetadataError):  # the Hub responded, but not with the file
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
    except PermissionError as error:
        raise unwritable(release.repository, str(error.filename or constants.HF_HUB_CACHE)) from error
    except (httpx2.HTTPError, OSError) as error:
        raise _failed(release, file, error) from error


def _download(release: Release, file: str, heard: Callable[[], None]) -> Path:
    class Bar(tqdm):
        def update(self, n: float | None = 1) -> bool | None:
            heard()
            shown: bool | None = super().update(n)
            return shown

    if not cached(release, file):
        metadata = _reach(release, file)
        _check_size(release, file, metadata)
        heard()
        if metadata and SHA256.fullmatch(metadata.etag or "") and constants.HF_HUB_DISABLE_XET:  # a large file
            folder = release.apart or Path(constants.HF_HUB_CACHE)
            url = hf_hub_url(release.repository, file, revision=release.revision)
            keep(release.repository, url, metadata, Bar, folder, release.token)
    return Path(
        hf_hub_download(
            release.repository,
            file,
            revision=release.revision,
            cache_dir=release.apart,
            token=release.token,
            tqdm_class=Bar,
        )
    )


def _check_size(release: Release, file: str, metadata: HfFileMetadata | None) -> None:
    """Raises CheckpointError for a file that is larger than is downloaded."""
    most = MOST_MEGABYTES if file == WEIGHTS_FILE else MOST_OF_CARD
    if release.apart and metadata and (metadata.size or 0) > most * 10**6:
        megabytes = f"{(metadata.size or 0) / 10**6:,.0f}"
        raise CheckpointError(
            "hub_large", file=file, repository=release.repository, megabytes=megabytes, most=most, name=release.name
        )


def _reach(release: Release, file: str) -> HfFileMetadata | None:
    """What the Hub says of a file, None for nothing that can be used.

    Raises httpx2.ConnectError where the Hub is out of reach: its client would go on for half a minute, and aloud.
    Whatever else it answers, the download that follows meets it again, and tries it again where that may help.
    """
    if not constants.HF_HUB_OFFLINE:
        with suppress(HfHubHTTPError, FileMetadataError, httpx2.TimeoutException, httpx2.RemoteProtocolError):
            url = hf_hub_url(release.repository, file, revision=release.revision)
            return get_hf_file_metadata(url, token=release.token)
    return None


def _unreachable(release: Release) -> CheckpointError:
    return CheckpointError("hub_offline", repository=release.repository, endpoint=constants.ENDPOINT, name=release.name)


def _failed(release: Release, file: str, error: Exception) -> CheckpointError:
    """The error for a download that was refused or interrupted."""
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
    """The commit of a downloaded card, so that the weights come from the same commit."""
    return replace(release, revision=card.parent.name)


def stated_sha256(release: Release, path: Path) -> str | None:
    """The expected checksum of the weights: the one on record, else the one under which the cache stores the file."""
    blob = path.readlink().name if path.is_symlink() else path.name  # one link only: its target may be a link, too
    return release.sha256 or (blob if SHA256.fullmatch(blob) else None)


def discard(path: Path) -> None:
    """Removes a damaged file from the cache, so that it is downloaded again."""
    path.resolve().unlink(missing_ok=True)
    path.unlink(missing_ok=True)
