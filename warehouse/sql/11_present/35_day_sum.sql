-- The sums by day of the files that reach into the calendar, kept by the lake for each of its files of reports.
CREATE OR REPLACE VIEW stage.day_sum AS
FROM landed.recent_report_day;
COMMENT ON VIEW stage.day_sum IS
    'One row per file of reports, source, local day, category, kind, severity, area and municipality.';
