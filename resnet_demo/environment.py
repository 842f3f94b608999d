"""What a process inherits and does not fit, set right before it is used: environment variables, closed streams."""

import codecs
import getpass
import io
import os
import stat
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from resnet_demo.errors import DemoError

PROXIES = ("http_proxy", "https_proxy", "all_proxy")
CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
"""The variables through which the clients find certificates."""
SCHEMES = ("http", "https", "socks5", "socks5h")
"""The kinds of proxy that Gradio's client and the Hub's can go through."""
IN_ASCII = {"²": "^2", "×": "x", "·": "*", "−": "-", "–": "-", "±": "+-"}
"""What the verbs write beyond ASCII, for consoles whose encoding lacks it, such as GBK."""
PORTS, HIGHEST_PORT = ("GRADIO_SERVER_PORT", "GRADIO_NUM_PORTS"), 65_535
"""The variables that Gradio reads as numbers when it is imported."""
LOCAL = ("127.0.0.1", "localhost", "::1")


def prepare_imports() -> None:
    """What has to be there before torch, huggingface_hub and matplotlib are imported. Called by the package itself."""
    # The Hub gives every file over plain HTTP, too: a cut download is taken up where it broke off, the cache names a
    # file by its SHA-256, and errors are the client's own.
    os.environ.setdefault("HF_HUB_DISABLE_XET", "1")
    try:
        getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container's user without a name, which torch asks for
        os.environ["USER"] = f"user{os.getuid()}" if hasattr(os, "getuid") else "user"


def prepare_process() -> None:
    """For a process of our own, the app or a verb, before it says anything.

    Figures go into files, whatever a notebook draws with. What a closed stream is told is dropped, and characters that
    a stream's encoding lacks are written in others.
    """
    os.environ["MPLBACKEND"] = "agg"
    codecs.register_error("spelled", _spelled)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - for as long as the process is
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="spelled")


def _spelled(error: UnicodeError) -> tuple[str | bytes, int]:
    """The characters that cannot be encoded, in ASCII."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    written = "".join(IN_ASCII.get(character) or _escaped(character) for character in lacking)
    return written, error.end


def _escaped(character: str) -> str:
    return character.encode("ascii", "backslashreplace").decode()


def prepare_app(host: str | None) -> None:
    """For the app, before Gradio is imported: it reads ports, asks its own address, and keeps uploads in a folder.

    Raises DemoError.
    """
    for name in PORTS:
        value = os.environ.get(name, "1")
        if not (value.isascii() and value.isdecimal() and 1 <= int(value) <= HIGHEST_PORT):
            raise DemoError("count_number", name=name, value=value, low=1, high=HIGHEST_PORT)
    check_network()
    own = [*LOCAL, *filter(None, (host, os.environ.get("GRADIO_SERVER_NAME")))]
    for name in ("no_proxy", "NO_PROXY"):  # where both are set, the first one counts
        given = os.environ.get("no_proxy") or os.environ.get("NO_PROXY", "")
        os.environ[name] = ",".join(dict.fromkeys([*filter(None, given.split(",")), *own]))
    os.environ["GRADIO_TEMP_DIR"] = str(_temporary_folder())


def check_network() -> None:
    """Gives `socks://` the name that the clients know.

    Raises DemoError for a proxy that they cannot go through, and for certificates that are not there.
    """
    for name in CERTIFICATES:
        if (path := os.environ.get(name)) and not Path(path).exists():
            raise DemoError("certificates_missing", variable=name, path=path)
    for name, value in list(os.environ.items()):
        if name.lower() not in PROXIES or not value:
            continue
        scheme, separator, address = value.rpartition("://")
        if scheme.lower() == "socks":  # what GNOME's settings write for SOCKS 5
            scheme = "socks5"
            os.environ[name] = scheme + separator + address
        if (scheme.lower() or "http") not in SCHEMES or not _has_host(address):
            raise DemoError("proxy_unusable", variable=name, schemes=", ".join(f"{scheme}://" for scheme in SCHEMES))


def _has_host(address: str) -> bool:
    """Whether there is a host, and with it a port that can be one, or none."""
    try:
        parts = urlsplit(f"//{address}")
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _temporary_folder() -> Path:
    """Where uploads are kept: the folder that GRADIO_TEMP_DIR names, or one of the user's own. Raises DemoError.

    Gradio's own choice, <temporary folder>/gradio, belongs to whoever started an app first on this machine.
    """
    given = os.environ.get("GRADIO_TEMP_DIR")
    folder = Path(given) if given else Path(tempfile.gettempdir()) / f"gradio-{getpass.getuser()}"
    try:
        folder.mkdir(mode=0o777 if given else 0o700, parents=True, exist_ok=True)
        usable = os.access(folder, os.W_OK | os.X_OK) and (bool(given) or _is_own(folder))
    except OSError:
        usable = False
    if not usable:
        raise DemoError("temporary_folder", folder=str(folder))
    return folder


def _is_own(folder: Path) -> bool:
    """Whether nobody else can look into the folder or put anything in its place."""
    if not hasattr(os, "getuid"):  # Windows: the temporary folder itself is the user's own
        return True
    found = folder.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
