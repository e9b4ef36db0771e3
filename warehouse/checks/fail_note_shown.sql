-- A text that may not be shown: too long, of a withdrawn report, or of a sensitive one.
SELECT e.report_id, length(e.note_public) AS note_length, e.change_kind
FROM picture.event AS e
JOIN core.report_version AS v ON v.report_id = e.report_id AND v.is_current
LEFT JOIN config.category AS c ON c.category = e.category
WHERE e.note_public IS NOT NULL
    AND (length(e.note_public) > 140 OR v.change_kind = 'withdrawn' OR v.is_person_sensitive
        OR c.finest_precision IN ('kommun', 'lan'))
ORDER BY e.report_id;
