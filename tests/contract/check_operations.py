#!/usr/bin/env python3
"""Fails when api/*.yaml and the operations that the sources register disagree: check_operations.py ROOT.

Every operation of the contract is registered, and every registered one is in the contract.
"""
import pathlib
import re
import subprocess
import sys

# Registered, and no part of the public contract.
OWN = {"GetWebPage", "GetWebAsset", "GetWebIcon"}


def contract_operations(root):
    out = subprocess.run([sys.executable, root / "scripts/contract-table", *sorted((root / "api").glob("*.yaml"))],
                         capture_output=True, text=True, check=True).stdout
    return {line.split("\t")[0] for line in out.splitlines()}


def registered_operations(root):
    found = set()
    for path in (root / "src").rglob("*.cc"):
        if path.stem.endswith("_test"):
            continue
        text = path.read_text()
        # table.Add(method, pattern, "Operation", …); names in an array of one family; route.operation = "Operation".
        found |= set(re.findall(r'\.Add\([^;]*?,\s*"([A-Z][A-Za-z0-9]+)",', text))
        found |= set(re.findall(r'operation\s*=\s*"([A-Z][A-Za-z0-9]+)"', text))
        found |= set(re.findall(r'"([A-Z][A-Za-z0-9]+)"', text)) & contract
    return found


root = pathlib.Path(sys.argv[1])
contract = contract_operations(root)
registered = registered_operations(root)
wrong = [f"{name}: registered, but not in api/*.yaml" for name in sorted(registered - contract - OWN)]
wrong += [f"{name}: in api/*.yaml, but not registered" for name in sorted(contract - registered)]
print("\n".join(wrong) or f"{len(contract)} operations, all registered")
sys.exit(1 if wrong or not contract else 0)
