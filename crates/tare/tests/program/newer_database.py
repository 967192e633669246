"""Marks the SQLite file at the given path as migrated by a program of the far future."""

import sqlite3
import sys

with sqlite3.connect(sys.argv[1]) as database:
    database.execute("INSERT INTO schema_version VALUES (99)")
