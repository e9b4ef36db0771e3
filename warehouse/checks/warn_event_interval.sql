-- A planned event or a school holiday that ends before it begins: it is listed on no day.
SELECT 'planned_event' AS register, entry_id, start_day, stop_day FROM stage.planned_event WHERE stop_day < start_day
UNION ALL
SELECT 'school_holiday', entry_id, start_day, stop_day FROM stage.school_holiday WHERE stop_day < start_day
ORDER BY 1, 2;
