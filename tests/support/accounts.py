"""Accounts for the black-box suites."""

import sqlite3
import subprocess


def create_user(server, name, password):
    """Creates a user with the program's own command."""
    subprocess.run([server.program, "user", "create", name, "--password-stdin", "--data", str(server.data)],
                   input=password + "\n", text=True, stdout=subprocess.DEVNULL, env=server.environment,
                   check=True)


def make_private_by_default(server, name):
    """What `name` pushes into new repositories is private from now on; no registry request can say so."""
    database = sqlite3.connect(server.data / "berth.db", timeout=10)
    with database:
        changed = database.execute("UPDATE account SET default_private = 1 WHERE name = ?", (name,)).rowcount
    database.close()
    if changed != 1:
        raise RuntimeError(f"there is no account {name}")
