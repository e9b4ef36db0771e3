-- sv: Hur många händelser per veckodag det senaste året?
-- en: Incidents by weekday in the last year?
SELECT isodow(local_day) AS weekday, count(*) AS count FROM core.incident
WHERE local_day BETWEEN core.this_day() - 364 AND core.this_day() - 1 GROUP BY ALL ORDER BY ALL;
