-- §0 Huvud. The picture number is year, day of the year and clock, all local: 2026-327-0615.
-- Early in the morning last night is still coming in. Of the police's notices of night events 70 % were out by 07,
-- 90 % by 08 and 97.6 % by 10 (counted over 28,024 notices, 2023–2026); before 07 the first figure is a ceiling, and
-- is_night_ceiling says so.
-- The label is the strictest of the municipality's own, of every report known as it is marked now, withdrawn ones too, and
-- of every version told of as news: a count of rows marked stricter is as strict as they are.
CREATE OR REPLACE TABLE picture.head AS
WITH local AS (
    SELECT m.*, m.moment_at AT TIME ZONE m.timezone AS at FROM config.moment AS m
), label AS (
    SELECT max(list_position(config.tlp_labels(), tlp)) AS strictness
    FROM (SELECT tlp FROM config.municipality UNION ALL SELECT tlp FROM stage.report_total
        UNION ALL SELECT tlp FROM stage.recent_version UNION ALL SELECT tlp FROM stage.register_label)
), voice AS (  -- nought of what nobody was heard about is unknown
    SELECT coalesce(bool_or(s.status IN ('fresh', 'late')), FALSE) AS is_heard_now,
        coalesce(bool_or(p.heard_days > 0), FALSE) AS is_heard
    FROM core.feed_state AS s
    LEFT JOIN core.source_period AS p ON p.source_id = s.source_id AND p.period = 0
    WHERE s.is_trend_source
), told AS MATERIALIZED (  -- in two parts: the planner looks for the best order of all that stands side by side
    SELECT
        (SELECT max(ingested_at) FROM (SELECT ingested_at FROM stage.delivery
            UNION ALL SELECT last_ingested_at FROM stage.report_total)) AS data_cutoff_at,
        (SELECT count(*) FROM core.incident AS i, config.moment AS m
            WHERE i.event_at > m.moment_at - INTERVAL 24 HOURS) AS last_day,
        (SELECT strictness FROM label) AS strictness,
        (SELECT t FROM picture.map_total AS t) AS map
), counted AS MATERIALIZED (
    SELECT
        (SELECT v FROM voice AS v) AS voice,
        config.threshold_of('incomplete_before_hour') AS incomplete_before_hour,
        (SELECT coalesce(sum(standing_count), 0) FROM core.standing_total)::INTEGER AS current_report_count,
        (SELECT min(first_heard_day) FROM core.source_history) AS history_from_day
)
SELECT
    k.municipality_name, k.municipality_code,
    config.tlp_labels()[d.strictness] AS tlp,
    l.moment_at, l.at::DATE AS local_day, strftime(l.at, '%H:%M') AS local_time,
    isoyear(l.at)::INTEGER AS iso_year, week(l.at)::INTEGER AS iso_week, isodow(l.at)::INTEGER AS weekday,
    d.data_cutoff_at, l.valid_until_at, l.previous_moment_at,
    year(l.at) || '-' || lpad(dayofyear(l.at)::VARCHAR, 3, '0') || '-' || strftime(l.at, '%H%M') AS picture_number,
    hour(l.at) < c.incomplete_before_hour AS is_incomplete_night,
    CASE WHEN hour(l.at) >= c.incomplete_before_hour THEN NULL
        WHEN hour(l.at) < 8 THEN 70 ELSE 90 END::INTEGER AS night_published_percent,
    hour(l.at) < 7 AS is_night_ceiling,
    c.current_report_count,
    CASE WHEN d.last_day > 0 OR c.voice.is_heard_now THEN d.last_day END::INTEGER AS incident_24h_count,
    CASE WHEN d.map.total_count > 0 OR c.voice.is_heard THEN d.map.unlocated_count END AS without_place_count,
    CASE WHEN d.map.total_count > 0 OR c.voice.is_heard THEN d.map.located_count END AS located_count,
    c.history_from_day,
    k.is_demo
FROM local AS l
CROSS JOIN config.municipality AS k
CROSS JOIN told AS d
CROSS JOIN counted AS c;
ALTER TABLE picture.head ADD PRIMARY KEY (moment_at);
COMMENT ON TABLE picture.head IS 'One row per picture: whose, when, and how much it knows.';
