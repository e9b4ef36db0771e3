-- Something is known that had not reached us at the moment: the as-of filter leaks.
SELECT v.report_id, v.version, v.ingested_at::VARCHAR AS ingested_at
FROM core.recent_report AS v, config.moment AS m
WHERE v.ingested_at > m.moment_at
ORDER BY v.report_id, v.version;
