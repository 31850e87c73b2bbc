#!/usr/bin/env python3
"""embed_web.py OUT.cc OUT.bin PREFIX=PATH...: every file as one binary and a C++ table of it.

PATH is a folder (its files are served under PREFIX) or a file. NAME.br and NAME.gz are the encodings of NAME. The table takes the
binary in with .incbin, so a megabyte costs the compiler nothing."""
import hashlib
import pathlib
import re
import sys

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".json": "application/json",
    ".yaml": "application/yaml; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
}
FINGERPRINTED = re.compile(r"-[A-Za-z0-9_-]{8}\.[a-z0-9]+$")


def collect(arguments):
    files = {}
    for argument in arguments:
        prefix, _, path = argument.partition("=")
        path = pathlib.Path(path)
        if path.is_file():
            files[prefix] = path
        for file in sorted(path.rglob("*")) if path.is_dir() else []:
            if file.is_file() and not file.name.startswith("."):
                files[prefix + file.relative_to(path).as_posix()] = file
    return files


def view(blob, data):
    if data is None:
        return "{}"
    offset = len(blob)
    blob.extend(data)
    return f"At({offset}, {len(data)})"


def main():
    source, binary = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    files = collect(sys.argv[3:])
    blob, rows = bytearray(), []
    for name in sorted(n for n in files if not n.endswith((".br", ".gz"))):
        plain = files[name].read_bytes()
        kind = TYPES.get(pathlib.PurePath(name).suffix)
        if kind is None:
            sys.exit(f"embed_web.py: no content type for {name}")
        encodings = [files[name + e].read_bytes() if name + e in files else None for e in (".br", ".gz")]
        immutable = name.startswith("/assets/") and FINGERPRINTED.search(name) is not None
        rows.append(f'    {{"{name}", "{kind}", "{hashlib.sha256(plain).hexdigest()[:16]}", {view(blob, plain)}, '
                    f'{view(blob, encodings[0])}, {view(blob, encodings[1])}, {str(immutable).lower()}}},')
    source.parent.mkdir(parents=True, exist_ok=True)
    binary.write_bytes(blob)
    # The digest makes this file change with the binary, which compilers and their caches do not look into.
    source.write_text(f"""// {hashlib.sha256(blob).hexdigest()}
#include "web/asset.h"

asm(".pushsection .rodata\\n"
    ".balign 16\\n"
    ".global berth_web_bytes\\n"
    "berth_web_bytes:\\n"
    ".incbin \\"{binary}\\"\\n"
    ".byte 0\\n"
    ".popsection\\n");
extern "C" const char berth_web_bytes[];

namespace berth::web {{
namespace {{

std::string_view At(size_t offset, size_t size) {{ return {{berth_web_bytes + offset, size}}; }}

const Asset kAssets[] = {{
{chr(10).join(rows)}
}};

}}  // namespace

std::span<const Asset> Assets() {{ return kAssets; }}

}}  // namespace berth::web
""")


main()
