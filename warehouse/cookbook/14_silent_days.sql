-- sv: Vilka dygn de senaste fyra veckorna var en jämförbar källa tyst?
-- en: On which days of the last four weeks was a comparable source silent?
SELECT d.source_id, d.local_day FROM core.feed_day AS d JOIN reference.feed AS f USING (source_id)
WHERE f.is_trend_source AND NOT d.is_heard AND d.period BETWEEN 0 AND 3 ORDER BY ALL;
