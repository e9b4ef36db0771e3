-- sv: Vad av allt som rapporterats räknas inte, och varför?
-- en: What of all reports does not count, and why?
SELECT r.counts_as, f.is_trend_source, r.is_ours, count(*) AS count
FROM core.report AS r JOIN reference.feed AS f USING (source_id)
WHERE r.report_id NOT IN (SELECT report_id FROM core.incident) GROUP BY ALL ORDER BY ALL;
