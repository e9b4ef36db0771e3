-- The reports of all years that stand. open_place_id names the place of municipal matters that still stand open, however
-- old. An event told of ahead of its time is the last one only when its time has come.
CREATE OR REPLACE TABLE core.standing_total AS
WITH counted AS (
    SELECT t.source_id, t.category, t.open_place_id, sum(t.report_count) AS standing_count,
        min(t.first_event_at) AS first_event_at,
        max(CASE WHEN t.ahead_event_at IS NULL THEN t.last_event_at
            WHEN t.ahead_event_at <= m.moment_at + INTERVAL 15 MINUTES THEN t.ahead_event_at END) AS last_event_at
    FROM stage.report_total AS t, config.moment AS m
    WHERE t.is_standing
    GROUP BY t.source_id, t.category, t.open_place_id
)
SELECT row_number() OVER (ORDER BY source_id, category, open_place_id)::INTEGER AS position,
    source_id, category, open_place_id, standing_count::INTEGER AS standing_count,
    (first_event_at AT TIME ZONE m.timezone)::DATE AS first_event_day, last_event_at
FROM counted, config.moment AS m;
ALTER TABLE core.standing_total ADD PRIMARY KEY (position);
COMMENT ON TABLE core.standing_total IS
    'One row per source, category and place of open municipal matters: the reports of all years that stand.';
