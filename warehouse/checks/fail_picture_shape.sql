-- The sheet's tables have not the shape it prints: one head, three sentences, no more events and places than agreed.
SELECT * FROM (
    SELECT 'head' AS part, (SELECT count(*) FROM picture.head) AS row_count, 1 AS low, 1 AS high
    UNION ALL SELECT 'summary', (SELECT count(*) FROM picture.summary), 3, 3
    UNION ALL SELECT 'source', (SELECT count(*) FROM picture.source), (SELECT count(*) FROM config.feed WHERE role <> 'register'),
        (SELECT count(*) FROM config.feed WHERE role <> 'register')
    UNION ALL SELECT 'area_status', (SELECT count(*) FROM picture.area_status), (SELECT count(*) FROM config.area),
        (SELECT count(*) FROM config.area)
    UNION ALL SELECT 'event', (SELECT count(*) FROM picture.event), 0, config.threshold_of('recent_events_max')
    UNION ALL SELECT 'focus_place', (SELECT count(*) FROM picture.focus_place), 0,
        config.threshold_of('focus_places_max')
) AS parts
WHERE row_count NOT BETWEEN low AND high
ORDER BY part;
