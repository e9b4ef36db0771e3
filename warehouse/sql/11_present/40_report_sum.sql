-- The sums over all years, kept by the lake for each of its files of reports.
CREATE OR REPLACE VIEW stage.report_sum AS
SELECT * EXCLUDE (first_seen_months) FROM landed.report_total;
COMMENT ON VIEW stage.report_sum IS
    'One row per file of reports, source, category, area, open place, label, standing and event ahead of its time.';
