-- What a report says now, in the words of the settings. Withdrawn reports are gone from here.
-- event_at is when it happened or, where the source does not say, when it was reported or published; is_time_known
-- tells which. A sensitive report has no hour: the week is the finest that may be told of it.
-- An area the settings no longer hold (areas were redrawn) is no area: the report is counted in the municipality
-- and waits for a rebuild to be placed again (warn_area_unknown).
-- ``reports`` names a table with the columns of stage.report: all years of them, or the newest.
CREATE OR REPLACE MACRO core.told_of(reports) AS TABLE
WITH known AS (
    SELECT r.*, c.category_sv, c.category_en, c.family, a.area_id AS known_area_id, f.is_trend_source,
        stage.is_sensitive(r.is_person_sensitive, c.finest_precision, r.counts_as) AS is_sensitive,
        r.is_person_sensitive OR coalesce(c.finest_precision IN ('kommun', 'lan'), FALSE) AS is_hour_hidden
    FROM query_table(reports) AS r
    LEFT JOIN config.category AS c ON c.category = r.category
    LEFT JOIN config.area AS a ON a.area_id = r.area_id
    LEFT JOIN config.feed AS f ON f.source_id = r.source_id
    WHERE r.change_kind <> 'withdrawn'
)
SELECT
    t.report_id, t.version, t.change_kind, t.source_id, t.owner_org, t.observation_type, t.counts_as,
    t.category, t.category_sv, t.category_en, t.family, t.severity_default::INTEGER AS severity,
    coalesce(t.occurred_from, t.reported_at, t.published_at) AS event_at,
    t.occurred_from IS NOT NULL AND t.occurred_precision IN ('minute', 'hour', 'interval') AS is_time_known,
    t.occurred_from, t.occurred_until, t.occurred_precision, t.local_day,
    CASE WHEN NOT t.is_hour_hidden THEN t.local_hour END AS local_hour,
    CASE WHEN NOT t.is_hour_hidden THEN t.local_weekday END AS local_weekday,
    t.reported_at, t.published_at, t.first_seen_at, t.ingested_at,
    t.place_id, p.place_name, t.place_text, t.place_type, t.publicness, t.known_area_id AS area_id,
    t.municipality_code, t.county_code, t.latitude, t.longitude,
    CASE WHEN t.location_precision = 'omrade' AND t.known_area_id IS NULL THEN 'kommun'
        ELSE t.location_precision END AS location_precision,
    t.location_method, t.action_taken, t.police_informed, t.quantity, t.status, t.closed_at,
    t.is_sensitive AS is_person_sensitive,
    stage.is_ours(t.is_trend_source, t.municipality_code, k.municipality_code) AS is_ours,
    t.tlp, t.dq_flags
FROM known AS t
CROSS JOIN config.municipality AS k
LEFT JOIN config.place AS p ON p.place_id = t.place_id;
