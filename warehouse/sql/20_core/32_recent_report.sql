-- The reports that are told of one by one: those that happened, or were heard of, in the last eight weeks or since the
-- last picture. Eight weeks are what a place's persistence is judged by; the year is counted by days (core.report_day).
-- (The bound is a variable: as a table beside the reports it was asked of each of them last, when all their words had
-- been looked up.)
SET VARIABLE recent_from = (
    SELECT least(min(d.day_from) FILTER (d.days_ago <= 56), any_value(coalesce(m.previous_moment_at, m.moment_at)))
    FROM core.local_day AS d, config.moment AS m
);
CREATE OR REPLACE TABLE core.recent_report AS
SELECT t.* EXCLUDE (
    change_kind, category_sv, category_en, owner_org, observation_type, reported_at, published_at, first_seen_at,
    place_name, place_type, municipality_code, location_method, police_informed, quantity, status, closed_at
)
FROM core.told_of('stage.recent_report') AS t
WHERE t.ingested_at >= getvariable('recent_from') OR t.event_at >= getvariable('recent_from');
ALTER TABLE core.recent_report ADD PRIMARY KEY (report_id);
COMMENT ON TABLE core.recent_report IS
    'One row per report that stands and happened, or was heard of, in the last eight weeks or since the last picture.';
