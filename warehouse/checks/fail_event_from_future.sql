-- Something is shown or counted that happens more than 15 minutes after the moment: a clock is wrong somewhere.
SELECT e.report_id, e.occurred_from AS event_at FROM picture.event AS e, config.moment AS m
WHERE e.occurred_from > m.moment_at + INTERVAL 15 MINUTES
UNION ALL
SELECT i.report_id, i.event_at FROM core.incident AS i, config.moment AS m
WHERE i.event_at > m.moment_at + INTERVAL 15 MINUTES
ORDER BY 1;
