-- What is different since the last picture: the list "Sedan sist" is drawn from here. Where there was no picture
-- before, the last 24 hours stand in. A change of only what the source is known to change for no reason
-- (noise_change) is no news, and a report that came and went between two pictures was never shown. A withdrawn
-- report is described by what it last said, without its text. is_identity_break: the source may have used the
-- report's number again for something else, so "changed" would say too little.
-- is_news: what happened more than a week ago is history that came late and not this morning's news; a correction may be
-- four weeks late. A report from the future waits outside.
-- (What it said before is looked for only among what came since it was first seen, and not at all where nothing was
-- withdrawn: the variable is then NULL.)
SET VARIABLE withdrawn_from = (
    SELECT min(first_seen_at) FROM stage.recent_version WHERE change_kind = 'withdrawn'
);
CREATE OR REPLACE TABLE core.change AS
WITH since AS (
    SELECT coalesce(previous_moment_at, moment_at - INTERVAL 24 HOURS) AS since_at FROM config.moment
), touched AS (
    SELECT v.report_id,
        min(v.first_seen_at) <= any_value(s.since_at) AS was_known,
        arg_max(v.change_kind, v.version) = 'withdrawn' AS is_withdrawn,
        bool_or(v.change_kind = 'returned') AS has_returned,
        bool_or(v.change_kind = 'changed' AND NOT list_contains(string_split(v.dq_flags, ','), 'noise_change'))
            AS has_changed,
        bool_or(list_contains(string_split(v.dq_flags, ','), 'identity_break')) AS is_identity_break
    FROM stage.recent_version AS v, since AS s
    GROUP BY v.report_id
), last_said AS (
    SELECT v.*, row_number() OVER (PARTITION BY v.report_id ORDER BY v.version DESC) AS nth
    FROM stage.known_version AS v
    JOIN touched AS t ON t.report_id = v.report_id AND t.is_withdrawn AND t.was_known
    WHERE v.change_kind <> 'withdrawn' AND v.ingested_at >= getvariable('withdrawn_from')
), withdrawn AS (
    SELECT l.report_id, 'withdrawn' AS change_kind, l.source_id, l.counts_as, l.category,
        l.severity_default::INTEGER AS severity,
        coalesce(l.occurred_from, l.reported_at, l.published_at) AS event_at,
        l.occurred_from IS NOT NULL AND l.occurred_precision IN ('minute', 'hour', 'interval') AS is_time_known,
        l.occurred_from, l.occurred_until, l.occurred_precision, l.place_text, l.area_id, l.location_precision,
        l.is_person_sensitive OR coalesce(c.finest_precision IN ('kommun', 'lan'), FALSE) AS is_person_sensitive,
        NULL AS note_public, NULL AS action_taken, l.dq_flags, FALSE AS is_identity_break,
        stage.is_ours(f.is_trend_source, l.municipality_code, k.municipality_code) AS is_ours,
        coalesce(l.county_code = k.county_code, FALSE) AS is_our_county
    FROM last_said AS l
    CROSS JOIN config.municipality AS k
    LEFT JOIN config.feed AS f ON f.source_id = l.source_id
    LEFT JOIN config.category AS c ON c.category = l.category
    WHERE l.nth = 1
), standing AS (
    SELECT r.report_id,
        CASE WHEN NOT t.was_known THEN 'new' WHEN t.has_returned THEN 'returned' ELSE 'changed' END AS change_kind,
        r.source_id, r.counts_as, r.category, r.severity, r.event_at, r.is_time_known, r.occurred_from,
        r.occurred_until, r.occurred_precision, r.place_text, r.area_id, r.location_precision, r.is_person_sensitive,
        n.note_public, r.action_taken, r.dq_flags, t.was_known AND t.is_identity_break AS is_identity_break, r.is_ours,
        coalesce(r.county_code = k.county_code, FALSE) AS is_our_county
    FROM core.recent_report AS r
    JOIN touched AS t ON t.report_id = r.report_id
    CROSS JOIN config.municipality AS k
    LEFT JOIN stage.recent_note AS n ON n.report_id = r.report_id AND n.version = r.version
    WHERE NOT t.was_known OR t.has_returned OR t.has_changed
)
SELECT c.*,
    c.event_at <= m.moment_at + INTERVAL 15 MINUTES AND c.event_at > m.moment_at
        - CASE WHEN c.change_kind = 'new' THEN INTERVAL 7 DAYS ELSE INTERVAL 28 DAYS END AS is_news
FROM (SELECT * FROM standing UNION ALL BY NAME SELECT * FROM withdrawn) AS c, config.moment AS m;
ALTER TABLE core.change ADD PRIMARY KEY (report_id);
COMMENT ON TABLE core.change IS 'One row per report that came, changed, went or returned since the last picture.';
