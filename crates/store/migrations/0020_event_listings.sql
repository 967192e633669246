-- Version 20: events of a processor that nobody brought.
--
-- Whoever was away asks the processor for what was told meanwhile. Up to when that was asked for stands here, one row for
-- each processor; the events themselves are in `processor_events`, where each is noted once, however it came.
CREATE TABLE event_listings (
    processor    {TEXT}  NOT NULL PRIMARY KEY,
    listed_until {COUNT} NOT NULL
) {TABLE};
