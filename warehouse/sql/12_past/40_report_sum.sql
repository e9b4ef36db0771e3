-- The sums over all years, as they were then.
CREATE OR REPLACE VIEW stage.report_sum AS
FROM stage.total_of('stage.report');
COMMENT ON VIEW stage.report_sum IS
    'One row per source, category, area, open place, label, standing and event ahead of its time.';
