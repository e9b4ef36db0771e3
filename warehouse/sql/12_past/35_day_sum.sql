-- The sums by day, as they were then.
CREATE OR REPLACE VIEW stage.day_sum AS
FROM stage.day_of('stage.report');
COMMENT ON VIEW stage.day_sum IS 'One row per source, local day, category, kind, severity, area and municipality.';
