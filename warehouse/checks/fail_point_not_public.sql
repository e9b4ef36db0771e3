-- A coordinate where none may stand: the place is not known as a point or named place, or may not be shown as one.
SELECT report_id, location_precision, publicness FROM core.recent_report
WHERE (latitude IS NOT NULL OR longitude IS NOT NULL) AND location_precision NOT IN ('punkt', 'plats')
UNION
SELECT p.report_id, r.location_precision, r.publicness
FROM picture.map_point AS p LEFT JOIN core.recent_report AS r ON r.report_id = p.report_id
WHERE r.report_id IS NULL OR r.is_person_sensitive
    OR NOT (r.location_precision = 'punkt' OR (r.location_precision = 'plats' AND r.publicness = 'public'))
ORDER BY 1;
