-- §8 Insatser och resurser i dag: who is out, where, when, by the clock. What names no hour comes first: it is all day.
CREATE OR REPLACE TABLE picture.effort AS
WITH today AS (
    SELECT e.*, row_number() OVER (ORDER BY coalesce(e.clock_from, '00:00'), e.effort_kind, e.owner_name NULLS LAST,
        e.entry_id)::INTEGER AS nth
    FROM core.effort_day AS e JOIN core.local_day AS d ON d.local_day = e.local_day AND d.days_ago = 0
)
SELECT nth AS position, '8.' || (nth + 2) AS query_id,  -- the two counts come first
    effort_kind, entry_id, effort_type, problem, owner_name, unit_count, place_name, area_name, clock_from, clock_until
FROM today ORDER BY position;
ALTER TABLE picture.effort ADD PRIMARY KEY (position);
COMMENT ON TABLE picture.effort IS 'One row per insats or resource that is out today.';
