-- An insats that ends before it begins or before it was decided: its days were typed wrongly somewhere.
SELECT i.entry_id, i.decided_day, i.start_day, i.stop_day
FROM core.insats AS i JOIN core.local_day AS d ON d.days_ago = 0
WHERE (i.stop_day < i.start_day OR i.stop_day < i.decided_day) AND i.stop_day > d.local_day - 28
ORDER BY i.entry_id;
