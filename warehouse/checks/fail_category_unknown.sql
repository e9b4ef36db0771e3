-- A report's category is not in the house vocabulary: it would be printed without words.
SELECT r.source_id, r.category, count(*) AS report_count
FROM core.recent_report AS r
WHERE r.category NOT IN (SELECT category FROM config.category)
GROUP BY r.source_id, r.category
ORDER BY r.source_id, r.category;
