-- What each report said at a moment that is past, or in a picture of a part: worked out from all versions.
CREATE OR REPLACE VIEW stage.report AS
FROM stage.report_of('stage.newest_version');
COMMENT ON VIEW stage.report IS 'One row per report known at the moment, as its newest version says.';
