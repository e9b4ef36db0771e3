-- sv: Vilka tio platser har flest händelser på 90 dygn?
-- en: Which ten places have most incidents in 90 days?
SELECT place_id, count(*) AS count FROM core.incident
WHERE place_id IS NOT NULL AND local_day BETWEEN core.this_day() - 90 AND core.this_day() - 1
GROUP BY place_id ORDER BY count DESC, place_id LIMIT 10;
