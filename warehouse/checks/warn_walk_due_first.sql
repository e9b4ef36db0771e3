-- A point of a safety walk that is due before the walk it comes from.
SELECT entry_id, walk_day, due_day FROM core.walk_point WHERE due_day < walk_day ORDER BY entry_id;
