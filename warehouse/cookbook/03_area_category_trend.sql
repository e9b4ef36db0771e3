-- sv: Hur har varje område och brottsfamilj rört sig månad för månad i år?
-- en: How has each area and category family moved, month by month, this year?
SELECT area_key, family, date_trunc('month', local_day)::DATE AS month, count(*) AS count
FROM core.incident WHERE local_day >= date_trunc('year', core.this_day())
GROUP BY ALL ORDER BY ALL;
