-- sv: Hur ofta tillkallades eller underrättades polisen, per väktarkälla?
-- en: How often were the police told, by guard source?
SELECT source_id, count(*) AS count, count(*) FILTER (police_informed) AS informed,
    count(*) FILTER (police_informed IS NULL) AS unknown
FROM core.report WHERE observation_type = 'guard_report' GROUP BY source_id ORDER BY source_id;
