-- sv: Hur många dygn tar det att åtgärda ett anmält fel, per kategori?
-- en: How many days until a reported fault is closed, by category?
SELECT category, count(*) AS count, median(core.day_of(closed_at) - core.day_of(reported_at)) AS median_days
FROM core.report WHERE observation_type = 'municipal_request' AND NOT is_person_sensitive AND closed_at IS NOT NULL AND reported_at IS NOT NULL
GROUP BY category ORDER BY category;
