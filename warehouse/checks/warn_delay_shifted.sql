-- How old a source's newest event is when a delivery comes has changed against four weeks: is its clock right.
WITH told AS (
    -- The newest event alone: a source heard more seldom tells of older events too, and its clock is right all the same.
    SELECT d.source_id, d.ingested_at > m.moment_at - INTERVAL 7 DAYS AS is_new,
        date_diff('second', d.newest_event_at, d.ingested_at) / 60 AS delay_minutes
    FROM stage.delivery AS d, config.moment AS m
    WHERE d.disposition = 'accepted' AND d.accepted_count > 0 AND d.newest_event_at IS NOT NULL
        AND d.ingested_at > m.moment_at - INTERVAL 35 DAYS AND d.ingested_at <= m.moment_at
), half AS (
    SELECT source_id, is_new, count(*) AS n, median(delay_minutes) AS delay, mad(delay_minutes) AS spread
    FROM told GROUP BY source_id, is_new HAVING count(*) >= 5
)
-- From three quarters of an hour on (a clock left in summer time is an hour off), and beyond chance: about five standard
-- errors of a median, told from the absolute deviation.
SELECT new.source_id, round(new.delay)::INTEGER AS delay_minutes, round(old.delay)::INTEGER AS delay_minutes_before
FROM half AS new JOIN half AS old ON old.source_id = new.source_id AND NOT old.is_new
WHERE new.is_new
    AND abs(new.delay - old.delay) >= greatest(45, 9 * greatest(new.spread, old.spread) / sqrt(least(new.n, old.n)))
ORDER BY new.source_id;
