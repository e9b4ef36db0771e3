-- §11 Beslut: what was decided since the last picture of the meeting, so that it is read out before new lines are written.
CREATE OR REPLACE TABLE picture.decision AS
WITH fresh AS (
    SELECT i.*, row_number() OVER (ORDER BY i.decided_day NULLS LAST, i.first_seen_at, i.entry_id)::INTEGER AS nth
    FROM core.insats AS i, config.moment AS m
    WHERE i.decided_day >= coalesce((m.previous_moment_at AT TIME ZONE m.timezone)::DATE, i.decided_day)
        OR (i.decided_day IS NULL AND i.first_seen_at > m.previous_moment_at)
)
SELECT nth AS position, '11.' || nth AS query_id, entry_id, problem, coalesce(place_name, area_name) AS place_label,
    owner_name, decided_day, stop_day
FROM fresh ORDER BY position;
ALTER TABLE picture.decision ADD PRIMARY KEY (position);
COMMENT ON TABLE picture.decision IS 'One row per decision recorded since the last picture.';
