"""`explain`: where do the networks look? One picture, or a folder of thousands, also split among processes."""

import hashlib
import sys
from argparse import Namespace
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from resnet_demo.checkpoints.load import Classifier, load
from resnet_demo.cli.explained import Network, finished, write
from resnet_demo.cli.output import emit
from resnet_demo.cli.processes import device, gather, join, leave
from resnet_demo.data.pictures import read_picture
from resnet_demo.errors import CheckpointError, PictureError
from resnet_demo.explain import SLOW, explain_all, layers
from resnet_demo.explain.record import Record
from resnet_demo.training.history import write_json


@dataclass(frozen=True)
class Job:
    """What is asked of every picture."""

    networks: list[Network]
    method: str
    layers: list[str] | None
    target: str | None
    against: str | None
    counterfactual: bool
    out: Path
    resume: bool

    def question(self, classifier: Classifier) -> Record:
        """In numbers and names of one network. Raises CheckpointError for a class that it does not know."""
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
        networks = [Network(load(*pair, device()), pair[1]) for pair in _wanted(args.model, args.weights or [])]
        chosen = (args.method, args.layer, args.target, args.against, args.counterfactual)
        job = Job(networks, *chosen, args.out, args.resume)
        paths = _files(args.pictures, args.out)
        args.out.mkdir(parents=True, exist_ok=True)
        results = gather(_explain(job, paths[rank::count], args.batch_size, rank))
    finally:
        leave()
    return _report(args, results) if rank == 0 else 0


def _wanted(models: list[str], weights: list[str]) -> list[tuple[str, str]]:
    """(model, weights), each once. Raises CheckpointError where it is unclear which weights are whose."""
    count = len(models)
    each = (weights or ["imagenette"]) * (1 if len(weights) > 1 else count)
    if len(each) != count:
        raise CheckpointError("explain_weights", given=len(weights), count=count)
    return list(dict.fromkeys(zip(models, each, strict=True)))


def _report(args: Namespace, results: list[list[Record]]) -> int:
    """Writes and prints the manifest of all processes."""
    records = [record for found in results for record in found]
    explained = [record for record in records if "reason" not in record]
    skipped = [record for record in records if "reason" in record]
    for entry in skipped:
        print(f"skipped {entry['picture']['file']}: {entry['reason']}", file=sys.stderr)
    print(f"{len(results) - len(skipped)} of {len(results)} pictures explained", file=sys.stderr)
    manifest = {"explanations": explained, "skipped": skipped}
    write_json(args.out / "explanations.json", manifest)
    if not explained:
        raise PictureError("explain_unreadable", path=str(args.pictures))
    emit(args.json, manifest, "\n".join(_text(record) for record in explained))
    return 0


def _files(given: Path, out: Path) -> list[Path]:
    """The picture, or the files of the folder, hidden ones left out.

    Raises PictureError when there are none, and where the answers would lie among them and be taken for pictures.
    """
    if not given.is_dir():
        return [given]
    if given.resolve() == out.resolve():
        raise PictureError("explain_into", path=str(given))
    found = sorted(path for path in given.iterdir() if path.is_file() and not path.name.startswith("."))
    if not found:
        raise PictureError("explain_none", path=str(given))
    return found


def _index(classifier: Classifier, wanted: str) -> int:
    """A class by its id or by its English name."""
    return classifier.classes.index(wanted) if wanted in classifier.classes else classifier.index_of(wanted)


def _explain(job: Job, paths: list[Path], batch_size: int, rank: int) -> list[list[Record]]:
    """For each file its records, one for each network, or why it was skipped; in batches, with progress."""
    results: list[list[Record]] = []
    batch_size = 1 if job.method in SLOW else batch_size  # hundreds of passes each: none of them is to be lost
    with tqdm(total=len(paths), unit="picture", position=rank, disable=None) as bar:
        for start in range(0, len(paths), batch_size):
            results += _batch(job, paths[start : start + batch_size])
            bar.update(len(results) - bar.n)
    return results


def _batch(job: Job, paths: list[Path]) -> list[list[Record]]:
    results: dict[Path, list[Record]] = {}
    pictures, sums = {}, {}
    for path in paths:
        try:
            pictures[path] = read_picture(path)
            sums[path] = hashlib.sha256(path.read_bytes()).hexdigest()
            results[path] = []
        except PictureError as error:
            results[path] = [{"picture": {"file": path.name}, "reason": str(error)}]
    for network in job.networks:
        classifier, question = network.classifier, job.question(network.classifier)
        known = {path: finished(job.out, path.name, sums[path], question, network) for path in pictures if job.resume}
        waiting = [path for path in pictures if not known.get(path)]
        found = explain_all(classifier, [pictures[path] for path in waiting], **_asked(question)) if waiting else ()
        new = dict(zip(waiting, found, strict=True))
        for path in pictures:
            earlier = known.get(path)
            results[path].append(earlier or write(job.out, path.name, sums[path], question, network, new[path]))
    return [results[path] for path in paths]


def _asked(question: Record) -> Record:
    """As `explain_all` takes it."""
    return {"layer" if key == "layers" else key: value for key, value in question.items()}


def _text(record: Record) -> str:
    best, network = record["prediction"][0], record["network"]
    return (
        f"{record['picture']['file']}  {network['model']} {network['weights']}"
        f"  {best['name']} {best['probability']:.1%}"
        f"  {' + '.join(record['layers'])}, maximum {record['map']['maximum']:.3g}  {record['files']['overlay']}"
    )
