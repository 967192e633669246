-- Version 4: an index over long journals, so that questions about the past stay fast.
--
-- A journal is cut into segments of 4096 transfers; segment 0 ends with seq 4096. A job writes the rows of a
-- segment once it is full, behind the writers; the unfinished end of a journal has none and is read as it is.
-- Nothing here is a source of truth: every row is computed from the journal, and `tare verify` does so again.

-- A full segment: when its last transfer moved, and the seal of that transfer.
CREATE TABLE journal_segments (
    wallet    {ID}    NOT NULL,
    segment   {COUNT} NOT NULL CHECK (segment >= 0),
    last_at   {COUNT} NOT NULL,
    last_hash {BYTES} NOT NULL,
    PRIMARY KEY (wallet, segment)
) {CLUSTERED};

-- What the transfers of one kind moved into and out of one grant in one segment. What was left on a grant at
-- the end of a segment is the sum over it and the segments before. Where a grant went is looked for only in
-- the segments that name it.
CREATE TABLE grant_segments (
    wallet    {ID}    NOT NULL,
    grant_id  {ID}    NOT NULL,
    segment   {COUNT} NOT NULL,
    kind      {COUNT} NOT NULL,
    in_nanos  {COUNT} NOT NULL CHECK (in_nanos >= 0),
    out_nanos {COUNT} NOT NULL CHECK (out_nanos >= 0),
    transfers {COUNT} NOT NULL CHECK (transfers > 0),
    PRIMARY KEY (wallet, grant_id, segment, kind)
) {CLUSTERED};
