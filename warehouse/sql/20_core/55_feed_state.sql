-- How each source is at the moment: the first thing the sheet says, since every other number leans on it.
-- Heard means: an accepted delivery, or an answer over HTTP with nothing new in it. A quarantined delivery is not
-- being heard. Frozen means: it answers, but says nothing it did not say before, and has told of no new event, for
-- longer than the source may be down. A source that may well have nothing to say (expected_low 0) is not frozen.
CREATE OR REPLACE TABLE core.feed_state AS
WITH life AS (
    SELECT source_id, ingested_at AS heard_at FROM stage.delivery WHERE disposition = 'accepted'
    UNION
    SELECT source_id, started_at FROM stage.attempt WHERE is_sign_of_life
    UNION  -- of the years before the deliveries that are looked at, the ends are enough to tell a silence by
    SELECT source_id, unnest([first_accepted_at, last_accepted_at]) FROM stage.source_span
), heard AS (
    SELECT source_id, max(heard_at) AS last_received_at, arg_max(gap, heard_at) AS last_gap
    FROM (SELECT source_id, heard_at, heard_at - lag(heard_at) OVER (PARTITION BY source_id ORDER BY heard_at) AS gap
          FROM life)
    GROUP BY source_id
), first_content AS (  -- the same bytes again are not new content
    SELECT source_id, delivery_sha256, min(ingested_at) AS first_at
    FROM stage.delivery WHERE disposition = 'accepted' GROUP BY source_id, delivery_sha256
), content AS (
    SELECT source_id, max(first_at) AS last_new_content_at FROM first_content GROUP BY source_id
), event AS (
    SELECT source_id, max(last_event_at) AS last_event_at FROM core.standing_total GROUP BY source_id
), day AS (
    SELECT d.source_id, sum(d.seen_count) AS seen_count, sum(d.accepted_count) AS accepted_count,
        sum(d.rejected_count) AS rejected_count, sum(d.duplicate_count) AS duplicate_count,
        count(*) FILTER (WHERE d.disposition = 'quarantined') AS quarantined_count
    FROM stage.delivery AS d, config.moment AS m
    WHERE d.ingested_at > m.moment_at - INTERVAL 24 HOURS GROUP BY d.source_id
), noticed AS (
    SELECT n.source_id, count(*) AS notice_count
    FROM landed.recent_notice AS n, config.moment AS m
    WHERE n.ingested_at <= m.moment_at AND n.ingested_at > m.moment_at - INTERVAL 24 HOURS GROUP BY n.source_id
), failed AS (
    SELECT a.source_id, arg_max(a.cause, (a.started_at, a.run_id)) AS last_cause
    FROM stage.attempt AS a LEFT JOIN heard AS h ON h.source_id = a.source_id
    WHERE a.status = 'failed' AND (h.last_received_at IS NULL OR a.started_at > h.last_received_at)
    GROUP BY a.source_id
), timed AS (
    SELECT f.*, h.last_received_at, e.last_event_at, c.last_new_content_at, h.last_gap, m.moment_at,
        epoch(m.moment_at - h.last_received_at) / 3600 AS hours_silent
    FROM config.feed AS f
    CROSS JOIN config.moment AS m
    LEFT JOIN heard AS h ON h.source_id = f.source_id
    LEFT JOIN event AS e ON e.source_id = f.source_id
    LEFT JOIN content AS c ON c.source_id = f.source_id
)
SELECT
    t.position, t.source_id, t.title_sv, t.title_en, t.owner_org, t.role, t.is_trend_source,
    CASE WHEN t.hours_silent IS NULL THEN 'never'
        WHEN t.hours_silent <= t.late_after_hours THEN 'fresh'
        WHEN t.hours_silent <= t.down_after_hours THEN 'late'
        ELSE 'down' END AS status,
    t.last_received_at, t.last_event_at, t.last_new_content_at, t.hours_silent,
    d.seen_count::INTEGER AS seen_count, d.accepted_count::INTEGER AS accepted_count,
    d.rejected_count::INTEGER AS rejected_count, d.duplicate_count::INTEGER AS duplicate_count,
    d.quarantined_count::INTEGER AS quarantined_count,
    t.expected_low, t.expected_high,
    -- A source heard less often than daily cannot be held to a number of records a day.
    CASE WHEN t.hours_silent <= 24 AND coalesce(t.expected_every_hours, 24) <= 24
        THEN coalesce(d.accepted_count, 0) < t.expected_low END AS is_below_expected,
    CASE WHEN t.hours_silent <= 24 AND coalesce(t.expected_every_hours, 24) <= 24
        THEN coalesce(d.accepted_count, 0) > t.expected_high END AS is_above_expected,
    x.last_cause,
    coalesce(n.notice_count, 0)::INTEGER AS notice_count,
    coalesce(t.hours_silent > t.loss_after_hours
        OR (t.hours_silent <= 24 AND epoch(t.last_gap) / 3600 > t.loss_after_hours), FALSE) AS is_possible_loss,
    coalesce(t.hours_silent <= t.late_after_hours AND coalesce(t.expected_low, 1) > 0
        AND epoch(t.moment_at - t.last_new_content_at) / 3600 > t.down_after_hours
        AND epoch(t.moment_at - t.last_event_at) / 3600 > t.down_after_hours, FALSE) AS is_frozen
FROM timed AS t
LEFT JOIN day AS d ON d.source_id = t.source_id
LEFT JOIN noticed AS n ON n.source_id = t.source_id
LEFT JOIN failed AS x ON x.source_id = t.source_id;
ALTER TABLE core.feed_state ADD PRIMARY KEY (source_id);
COMMENT ON TABLE core.feed_state IS 'One row per source: how it is at the moment.';
