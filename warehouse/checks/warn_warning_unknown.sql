-- A weather warning for the municipality whose level, weather or area could not be read: it is shown with what is known.
SELECT w.entry_id, s.dq_flags
FROM core.weather_warning AS w JOIN stage.weather_warning AS s ON s.entry_id = w.entry_id
WHERE s.dq_flags <> ''
ORDER BY w.entry_id;
