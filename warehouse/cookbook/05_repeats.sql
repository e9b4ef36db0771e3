-- sv: Var har samma brottsfamilj hänt minst tre gånger på fjorton dygn?
-- en: Where has the same category family happened three times or more in fourteen days?
SELECT place_id, family, count(*) AS count FROM core.incident
WHERE place_id IS NOT NULL
    AND local_day BETWEEN core.this_day() - 14 AND core.this_day() - 1
GROUP BY ALL HAVING count(*) >= 3 ORDER BY count DESC, place_id, family;
