"""What api/hub.yaml says of every operation."""

import importlib.machinery
import importlib.util
import pathlib
import re

API = pathlib.Path(__file__).resolve().parents[2] / "api"


def _table():
    path = API.parent / "scripts" / "contract-table"
    loader = importlib.machinery.SourceFileLoader("contract_table", str(path))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("contract_table", loader))
    loader.exec_module(module)
    return module


class Operation:
    def __init__(self, row, open_to_all):
        self.id = row["operationId"]
        self.method = row["method"]
        self.path = row["path"]
        self.permission = row["x-permission"]
        self.alias_of = row["x-alias-of"]
        self.role_permission = row["x-role-permission"]
        self.token_scope = row["x-token-scope"]
        self.refuses = set(row["x-refuses-tokens"].split(",")) - {""}
        self.events = row["x-events"]
        self.ignores_credentials = open_to_all
        self.parameters = re.findall(r"\{(\w+)\}", self.path)

    @property
    def handler(self):
        return self.alias_of or self.id

    @property
    def reads(self):
        return self.method in ("GET", "HEAD")


def operations():
    """Every operation of the contract, in its order."""
    text = (API / "hub.yaml").read_text().splitlines()
    found = []
    for row in _table().read(text):
        start = text.index(f"      operationId: {row['operationId']}")
        end = next((n for n in range(start, len(text)) if re.match(r" {0,4}\S", text[n])), len(text))
        found.append(Operation(row, "      security: []" in text[start:end]))
    return found
