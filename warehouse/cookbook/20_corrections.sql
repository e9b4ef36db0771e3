-- sv: Hur många rapporter har varje källa rättat eller dragit tillbaka?
-- en: How many reports has each source corrected or withdrawn?
SELECT source_id, count(DISTINCT report_id) FILTER (change_kind = 'changed') AS changed,
    count(DISTINCT report_id) FILTER (change_kind = 'withdrawn') AS withdrawn
FROM core.report_version GROUP BY source_id ORDER BY source_id;
