-- The warnings as they were known at the moment: each one's newest version then; one that is no more told is not among
-- them: it has ended or was called off.
CREATE OR REPLACE VIEW stage.weather_warning AS
SELECT v.* FROM landed.weather_warning AS v, config.moment AS m
WHERE v.ingested_at <= m.moment_at AND v.change_kind <> 'withdrawn'
    AND NOT EXISTS (
        SELECT 1 FROM landed.weather_warning AS newer
        WHERE newer.entry_id = v.entry_id AND newer.version - 1 = v.version AND newer.ingested_at <= m.moment_at
    );
COMMENT ON VIEW stage.weather_warning IS 'One row per area of a weather warning that was out at the moment.';
