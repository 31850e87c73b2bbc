#!/usr/bin/env python3
"""Rules for api/*.yaml that the OpenAPI schema cannot express. Prints each breach and exits 1 when there is one."""
import collections
import importlib.machinery
import importlib.util
import pathlib
import re
import sys

import yaml

METHODS = ("get", "head", "post", "put", "patch", "delete")
PERMISSIONS = {
    "public", "signed-in", "account:self", "repo:read", "repo:write", "repo:admin",
    "org:member", "org:editor", "org:owner", "site:admin", "scim",
}
TOKEN_KINDS = {"personal", "organization"}
# The distribution specification itself writes these two with a slash at the end.
SLASH_AT_END = {"/v2/", "/v2/{name}/blobs/uploads/"}
PAGE_PARAMETERS = {"page_size", "limit", "n", "size", "count"}


class UniqueKeyLoader(yaml.SafeLoader):
    """Refuses a key that stands twice in one mapping: YAML would silently keep the last."""

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=deep)
            if key in seen:
                raise yaml.YAMLError(f"key {key!r} stands twice, line {key_node.start_mark.line + 1}")
            seen.add(key)
        return super().construct_mapping(node, deep)


def operations(document):
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield path, method, item, item[method]


def resolve(document, value):
    while "$ref" in value:
        target = document
        for part in value["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        value = target
    return value


def references(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "$ref" and isinstance(inner, str):
                yield inner
            else:
                yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def shape(path):
    return re.sub(r"\{\w+\}", "{}", path)


def check_operation(document, path, method, item, operation, known_ids, complain):
    where = f"{method.upper()} {path}"
    identifier = operation.get("operationId", "")
    if not re.fullmatch(r"[A-Z][A-Za-z0-9]+", identifier):
        complain(f"{where}: operationId {identifier!r} is not CamelCase")
    if operation.get("x-permission") not in PERMISSIONS:
        complain(f"{where}: x-permission {operation.get('x-permission')!r} is none of {sorted(PERMISSIONS)}")
    if not set(operation.get("x-refuses-tokens", [])) <= TOKEN_KINDS:
        complain(f"{where}: x-refuses-tokens knows only {sorted(TOKEN_KINDS)}")
    if len(operation.get("tags", [])) != 1:
        complain(f"{where}: needs exactly one tag")
    if path.endswith("/") and path not in SLASH_AT_END:
        complain(f"{where}: list the path without the slash at its end")
    if not all(re.fullmatch(r"(repo|org|billing|enterprise|server)(\.[a-z_]+)+", e) for e in operation.get("x-events", [])):
        complain(f"{where}: x-events must be full names of audit actions")
    if "x-events" in operation and method in ("get", "head"):
        complain(f"{where}: reads, yet has x-events")
    allowed = document["components"]["schemas"].get("RolePermissionName", {}).get("enum", [])
    if "x-role-permission" in operation and operation["x-role-permission"] not in allowed:
        complain(f"{where}: x-role-permission is not in RolePermissionName")
    alias = operation.get("x-alias-of")
    if alias and alias not in known_ids:
        complain(f"{where}: x-alias-of names the unknown operation {alias}")
    if method == "head" and any("content" in resolve(document, r) for r in operation["responses"].values()):
        complain(f"{where}: HEAD has no body")
    if operation.get("x-permission") not in ("public", "repo:read") and {} in operation.get("security", []):
        complain(f"{where}: needs a caller, yet its security allows none")

    parameters = [resolve(document, p) for p in item.get("parameters", []) + operation.get("parameters", [])]
    in_path = [p["name"] for p in parameters if p["in"] == "path"]
    if sorted(in_path) != sorted(re.findall(r"\{(\w+)\}", path)):
        complain(f"{where}: path parameters {in_path} do not match the path")
    doubled = [k for k, n in collections.Counter((p["in"], p["name"]) for p in parameters).items() if n > 1]
    if doubled:
        complain(f"{where}: parameters given twice: {doubled}")
    sizes = {p["name"] for p in parameters if p["in"] == "query"} & PAGE_PARAMETERS
    if sizes != set(operation.get("x-limits", {})):
        complain(f"{where}: x-limits must tell about exactly {sorted(sizes)}")


def check_schemas(document, complain):
    for name, schema in document["components"]["schemas"].items():
        for part in [schema] + schema.get("allOf", []):
            missing = set(part.get("required", [])) - set(part.get("properties", {}))
            if "properties" in part and missing:
                complain(f"schema {name}: requires {sorted(missing)}, which it does not describe")


def check_components(document, complain):
    used = set(references(document))
    for kind, members in document["components"].items():
        if kind == "securitySchemes":
            continue
        for name in members:
            if f"#/components/{kind}/{name}" not in used:
                complain(f"components/{kind}/{name} is used nowhere")


def load_contract_table():
    path = str(pathlib.Path(__file__).with_name("contract-table"))
    loader = importlib.machinery.SourceFileLoader("contract_table", path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("contract_table", loader))
    sys.dont_write_bytecode = True
    loader.exec_module(module)
    return module


def check_table(path, document, complain):
    """What scripts/contract-table reads line by line is what the YAML says."""
    def text(value):
        return ",".join(value) if isinstance(value, list) else value or ""

    table = load_contract_table()
    with open(path, encoding="utf-8") as file:
        found = table.read(file)
    expected = [
        {column: text(operation.get(column)) for column in table.COLUMNS} | {"method": method.upper(), "path": route}
        for route, method, _, operation in operations(document)
    ]

    def order(row):
        return row["path"], row["method"]

    for line, truth in zip(sorted(found, key=order), sorted(expected, key=order)):
        if line != truth:
            complain(f"scripts/contract-table reads {line}, the contract says {truth}")
    if len(found) != len(expected):
        complain(f"scripts/contract-table finds {len(found)} operations of {len(expected)}")


def main(paths):
    breaches = 0
    documents = {}
    for path in paths:
        with open(path, encoding="utf-8") as file:
            documents[path] = yaml.load(file, Loader=UniqueKeyLoader)

    seen_ids = {}
    seen_routes = {}
    for file, document in documents.items():
        def complain(text):
            nonlocal breaches
            breaches += 1
            print(f"{file}: {text}", file=sys.stderr)

        known_ids = {operation.get("operationId") for _, _, _, operation in operations(document)}
        declared_tags = {tag["name"] for tag in document["tags"]}
        for path, method, item, operation in operations(document):
            check_operation(document, path, method, item, operation, known_ids, complain)
            if not set(operation.get("tags", [])) <= declared_tags:
                complain(f"{method.upper()} {path}: tag is not declared")
            identifier, route = operation.get("operationId"), (method, shape(path))
            for seen, key in ((seen_ids, identifier), (seen_routes, route)):
                if key in seen:
                    complain(f"{key} is already in {seen[key]}")
                seen[key] = file
        check_schemas(document, complain)
        check_components(document, complain)
        check_table(file, document, complain)
    if breaches:
        return 1
    print(f"{len(seen_ids)} operations in {len(documents)} contracts follow the rules")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
