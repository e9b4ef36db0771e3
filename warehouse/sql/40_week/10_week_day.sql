-- The weekly picture's days: the last whole week (Monday to Sunday, week_ago 0) and the 52 before it. Week 52 is the one of
-- the same weekdays 364 days ago: 2026 has an ISO week 53 and 2025 has none.
CREATE OR REPLACE TABLE picture.week_day AS
SELECT d.local_day, ((t.local_day - isodow(t.local_day)::INTEGER - d.local_day) // 7)::INTEGER AS week_ago
FROM core.local_day AS d JOIN core.local_day AS t ON t.days_ago = 0
WHERE d.local_day <= t.local_day - isodow(t.local_day)::INTEGER
    AND (t.local_day - isodow(t.local_day)::INTEGER - d.local_day) // 7 <= 52
ORDER BY d.local_day;
ALTER TABLE picture.week_day ADD PRIMARY KEY (local_day);
COMMENT ON TABLE picture.week_day IS 'One row per local day of the last whole week and the 52 before it.';
