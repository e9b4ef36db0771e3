-- §7 SMHI's warnings for today and the three days after: gravest first, a level nobody knows before them all; then what
-- is here already before what is to come.
CREATE OR REPLACE TABLE picture.warning AS
WITH placed AS (
    SELECT w.*, row_number() OVER (ORDER BY list_position(['rod', 'orange', 'gul', 'meddelande'], w.warning_level)
        NULLS FIRST, w.warned_from NULLS FIRST, w.entry_id)::INTEGER AS nth
    FROM core.weather_warning AS w, config.moment AS m, core.local_day AS d
    WHERE d.days_ago = 0 AND coalesce(w.warned_until > m.moment_at, TRUE)
        AND coalesce(w.warned_from < ((d.local_day + 4)::TIMESTAMP AT TIME ZONE m.timezone), TRUE)
)
SELECT p.nth AS position, '7.' || (p.nth + 3) AS query_id, p.entry_id, p.warning_level, p.event_sv, p.event_en,
    p.warned_area_sv, p.warned_area_en, p.reach, p.area_ids, p.area_names, p.warned_from, p.warned_until, p.is_now,
    coalesce(p.first_seen_at > m.previous_moment_at, FALSE) AS is_new
FROM placed AS p, config.moment AS m ORDER BY position;
ALTER TABLE picture.warning ADD PRIMARY KEY (position);
COMMENT ON TABLE picture.warning IS 'One row per weather warning for today and the three days after it.';
