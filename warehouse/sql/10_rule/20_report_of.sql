-- A report as one of its versions says, with its local day and the hour where that is worth something: an interval longer
-- than one watch of three hours says when a round went by, not when it happened, and a short one counts at its middle.
-- The lake keeps the same rows for the present moment, worked out as they came (warehouse/current.py); a test holds the
-- two together. ``versions`` names a table with the columns of report_version.
CREATE OR REPLACE MACRO stage.report_of(versions) AS TABLE
WITH timed AS (
    SELECT *,
        CASE
            WHEN occurred_precision IN ('minute', 'hour') THEN occurred_from
            WHEN occurred_precision = 'interval'
                AND occurred_until BETWEEN occurred_from AND occurred_from + INTERVAL 3 HOURS
                THEN occurred_from + (occurred_until - occurred_from) / 2
        END AS hour_at
    FROM query_table(versions)
)
SELECT
    v.report_id, v.version, v.change_kind, v.source_id, v.owner_org, v.observation_type, v.counts_as, v.category,
    v.severity_default, v.occurred_from, v.occurred_until, v.occurred_precision, v.reported_at, v.published_at,
    v.first_seen_at, v.ingested_at, v.place_id, v.place_text, v.place_type, v.publicness, v.area_id,
    v.municipality_code, v.county_code, v.latitude, v.longitude, v.location_precision, v.location_method,
    v.action_taken, v.police_informed, v.quantity, v.status, v.closed_at, v.is_person_sensitive, v.tlp, v.dq_flags,
    (coalesce(v.occurred_from, v.reported_at, v.published_at) AT TIME ZONE m.timezone)::DATE AS local_day,
    hour(v.hour_at AT TIME ZONE m.timezone)::INTEGER AS local_hour,
    isodow(v.hour_at AT TIME ZONE m.timezone)::INTEGER AS local_weekday
FROM timed AS v, config.moment AS m;
