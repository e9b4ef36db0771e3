-- What each report says now, all years of them, for analysts. A view over the lake; what the picture is made of stands in
-- core.recent_report and core.report_day.
-- Only the newest version's own text: the police take out names by editing, so an older text is gone for good.
CREATE OR REPLACE VIEW core.report AS
SELECT t.*, n.note_public
FROM core.told_of('stage.report') AS t
LEFT JOIN stage.note AS n ON n.report_id = t.report_id AND n.version = t.version;
COMMENT ON VIEW core.report IS 'One row per report that stands at the moment, as its newest version says.';
