-- A sensitive report is placed finer than its municipality.
SELECT report_id, location_precision, area_id IS NOT NULL AS has_area, place_id IS NOT NULL AS has_place
FROM core.recent_report
WHERE is_person_sensitive AND counts_as <> 'meta'
    AND (area_id IS NOT NULL OR place_id IS NOT NULL OR latitude IS NOT NULL OR longitude IS NOT NULL
        OR location_precision IN ('punkt', 'plats', 'omrade'))
ORDER BY report_id;
