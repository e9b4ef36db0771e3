-- sv: Vilka händelser av grad 4 eller 5 kom de senaste 28 dygnen?
-- en: Which incidents of severity 4 or 5 in the last 28 days? (Of a sensitive one the Monday of its week.)
SELECT report_id, local_day, category, area_key FROM core.incident
WHERE severity >= 4 AND local_day BETWEEN core.this_day() - 28 AND core.this_day() - 1 ORDER BY local_day, report_id;
