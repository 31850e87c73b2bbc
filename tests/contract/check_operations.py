#!/usr/bin/env python3
"""Fails when api/*.yaml and the operations that the sources register disagree: check_operations.py ROOT.

Every operation of the contract is registered or named in api/not-served.txt, never both; every registered one is in the contract.
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
not_served = {line.strip() for line in (root / "api/not-served.txt").read_text().splitlines() if line.strip() and line[0] != "#"}
wrong = [f"{name}: registered, but not in api/*.yaml" for name in sorted(registered - contract - OWN)]
wrong += [f"{name}: in api/*.yaml, but neither registered nor in api/not-served.txt" for name in sorted(contract - registered - not_served)]
wrong += [f"{name}: registered, and still in api/not-served.txt" for name in sorted(registered & not_served)]
wrong += [f"{name}: in api/not-served.txt, but not in api/*.yaml" for name in sorted(not_served - contract)]
print("\n".join(wrong) or f"{len(contract)} operations, {len(contract & registered)} registered, {len(not_served)} not served yet")
sys.exit(1 if wrong or not contract else 0)
