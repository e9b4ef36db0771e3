-- §3 Förra beslutens utfall: what was promised and is due. Overdue first, the longest waiting first; then what is due
-- today; then what came out since the last picture or within a week of its last day: not done before done.
CREATE OR REPLACE TABLE picture.due_insats AS
WITH due AS (
    SELECT i.*,
        CASE WHEN i.insats_state = 'unknown' THEN 'overdue'
            WHEN i.insats_state IN ('ongoing', 'planned') THEN 'due'
            ELSE i.insats_state END AS due_state
    FROM core.insats AS i, config.moment AS m, core.local_day AS d
    WHERE d.days_ago = 0 AND (
        i.insats_state = 'unknown'
        OR (i.insats_state IN ('ongoing', 'planned') AND i.stop_day = d.local_day)
        OR (i.insats_state IN ('done', 'not_done')
            AND (i.ingested_at > m.previous_moment_at OR (i.stop_day <= d.local_day AND i.days_past <= 7))))
), placed AS (
    SELECT *, row_number() OVER (ORDER BY list_position(['overdue', 'due', 'not_done', 'done'], due_state),
        stop_day NULLS LAST, entry_id)::INTEGER AS nth
    FROM due
)
SELECT nth AS position, '3.' || (nth + 4) AS query_id,  -- the four counts come first
    entry_id, problem, coalesce(place_name, area_name) AS place_label, owner_name, decided_day, stop_day,
    due_state, days_past, dose_unit, planned_dose, done_dose, outcome
FROM placed ORDER BY position;
ALTER TABLE picture.due_insats ADD PRIMARY KEY (position);
COMMENT ON TABLE picture.due_insats IS 'One row per insats that is due, overdue, or came out lately.';
