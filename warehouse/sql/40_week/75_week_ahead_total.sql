-- Darkness at both ends of the fortnight, and whether the registers behind it were heard.
CREATE OR REPLACE TABLE picture.week_ahead_total AS
SELECT d.local_day AS today, d.local_day + 14 AS last_day, f.light, f.dark_from, fn.dark_until,
    l.light AS last_light, l.dark_from AS last_dark_from, ln.dark_until AS last_dark_until
FROM core.local_day AS d
LEFT JOIN config.calendar_day AS f ON f.local_day = d.local_day
LEFT JOIN config.calendar_day AS fn ON fn.local_day = d.local_day + 1
LEFT JOIN config.calendar_day AS l ON l.local_day = d.local_day + 14
LEFT JOIN config.calendar_day AS ln ON ln.local_day = d.local_day + 15
WHERE d.days_ago = 0;
ALTER TABLE picture.week_ahead_total ADD PRIMARY KEY (today);
COMMENT ON TABLE picture.week_ahead_total IS 'One row per picture: darkness tonight and a fortnight on.';
