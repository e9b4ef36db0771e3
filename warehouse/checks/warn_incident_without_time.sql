-- Incidents that say nothing of when: they are in core.report and in no count.
SELECT source_id, count(*) AS report_count
FROM core.recent_report WHERE counts_as = 'incident' AND is_ours AND event_at IS NULL
GROUP BY source_id ORDER BY source_id;
