-- Warnings for the municipality that were taken back before they had run out, since the last picture: no answer of SMHI
-- tells them any more. Why they ended the source does not say.
CREATE OR REPLACE TABLE core.ended_warning AS
SELECT v.entry_id, v.source_id, v.source_key, v.event_sv, v.event_en, v.warning_level, v.warned_area_sv, v.warned_from,
    v.warned_until, v.ingested_at, v.version
FROM landed.weather_warning AS v, config.moment AS m
WHERE v.change_kind = 'withdrawn' AND v.ingested_at <= m.moment_at AND v.ingested_at > m.previous_moment_at
    AND v.reach IN ('kommun', 'lan') AND NOT v.is_test AND coalesce(v.warned_until > v.ingested_at, TRUE)
    AND NOT EXISTS (
        SELECT 1 FROM landed.weather_warning AS newer
        WHERE newer.entry_id = v.entry_id AND newer.version > v.version AND newer.ingested_at <= m.moment_at
    );
ALTER TABLE core.ended_warning ADD PRIMARY KEY (entry_id);
COMMENT ON TABLE core.ended_warning IS 'One row per weather warning taken back early since the last picture.';
