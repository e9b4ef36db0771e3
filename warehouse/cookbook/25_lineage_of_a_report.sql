-- sv: Vilka leveranser bär den senaste grova händelsen?
-- en: Which deliveries carry the latest severe incident?
SELECT v.report_id, v.version, v.delivery_sha256, d.ingested_at, d.source_id, v.run_id
FROM core.report_version AS v JOIN quality.delivery AS d USING (source_id, delivery_sha256, ingested_at)
WHERE v.report_id = (SELECT arg_max(report_id, (event_at, report_id)) FROM core.incident WHERE severity >= 4)
ORDER BY v.version;
