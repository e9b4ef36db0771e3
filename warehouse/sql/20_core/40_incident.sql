-- The rows every count of the last eight weeks is made of, in one place, so that map, table and text cannot disagree; the
-- year they are held against is counted by days, by the same rule (core.incident_day).
-- A report counts when it tells of an incident (not of activity, context, perception or a summary), comes from a
-- source whose numbers may be compared over time (the police's public notices may not: what is published is chosen),
-- and is about this municipality. A report from the future (a clock fault) waits outside; 15 minutes are forgiven.
-- area_key is '-' where the report names no area: counted in the totals, in no area.
CREATE OR REPLACE TABLE core.incident AS
SELECT
    r.report_id, r.source_id, r.area_id, coalesce(r.area_id, '-') AS area_key, r.category, r.family, r.severity,
    r.event_at, r.local_day, d.period, r.local_hour, r.local_weekday, r.place_id, r.publicness,
    r.is_person_sensitive
FROM core.recent_report AS r
JOIN config.feed AS f ON f.source_id = r.source_id AND f.is_trend_source
CROSS JOIN config.moment AS m
LEFT JOIN core.local_day AS d ON d.local_day = r.local_day
WHERE r.counts_as = 'incident'
    AND r.is_ours
    AND r.event_at <= m.moment_at + INTERVAL 15 MINUTES;
ALTER TABLE core.incident ADD PRIMARY KEY (report_id);
COMMENT ON TABLE core.incident IS
    'One row per incident of the last eight weeks that counts: one report of one comparable source.';
