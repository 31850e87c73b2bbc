#!/usr/bin/env python3
"""Fails when a folder of src/ includes one that tests/layers/allowed.txt does not allow it: check_layers.py ROOT."""
import pathlib
import re
import sys


def allowed_edges(path):
    edges = {}
    for line in path.read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            folder, _, rest = line.partition(":")
            edges[folder.strip()] = set(rest.split())
    return edges


def folder_of(path, folders):
    return max((f for f in folders if path == f or path.startswith(f + "/")), key=len, default=None)


def main():
    root = pathlib.Path(sys.argv[1])
    edges = allowed_edges(root / "tests/layers/allowed.txt")
    wrong, files = [], 0
    for file in sorted((root / "src").rglob("*")):
        if file.suffix not in (".h", ".cc"):
            continue
        files += 1
        name = file.relative_to(root / "src").as_posix()
        own = folder_of(name, edges)
        if own is None:
            wrong.append(f"src/{name}: its folder is not in allowed.txt")
            continue
        testing = file.stem.endswith("_test") or file.stem.startswith("test_")
        for number, line in enumerate(file.read_text().splitlines(), 1):
            match = re.match(r'#include "([^"]+)"', line)
            if not match or not (root / "src" / match[1]).exists():
                continue
            target = folder_of(match[1], edges)
            if target != own and target not in edges[own] and not (testing and target in ("sql", "blob")):
                wrong.append(f"src/{name}:{number}: {own} may not include {target}")
    print("\n".join(wrong) or f"{files} files, every include is allowed")
    sys.exit(1 if wrong or not files else 0)


if __name__ == "__main__":
    main()
