-- Local days and weeks, and like periods: an analyst who writes date_trunc on a UTC instant is wrong for two hours a
-- day, and one who holds a week against a month's first seven days compares weekends with weekdays.
CREATE OR REPLACE MACRO core.local_time(instant) AS instant AT TIME ZONE (SELECT timezone FROM reference.moment);
COMMENT ON MACRO core.local_time IS 'The local clock''s date and time of an instant.';
CREATE OR REPLACE MACRO core.day_of(instant) AS core.local_time(instant)::DATE;
COMMENT ON MACRO core.day_of IS 'The local day of an instant.';
CREATE OR REPLACE MACRO core.week_of(day) AS strftime(day::DATE, '%G-W%V');
COMMENT ON MACRO core.week_of IS 'The ISO week of a local day, 2026-W48; the year is the week''s own.';
CREATE OR REPLACE MACRO core.this_day() AS core.day_of((SELECT moment_at FROM reference.moment));
COMMENT ON MACRO core.this_day IS 'The local day this snapshot knows the world at. Not the clock''s day.';
CREATE OR REPLACE MACRO core.start_of(day) AS day::DATE::TIMESTAMP AT TIME ZONE (SELECT timezone FROM reference.moment);
COMMENT ON MACRO core.start_of IS 'The instant a local day begins.';
CREATE OR REPLACE MACRO core.last_weekday(wanted) AS
    (core.this_day() - ((isodow(core.this_day()) - wanted + 6) % 7 + 1)::INTEGER)::DATE;
COMMENT ON MACRO core.last_weekday IS 'The last local day before today of that weekday (1 Monday … 7 Sunday).';
CREATE OR REPLACE MACRO core.like_periods(from_day, until_day, periods) AS TABLE
    SELECT n::INTEGER AS periods_ago,
        (from_day::DATE - (n * 7 * ((until_day::DATE - from_day::DATE) // 7 + 1))::INTEGER)::DATE AS from_day,
        (until_day::DATE - (n * 7 * ((until_day::DATE - from_day::DATE) // 7 + 1))::INTEGER)::DATE AS until_day
    FROM range(0, periods + 1) AS r(n)
    ORDER BY periods_ago;
COMMENT ON MACRO TABLE core.like_periods IS
    'One row per period: the asked one (0) and as many before it, of equal length and the same weekdays, never overlapping.';
