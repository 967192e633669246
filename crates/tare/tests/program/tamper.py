"""Changes one digit of the journal in the database that is named, as somebody with the file in hand could."""

import sqlite3
import sys

database = sqlite3.connect(sys.argv[1])
database.executescript("""
DROP TRIGGER transfers_keep;
UPDATE transfers SET amount_nanos = 2400000000 WHERE amount_nanos = 2500000000 AND seq = 3;
""")
