-- More than a tenth of what a source told of in seven days has a word we do not know: its vocabulary needs a look.
SELECT r.source_id, count(*) FILTER (WHERE r.category = 'okand') AS unknown_count, count(*) AS report_count
FROM core.recent_report AS r, config.moment AS m
WHERE r.ingested_at > m.moment_at - INTERVAL 7 DAYS
GROUP BY r.source_id
HAVING count(*) FILTER (WHERE r.category = 'okand') > 0.1 * count(*)
ORDER BY r.source_id;
