-- What each report says now. Withdrawn reports are gone from here (their versions stand in core.report_version).
-- event_at is when it happened or, where the source does not say, when it was reported or published; is_time_known
-- tells which. local_hour is given only where the hour is worth something: an interval longer than one watch of
-- three hours says when a round went by, not when it happened, and a short one counts at its middle. A sensitive
-- report has none: the week is the finest that may be told of it.
-- An area the settings no longer hold (areas were redrawn) is no area: the report is counted in the municipality
-- and waits for a rebuild to be placed again (warn_area_unknown).
-- A view over the lake, all years of it; what the picture is made of stands in core.recent_report.
CREATE OR REPLACE VIEW core.report AS
WITH timed AS (
    SELECT
        v.* EXCLUDE (area_id, is_person_sensitive, location_precision),
        a.area_id,
        CASE WHEN v.location_precision = 'omrade' AND a.area_id IS NULL THEN 'kommun'
            ELSE v.location_precision END AS location_precision,
        c.category_sv, c.category_en, c.family,
        v.is_person_sensitive OR coalesce(c.finest_precision IN ('kommun', 'lan') AND v.counts_as <> 'meta', FALSE)
            AS is_person_sensitive,
        coalesce(v.occurred_from, v.reported_at, v.published_at) AS event_at,
        v.occurred_from IS NOT NULL AND v.occurred_precision IN ('minute', 'hour', 'interval') AS is_time_known,
        CASE
            WHEN v.occurred_from IS NULL OR v.is_person_sensitive OR c.finest_precision IN ('kommun', 'lan') THEN NULL
            WHEN v.occurred_precision IN ('minute', 'hour') THEN v.occurred_from
            WHEN v.occurred_precision = 'interval'
                AND v.occurred_until BETWEEN v.occurred_from AND v.occurred_from + INTERVAL 3 HOURS
                THEN v.occurred_from + (v.occurred_until - v.occurred_from) / 2
        END AS hour_at
    FROM core.report_version AS v
    LEFT JOIN config.category AS c ON c.category = v.category
    LEFT JOIN config.area AS a ON a.area_id = v.area_id
    WHERE v.is_current AND v.change_kind <> 'withdrawn'
)
SELECT
    t.report_id, t.version, t.change_kind, t.source_id, t.owner_org, t.observation_type, t.counts_as,
    t.category, t.category_sv, t.category_en, t.family, t.severity_default::INTEGER AS severity,
    t.event_at, t.is_time_known, t.occurred_from, t.occurred_until, t.occurred_precision,
    (t.event_at AT TIME ZONE m.timezone)::DATE AS local_day,
    hour(t.hour_at AT TIME ZONE m.timezone)::INTEGER AS local_hour,
    isodow(t.hour_at AT TIME ZONE m.timezone)::INTEGER AS local_weekday,
    t.reported_at, t.published_at, t.first_seen_at, t.ingested_at,
    t.place_id, p.place_name, t.place_text, t.place_type, t.publicness, t.area_id, t.municipality_code, t.county_code,
    t.latitude, t.longitude, t.location_precision, t.location_method,
    t.action_taken, t.police_informed, t.quantity, t.status, t.closed_at, n.note_public,
    t.is_person_sensitive,
    -- A partner's report that names no municipality is about ours: that is what the agreement with the partner
    -- says. The police's notices cover the country, so theirs must name it.
    CASE WHEN coalesce(f.is_trend_source, FALSE) THEN coalesce(t.municipality_code, k.municipality_code)
        ELSE coalesce(t.municipality_code, '-') END = k.municipality_code AS is_ours,
    t.tlp, t.dq_flags
FROM timed AS t
CROSS JOIN config.moment AS m
CROSS JOIN config.municipality AS k
LEFT JOIN config.feed AS f ON f.source_id = t.source_id
LEFT JOIN config.place AS p ON p.place_id = t.place_id
-- Only the newest version's own text: the police take out names by editing, so an older text is gone for good.
LEFT JOIN stage.note AS n ON n.report_id = t.report_id AND n.version = t.version;
COMMENT ON VIEW core.report IS 'One row per report that stands at the moment, as its newest version says.';
