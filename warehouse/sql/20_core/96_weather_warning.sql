-- SMHI's warnings that are for the municipality: those that meet one of its areas, and those for its whole county of
-- which nothing is drawn that can be read. The source's own tests are none.
CREATE OR REPLACE TABLE core.weather_warning AS
WITH met AS (
    SELECT w.entry_id, count(*) AS area_count, string_agg(a.area_name, ', ' ORDER BY a.position) AS area_names
    FROM stage.weather_warning AS w
    JOIN config.area AS a ON list_contains(string_split(w.area_ids, ','), a.area_id)
    GROUP BY w.entry_id
)
SELECT w.entry_id, w.source_id, w.source_key, w.event_code, w.event_sv, w.event_en, w.warning_level,
    w.warned_area_sv, w.warned_area_en, w.reach, w.area_ids,
    -- All of them is the municipality: NULL.
    CASE WHEN m.area_count < (SELECT count(*) FROM config.area) THEN m.area_names END AS area_names,
    w.warned_from, w.warned_until, w.published_at, w.first_seen_at, w.version,
    coalesce(w.warned_from <= t.moment_at, TRUE) AND coalesce(w.warned_until > t.moment_at, TRUE) AS is_now
FROM stage.weather_warning AS w
CROSS JOIN config.moment AS t
LEFT JOIN met AS m ON m.entry_id = w.entry_id
WHERE w.reach IN ('kommun', 'lan') AND NOT w.is_test;
ALTER TABLE core.weather_warning ADD PRIMARY KEY (entry_id);
COMMENT ON TABLE core.weather_warning IS 'One row per area of a weather warning that is out for the municipality.';
