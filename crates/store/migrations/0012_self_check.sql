-- Version 12: what the live self-check found.
--
-- A row is an alarm, not a repair: the books stay as they are until somebody has looked. A wallet that is found
-- sound again, as after a backup was restored, gets `cleared_at`.

-- The latest finding of a kind in a wallet; the UUID of zeros stands for the sums of the platform.
CREATE TABLE self_check_findings (
    wallet     {ID}    NOT NULL,
    code       {TEXT}  NOT NULL,
    what       {TEXT}  NOT NULL,
    found_at   {COUNT} NOT NULL,
    seen_at    {COUNT} NOT NULL,
    cleared_at {COUNT},
    PRIMARY KEY (wallet, code)
) {TABLE};
