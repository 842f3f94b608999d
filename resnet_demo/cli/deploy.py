"""`deploy`: the app as a Space."""

import sys
from argparse import Namespace
from dataclasses import asdict

from resnet_demo.checkpoints.deploy import deploy
from resnet_demo.checkpoints.space import ROOT, File, check
from resnet_demo.cli.output import emit


def run(args: Namespace) -> int:
    files = check()
    if args.dry_run:
        result = {"space": args.name, "files": [asdict(file) for file in files], "bytes": sum(f.size for f in files)}
        emit(args.json, result, _table(args.name, files))
        return 0
    found = deploy(ROOT, files, args.name, args.hardware, args.private, _say)
    emit(args.json, asdict(found), f"{args.name} runs at {found.url}, commit {found.commit[:7]}: {found.page}")
    return 0


def _say(step: str) -> None:
    print(step, file=sys.stderr)


def _table(name: str, files: list[File]) -> str:
    lines = [f"{file.size / 1e6:10.3f} MB  {file.path}" for file in files]
    total = sum(file.size for file in files)
    return "\n".join([*lines, f"{total / 1e6:10.3f} MB in {len(files)} files would go to the Space {name}"])
