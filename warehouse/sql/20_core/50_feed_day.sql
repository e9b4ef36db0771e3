-- Which days each source was heard about. A day that a source said nothing about is taken out of every baseline:
-- a dead feed is not a calm day. A day is heard when an accepted delivery covers it, or (where a delivery does not
-- say what it covers) when one came that day or the next, or when the source tells of anything at all that day.
-- The last keeps count and exposure together: an incident never stands on a day that is not counted on.
CREATE OR REPLACE TABLE core.feed_day AS
WITH calendar AS (
    SELECT min(local_day) AS first_day, max(local_day) AS last_day FROM core.local_day
), span AS (
    SELECT
        d.source_id, d.delivery_sha256,
        CASE WHEN d.covers_from IS NULL OR d.covers_until IS NULL THEN d.received_day - 1
            ELSE (d.covers_from AT TIME ZONE m.timezone)::DATE END AS span_from,
        CASE WHEN d.covers_from IS NULL OR d.covers_until IS NULL THEN d.received_day
            -- covers_until is not itself covered: a file until midnight does not cover the day that then begins
            ELSE (greatest(d.covers_from, d.covers_until - INTERVAL 1 MICROSECOND) AT TIME ZONE m.timezone)::DATE
        END AS span_until
    FROM stage.delivery AS d, config.moment AS m
    WHERE d.disposition = 'accepted'
    UNION ALL
    SELECT a.source_id, NULL, (a.started_at AT TIME ZONE m.timezone)::DATE - 1,
        (a.started_at AT TIME ZONE m.timezone)::DATE
    FROM stage.attempt AS a, config.moment AS m
    WHERE a.is_sign_of_life
), heard AS (
    SELECT s.source_id, s.delivery_sha256,
        unnest(generate_series(greatest(s.span_from, c.first_day), least(s.span_until, c.last_day),
            INTERVAL 1 DAY))::DATE AS local_day
    FROM span AS s, calendar AS c
    WHERE s.span_until >= c.first_day AND s.span_from <= c.last_day
), heard_day AS (
    SELECT source_id, local_day, count(DISTINCT delivery_sha256)::INTEGER AS delivery_count
    FROM heard GROUP BY ALL
), told_day AS (
    SELECT source_id, local_day, sum(report_count)::INTEGER AS report_count FROM core.report_day GROUP BY ALL
)
SELECT
    f.source_id, d.local_day, d.days_ago, d.period, d.weekday,
    h.source_id IS NOT NULL OR t.source_id IS NOT NULL AS is_heard,
    coalesce(h.delivery_count, 0) AS delivery_count,
    coalesce(t.report_count, 0) AS report_count
FROM config.feed AS f
CROSS JOIN core.local_day AS d
LEFT JOIN heard_day AS h ON h.source_id = f.source_id AND h.local_day = d.local_day
LEFT JOIN told_day AS t ON t.source_id = f.source_id AND t.local_day = d.local_day;
ALTER TABLE core.feed_day ADD PRIMARY KEY (source_id, local_day);
COMMENT ON TABLE core.feed_day IS 'One row per source and local day of the calendar: was anything heard about it.';
