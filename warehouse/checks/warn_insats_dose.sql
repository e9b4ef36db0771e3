-- An insats of the last four weeks with more done than was planned: the plan was changed and not the register, or a slip.
SELECT i.entry_id, i.dose_unit, i.planned_dose, i.done_dose
FROM core.insats AS i JOIN core.local_day AS d ON d.days_ago = 0
WHERE i.done_dose > i.planned_dose AND coalesce(i.stop_day > d.local_day - 28, TRUE)
ORDER BY i.entry_id;
