#!/usr/bin/env python3
"""Writes migrations/{sqlite,postgres}/NNNN_name.sql as one C++ source: embed_migrations.py FOLDER OUTPUT."""
import pathlib
import re
import sys


def entries(folder):
    for path in sorted(folder.glob("*.sql")):
        match = re.fullmatch(r"(\d{4})_([a-z0-9_]+)\.sql", path.name)
        if not match:
            sys.exit(f"{path}: the name must be NNNN_name.sql")
        yield int(match[1]), match[2], path.read_text()


def main():
    root, output = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    out = ['#include "sql/migrator.h"', "", "namespace berth::sql {", "namespace {", ""]
    seen = {}
    for dialect in ("sqlite", "postgres"):
        rows = list(entries(root / dialect))
        seen[dialect] = [(number, name) for number, name, _ in rows]
        out.append(f"const Migration k_{dialect}[] = {{")
        for number, name, sql in rows:
            out.append(f'    {{{number}, "{name}", R"berthsql({sql})berthsql"}},')
        out += ["};", ""]
    if seen["sqlite"] != seen["postgres"]:
        sys.exit(f"the two dialects hold different migrations: {seen}")
    out += ["}  // namespace", "",
            "std::span<const Migration> Migrations(Dialect dialect) {",
            "  if (dialect == Dialect::kSqlite) return k_sqlite;",
            "  return k_postgres;", "}", "", "}  // namespace berth::sql", ""]
    output.write_text("\n".join(out))


if __name__ == "__main__":
    main()
