-- A resource that is out on no day at all: it ends before it begins, or none of its weekdays falls between.
SELECT r.entry_id, r.start_day, r.stop_day, r.weekdays
FROM stage.resource AS r
WHERE NOT EXISTS (
    SELECT 1 FROM range(0, 7) AS n(day)  -- a week from the first day holds every weekday
    WHERE r.start_day + n.day::INTEGER <= coalesce(r.stop_day, r.start_day)
        AND (r.weekdays IS NULL
            OR list_contains(string_split(r.weekdays, ','), isodow(r.start_day + n.day::INTEGER)::VARCHAR))
)
ORDER BY r.entry_id;
