-- §3 Points of safety walks that are not mended: overdue first, the longest waiting on top, then by the day promised.
CREATE OR REPLACE TABLE picture.walk_point AS
WITH placed AS (
    SELECT *, row_number() OVER (ORDER BY walk_state <> 'overdue', due_day NULLS LAST, walk_day, entry_id)::INTEGER AS nth
    FROM core.walk_point WHERE walk_state IN ('overdue', 'open')
)
SELECT nth AS position, '3.' || (nth + 4 + (SELECT count(*) FROM picture.due_insats)) AS query_id,
    entry_id, finding, measure, category_sv, category_en, coalesce(place_name, area_name) AS place_label, owner_name,
    walk_day, due_day, walk_state, days_past
FROM placed ORDER BY position;
ALTER TABLE picture.walk_point ADD PRIMARY KEY (position);
COMMENT ON TABLE picture.walk_point IS 'One row per point of a safety walk that is not mended.';
