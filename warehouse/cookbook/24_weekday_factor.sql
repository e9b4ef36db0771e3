-- sv: Hur många händelser per veckodag det senaste året, de känsliga undantagna?
-- en: Incidents by weekday in the last year, the sensitive ones left out?
SELECT isodow(local_day) AS weekday, count(*) AS count FROM core.incident
WHERE NOT is_person_sensitive AND local_day BETWEEN core.this_day() - 364 AND core.this_day() - 1 GROUP BY ALL ORDER BY ALL;
