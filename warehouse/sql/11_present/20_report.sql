-- What each report says now, withdrawn ones too: kept by the lake, a file of it made anew only where a night touched it.
CREATE OR REPLACE VIEW stage.report AS
FROM landed.report;
COMMENT ON VIEW stage.report IS 'One row per report known at the moment, as its newest version says.';
