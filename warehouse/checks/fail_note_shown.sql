-- A text that may not be shown: too long, of a withdrawn report, or of a sensitive one.
SELECT e.report_id, length(e.note_public) AS note_length, e.change_kind
FROM picture.event AS e
LEFT JOIN core.recent_report AS r ON r.report_id = e.report_id  -- where withdrawn ones are not
LEFT JOIN config.category AS c ON c.category = e.category
WHERE e.note_public IS NOT NULL
    AND (length(e.note_public) > 140 OR r.report_id IS NULL OR r.is_person_sensitive
        OR c.finest_precision IN ('kommun', 'lan'))
ORDER BY e.report_id;
