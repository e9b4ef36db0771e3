-- sv: Vad har ändrats sedan i fredags klockan sex?
-- en: What has changed since Friday at six?
SELECT source_id, change_kind, count(*) AS count
FROM core.changed_since(core.start_of(core.last_weekday(5)) + INTERVAL 6 HOURS)
GROUP BY ALL ORDER BY ALL;
