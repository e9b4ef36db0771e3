-- Insatser against plan: those that are overdue or going on, and those that ended in the week or since, with planned and done
-- dose. Overdue first, the longest waiting on top; then what was not done, what goes on, what was done.
CREATE OR REPLACE TABLE picture.week_insats AS
WITH listed AS (
    SELECT i.*, CASE i.insats_state WHEN 'unknown' THEN 'overdue' ELSE i.insats_state END AS week_state
    FROM core.insats AS i, (SELECT min(local_day) AS from_day FROM picture.week_day WHERE week_ago = 0) AS s
    WHERE i.insats_state IN ('unknown', 'ongoing')
        OR (i.insats_state IN ('done', 'not_done')
            AND (coalesce(i.stop_day, i.start_day, i.decided_day) >= s.from_day OR i.ingested_at >= s.from_day))
), placed AS (
    SELECT *, row_number() OVER (ORDER BY list_position(['overdue', 'not_done', 'ongoing', 'done'], week_state),
        stop_day NULLS LAST, entry_id)::INTEGER AS nth
    FROM listed
)
SELECT nth AS position, 'v9.' || (nth + 3) AS query_id,  -- the three counts come first
    entry_id, source_key, problem, coalesce(place_name, area_name) AS place_label, owner_name, start_day, stop_day,
    week_state, days_past, dose_unit, planned_dose, done_dose, outcome
FROM placed ORDER BY position;
ALTER TABLE picture.week_insats ADD PRIMARY KEY (position);
COMMENT ON TABLE picture.week_insats IS 'One row per insats that is overdue, going on, or ended in the week or since.';
