-- Something that is not an incident of a comparable source is counted as one (meta, activity, the police's notices).
SELECT i.report_id, r.counts_as, f.is_trend_source
FROM core.incident AS i
LEFT JOIN core.recent_report AS r ON r.report_id = i.report_id
LEFT JOIN config.feed AS f ON f.source_id = i.source_id
WHERE r.counts_as IS DISTINCT FROM 'incident' OR f.is_trend_source IS DISTINCT FROM TRUE OR r.is_ours IS NOT TRUE
ORDER BY i.report_id;
