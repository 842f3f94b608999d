"""`explain`: heat maps for one image or a folder of thousands, optionally split among processes."""

import hashlib
import sys
from argparse import Namespace
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from PIL import Image
from tqdm import tqdm

from resnet_demo.checkpoints.load import Classifier, load
from resnet_demo.cli.explained import Network, finished, write
from resnet_demo.cli.network_arguments import PAIR
from resnet_demo.cli.output import emit, one_line
from resnet_demo.cli.processes import device, gather, join, leave
from resnet_demo.data.locks import writing
from resnet_demo.data.names import is_system_file, text_of
from resnet_demo.data.pictures import decode, read_content
from resnet_demo.data.preprocessing import Preprocessing
from resnet_demo.errors import CheckpointError, PictureError
from resnet_demo.explain import SLOW, Explanation, explain_all, layers
from resnet_demo.explain.record import Record
from resnet_demo.models.device import in_parts, within_memory
from resnet_demo.training.history import write_json

MANIFEST = "explanations.json"


@dataclass(frozen=True)
class Job:
    """The question for every image."""

    networks: list[Network]
    method: str
    layers: list[str] | None
    target: str | None
    against: str | None
    counterfactual: bool
    out: Path
    resume: bool

    def question(self, classifier: Classifier) -> Record:
        """The question with one network's class indices and names. Raises CheckpointError for an unknown class."""
        given = (self.target, self.against)
        known = [None if wanted is None else _index(classifier, wanted) for wanted in given]
        return {
            "method": self.method,
            "layers": self.layers or [layers(classifier.network)[-1]],
            "target": known[0],
            "against": known[1],
            "counterfactual": self.counterfactual,
        }


def run(args: Namespace) -> int:
    rank, count = join()
    try:
        networks = [Network(load(*pair, device()), pair[1]) for pair in _wanted(args.model or PAIR, args.weights or [])]
        chosen = (args.method, args.layer, args.target, args.against, args.counterfactual)
        job = Job(networks, *chosen, args.out, args.resume)
        paths = _files(args.pictures, args.out)
        args.out.mkdir(parents=True, exist_ok=True)
        with writing(args.out / MANIFEST) if rank == 0 else nullcontext():
            results = gather(_explain(job, paths[rank::count], args.batch_size, rank))
            return _report(args, results) if rank == 0 else 0
    finally:
        leave()


def _wanted(models: Sequence[str], weights: list[str]) -> list[tuple[str, str]]:
    """(model, weights), each once. Raises CheckpointError if it is unclear which weights belong to which model."""
    count = len(models)
    each = (weights or ["imagenette"]) * (1 if len(weights) > 1 else count)
    if len(each) != count:
        raise CheckpointError("explain_weights", given=len(weights), count=count)
    return list(dict.fromkeys(zip(models, each, strict=True)))


def _report(args: Namespace, results: list[list[Record]]) -> int:
    """Writes and prints the combined manifest of all processes."""
    records = [record for found in results for record in found]
    explained = [record for record in records if "reason" not in record]
    skipped = [record for record in records if "reason" in record]
    for entry in skipped:
        print(one_line(f"skipped {entry['picture']['file']}: {entry['reason']}"), file=sys.stderr)
    print(f"{len(results) - len(skipped)} of {len(results)} images explained", file=sys.stderr)
    manifest = {"explanations": explained, "skipped": skipped}
    write_json(args.out / MANIFEST, manifest)
    if not explained:
        raise PictureError("explain_unreadable", path=str(args.pictures))
    emit(args.json, manifest, "\n".join(_text(record) for record in explained))
    return 0


def _files(given: Path, out: Path) -> list[Path]:
    """The picture, or the files of the folder and its broken links, without what systems leave there.

    Raises PictureError when there are none, or when the results would be written among them and explained next time.
    """
    if not given.is_dir():
        return [given]
    if given.resolve() == out.resolve():
        raise PictureError("explain_into", path=str(given))
    found = sorted(
        path for path in given.iterdir() if (path.is_file() or not path.exists()) and not is_system_file(path.name)
    )
    if not found:
        raise PictureError("explain_none", path=str(given))
    return found


def _index(classifier: Classifier, wanted: str) -> int:
    """A class by its id or by its English name."""
    return classifier.classes.index(wanted) if wanted in classifier.classes else classifier.index_of(wanted)


def _explain(job: Job, paths: list[Path], batch_size: int, rank: int) -> list[list[Record]]:
    """For each file, its records (one per network) or the reason why it was skipped; in batches, with progress."""
    results: list[list[Record]] = []
    batch_size = 1 if job.method in SLOW else batch_size  # each takes hundreds of passes, so none should be lost
    with tqdm(total=len(paths), unit="picture", position=rank, disable=None) as bar:
        for start in range(0, len(paths), batch_size):
            results += _batch(job, paths[start : start + batch_size])
            bar.update(len(results) - bar.n)
    return results


def _batch(job: Job, paths: list[Path]) -> list[list[Record]]:
    results: dict[Path, list[Record]] = {}
    crops: dict[Path, dict[Preprocessing, Image.Image]] = {}
    files: dict[Path, tuple[str, str]] = {}
    for path in paths:
        name = text_of(path.name)
        try:
            content = read_content(path)
            crops[path] = _crops(content, name, job.networks)
        except PictureError as error:
            results[path] = [{"picture": {"file": name}, "reason": str(error)}]
            continue
        results[path] = []
        files[path] = name, hashlib.sha256(content).hexdigest()
    for network in job.networks:
        classifier, question = network.classifier, job.question(network.classifier)
        known = {path: finished(job.out, *files[path], question, network) for path in files if job.resume}
        waiting = [path for path in files if not known.get(path)]
        images = [crops[path][classifier.preprocessing] for path in waiting]
        found = _explained(network.of_crops, images, question) if waiting else ()
        new = dict(zip(waiting, found, strict=True))
        for path in files:
            earlier = known.get(path)
            results[path].append(earlier or write(job.out, *files[path], question, network, new[path]))
    return [results[path] for path in paths]


def _crops(content: bytes, name: str, networks: list[Network]) -> dict[Preprocessing, Image.Image]:
    """What the networks see of a picture, which is not kept: one of 48 megapixels has 144 MB."""
    picture = decode(content, name)
    return {how: how.crop(picture) for how in {network.classifier.preprocessing for network in networks}}


def _explained(classifier: Classifier, images: list[Image.Image], question: Record) -> list[Explanation]:
    """In one batch, or in several where a GPU's memory is full. Raises DemoError where one picture does not fit."""
    with within_memory(classifier.device):
        parts = in_parts(lambda some: explain_all(classifier, some, **_asked(question)), images, len(images))
        return list(chain.from_iterable(parts))


def _asked(question: Record) -> Record:
    """The question as `explain_all` takes it."""
    return {"layer" if key == "layers" else key: value for key, value in question.items()}


def _text(record: Record) -> str:
    best, network = record["prediction"][0], record["network"]
    return (
        f"{record['picture']['file']}  {network['model']} {network['weights']}"
        f"  {best['name']} {best['probability']:.1%}"
        f"  {' + '.join(record['layers'])}, maximum {record['map']['maximum']:.3g}  {record['files']['overlay']}"
    )
