-- The reports that stand, summed by local day as the lake sums them (warehouse/current.py).
CREATE OR REPLACE MACRO stage.day_of(reports) AS TABLE
SELECT source_id, local_day, category, counts_as, severity_default, area_id, municipality_code,
    count(*)::INTEGER AS report_count
FROM query_table(reports)
WHERE change_kind <> 'withdrawn' AND local_day IS NOT NULL
GROUP BY ALL;
