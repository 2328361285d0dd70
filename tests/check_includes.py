#!/usr/bin/env python3
"""Holds the include rules of the layout; prints each offence as FILE:LINE and exits 1 if there is one.

widgets/ includes nothing of engine/ or app/, engine/ nothing of widgets/ or app/, and LibTorch is reached, even
through other headers, only by those parts of engine/ that compute with tensors and by their tests.
"""

import pathlib
import re
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[">]')
MUST_NOT_INCLUDE = {
    "widgets": ("engine/", "app/"),
    "engine": ("widgets/", "app/"),
}
TORCH = re.compile(r"^(torch|ATen|c10|caffe2)/")
MAY_USE_TORCH = ("engine/models/", "engine/attention/", "engine/optim/", "engine/probes/", "engine/training/",
                 "engine/bench/", "tests/tensors/")


def includes_of(path):
    """(line number, included path, whether it is in quotes) for each include of a file."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        match = INCLUDE.match(line)
        if match:
            yield number, match.group(2), match.group(1) == '"'


def way_to_torch(name, includes, seen):
    """The chain of headers through which `name` reaches LibTorch; empty if it does not."""
    for _, included, _ in includes.get(name, ()):
        if TORCH.match(included):
            return [included]
        if included in includes and included not in seen:
            seen.add(included)
            way = way_to_torch(included, includes, seen)
            if way:
                return [included] + way
    return []


def main():
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent
    files = [path for folder in ("app", "engine", "widgets", "tests") for path in sorted((root / folder).rglob("*"))
             if path.suffix in (".h", ".cpp")]
    if not files:
        sys.exit(f"{root}: no sources here")
    includes = {path.relative_to(root).as_posix(): list(includes_of(path)) for path in files}

    offences = []
    for name, lines in includes.items():
        forbidden = MUST_NOT_INCLUDE.get(name.split("/")[0], ())
        for number, included, quoted in lines:
            if included.startswith(forbidden):
                offences.append(f"{name}:{number}: includes {included}")
            # What the rules above see must be what the compiler sees.
            if quoted and included not in includes and (root / name).parent.joinpath(included).exists():
                offences.append(f"{name}:{number}: write {included} as a path from the repository's root")
        if not name.startswith(MAY_USE_TORCH):
            way = way_to_torch(name, includes, {name})
            if way:
                offences.append(f"{name}: reaches LibTorch through {' -> '.join(way)}")

    print("\n".join(offences) if offences else f"{len(files)} files keep the include rules")
    return 1 if offences else 0


if __name__ == "__main__":
    sys.exit(main())
