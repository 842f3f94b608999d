"""Imagenette fetched by torchvision: with a progress bar and a checksum, there as a whole or not at all."""

import shutil
from http.client import HTTPException
from pathlib import Path

from torchvision import datasets
from torchvision.datasets.utils import download_url

from resnet_demo.data.sources import DATASETS
from resnet_demo.errors import DatasetError

URL, MD5 = datasets.Imagenette._ARCHIVES["160px"]
"""torchvision's address of the archive with 160 px on the shorter side (99 MB), and its checksum."""


def fetch_imagenette(data_dir: Path, mirror: str = "") -> tuple[Path, bool]:
    """Brings Imagenette to `data_dir` from its own address, or from the `mirror` of the archive.

    Returns its folder, and whether it had to be fetched. A whole archive that lies there is unpacked without a
    download; a download that was cut begins again. Raises DatasetError where it cannot be fetched, and OSError.
    """
    folder, archive = data_dir / DATASETS["imagenette"].folder, data_dir / URL.rpartition("/")[2]
    if folder.is_dir():
        return folder, False
    address = mirror or URL
    try:
        download_url(address, str(data_dir), archive.name, MD5)
    except RuntimeError as error:  # what torchvision raises for a wrong checksum
        archive.unlink(missing_ok=True)
        raise DatasetError("imagenette_altered", url=address, md5=MD5) from error
    except (OSError, HTTPException, ValueError) as error:
        if not data_dir.is_dir():
            raise
        raise DatasetError("imagenette_unreachable", url=address, reason=error, path=str(archive)) from error
    staging = data_dir / f".{folder.name}.partial"  # what a killed run left there is unpacked again
    shutil.rmtree(staging, ignore_errors=True)
    shutil.unpack_archive(archive, staging, filter="data")
    (staging / folder.name).replace(folder)
    shutil.rmtree(staging)
    archive.unlink()
    return folder, True
