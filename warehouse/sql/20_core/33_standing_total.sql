-- What the picture must know of all years: counted here once, from narrow columns. open_place_id names the place of
-- municipal matters that still stand open, however old.
CREATE OR REPLACE TABLE core.standing_total AS
WITH standing AS (
    SELECT v.source_id, v.category, coalesce(v.occurred_from, v.reported_at, v.published_at) AS event_at,
        CASE WHEN v.status = 'open' AND v.observation_type IN ('municipal_request', 'safety_walk') THEN v.place_id END
            AS open_place_id
    FROM stage.known_version AS v
    ANTI JOIN (SELECT report_id, version - 1 AS version FROM stage.known_version WHERE version > 1) AS newer
        ON newer.report_id = v.report_id AND newer.version = v.version
    WHERE v.change_kind <> 'withdrawn'
), counted AS (
    SELECT s.source_id, s.category, s.open_place_id, count(*) AS standing_count, min(s.event_at) AS first_event_at,
        max(s.event_at) FILTER (s.event_at <= m.moment_at + INTERVAL 15 MINUTES) AS last_event_at
    FROM standing AS s, config.moment AS m
    GROUP BY s.source_id, s.category, s.open_place_id
)
SELECT row_number() OVER (ORDER BY source_id, category, open_place_id)::INTEGER AS position,
    source_id, category, open_place_id, standing_count::INTEGER AS standing_count,
    (first_event_at AT TIME ZONE m.timezone)::DATE AS first_event_day, last_event_at
FROM counted, config.moment AS m;
ALTER TABLE core.standing_total ADD PRIMARY KEY (position);
COMMENT ON TABLE core.standing_total IS
    'One row per source, category and place of open municipal matters: the reports of all years that stand.';
