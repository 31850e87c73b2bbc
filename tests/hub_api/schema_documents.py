"""schema_documents.py DOCUMENT OVERLAY|- OPERATIONS OUT: an OpenAPI document as JSON, with an overlay laid over it.

OPERATIONS has a line `ask|leave operationId METHOD /path` for each operation of api/hub.yaml; parameters may have other
names in the document. Those to leave are left out, the ids of the others are printed. An operation that is not among
them fails: Berth would not serve it.

An overlay is a list of changes. `at` is a JSON pointer, in which `*` stands for every member; `set` replaces what is
there, `merge` adds members to an object, `default` adds those that are not there, `remove` takes it away. A change
that finds nothing to change fails: it is no longer needed.
"""

import json
import re
import sys

import yaml

METHODS = ("get", "put", "post", "delete", "patch", "head", "options")


def places(document, pointer):
    """(parent, key) of everything that `pointer` names."""
    found = [({"": document}, "")]
    for part in pointer.split("/")[1:]:
        part = part.replace("~1", "/").replace("~0", "~")
        step = []
        for parent, key in found:
            value = parent[key]
            if part == "*":
                step += [(value, k) for k in (value if isinstance(value, dict) else range(len(value)))]
            elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
                step.append((value, int(part)))
            elif isinstance(value, dict) and part in value:
                step.append((value, part))
        found = step
    return found


def lay(document, change):
    found = places(document, change["at"])
    if not found:
        sys.exit(f"overlay: nothing at {change['at']}")
    for parent, key in found:
        if "remove" in change:
            del parent[key]
        elif "set" in change:
            parent[key] = change["set"]
        elif "merge" in change:
            parent[key].update(change["merge"])
        else:
            parent[key] = {**change["default"], **parent[key]}


def normal(path):
    return re.sub(r"\{[^}]*\}", "{}", path)


def main(document_path, overlay_path, operations_path, out_path):
    with open(document_path, encoding="utf-8") as file:
        document = yaml.safe_load(file)
    if overlay_path != "-":
        with open(overlay_path, encoding="utf-8") as file:
            for change in yaml.safe_load(file):
                lay(document, change)
    with open(operations_path, encoding="utf-8") as file:
        known = {(method, normal(path)): (what, name) for what, name, method, path in map(str.split, file)}
    for path, methods in list(document["paths"].items()):
        for method in METHODS:
            if method not in methods:
                continue
            if (method.upper(), normal(path)) not in known:
                sys.exit(f"{method.upper()} {path} is not in api/hub.yaml")
            what, name = known[method.upper(), normal(path)]
            if what == "leave":
                del methods[method]
            else:
                print(name)
        if not set(methods) & set(METHODS):
            del document["paths"][path]
    # Numbers as keys of `responses` are text in JSON, as OpenAPI wants them.
    with open(out_path, "w", encoding="utf-8") as file:
        json.dump(document, file, default=str)


if __name__ == "__main__":
    main(*sys.argv[1:])
