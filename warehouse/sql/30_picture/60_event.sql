-- §4 Sedan sist: at most eight events, gravest first. Incidents, and context from severity 3 up; the police's
-- notices of this municipality are welcome here (an alarm bell, not a statistic).
-- A time in the hour that October doubles says which of the two it is, or that nobody knows; one in the hour that March
-- strikes out, which no clock showed, says so.
-- A sensitive event says only that it happened, in the municipality, which week: no place, hour, text or measure.
CREATE OR REPLACE TABLE picture.event AS
WITH eligible AS (
    SELECT c.*, m.timezone
    FROM core.change AS c, config.moment AS m
    WHERE c.is_ours
        AND (c.counts_as = 'incident' OR (c.counts_as = 'context' AND c.severity >= 3))
        AND c.is_news
), numbered AS (
    SELECT *, row_number() OVER (
        ORDER BY severity DESC, list_position(['new', 'returned', 'changed', 'withdrawn'], change_kind),
            event_at DESC, report_id)::INTEGER AS nth
    FROM eligible
), ranked AS (
    SELECT *,
        event_at AT TIME ZONE timezone AS event_local,
        occurred_from AT TIME ZONE timezone AS from_local,
        occurred_until AT TIME ZONE timezone AS until_local,
        (occurred_from + INTERVAL 1 HOUR) AT TIME ZONE timezone = occurred_from AT TIME ZONE timezone AS is_first,
        (occurred_from - INTERVAL 1 HOUR) AT TIME ZONE timezone = occurred_from AT TIME ZONE timezone AS is_second,
        string_split(dq_flags, ',') AS flags
    FROM numbered WHERE nth <= config.threshold_of('recent_events_max')
), clock AS (  -- each word once: written out in every sentence below, they cost more to plan than the rest of the table
    SELECT report_id, CASE WHEN is_person_sensitive THEN NULL
        WHEN list_has_any(flags, ['time_ambiguous', 'dst_ambiguous']) THEN 'doubled'
        WHEN list_contains(flags, 'dst_gap') THEN 'struck'
        WHEN is_first THEN 'summer' WHEN is_second THEN 'winter' END AS change,
        picture.day_sv(event_local) AS day_sv, picture.day_en(event_local) AS day_en,
        picture.clock(event_local) AS clock_sv, picture.clock_en(event_local) AS clock_en,
        CASE WHEN from_local IS NULL THEN 'unknown'  -- where it is known, event_local is it
            WHEN occurred_precision IS DISTINCT FROM 'interval' THEN occurred_precision
            WHEN until_local IS NOT NULL THEN 'until' END AS told,
        CASE WHEN until_local::DATE <> from_local::DATE THEN picture.day_sv(until_local) || ' ' ELSE '' END
            || picture.clock(until_local) AS until_sv,
        CASE WHEN until_local::DATE <> from_local::DATE THEN picture.day_en(until_local) || ' ' ELSE '' END
            || picture.clock_en(until_local) AS until_en
    FROM ranked
), acted AS (
    SELECT e.report_id,
        string_agg(coalesce(x.action_sv, e.code), '; ' ORDER BY e.nth) AS action_sv,
        string_agg(coalesce(x.action_en, e.code), '; ' ORDER BY e.nth) AS action_en
    FROM (
        SELECT report_id, unnest(string_split(action_taken, ',')) AS code,
            generate_subscripts(string_split(action_taken, ','), 1) AS nth
        FROM ranked WHERE action_taken IS NOT NULL
    ) AS e
    LEFT JOIN config.action AS x ON x.action = e.code
    GROUP BY e.report_id
)
SELECT
    r.nth AS position, '4.' || r.nth AS query_id, r.report_id,
    CASE WHEN NOT r.is_person_sensitive THEN r.occurred_from END AS occurred_from,
    CASE WHEN NOT r.is_person_sensitive THEN r.occurred_until END AS occurred_until,
    r.is_time_known AND NOT r.is_person_sensitive AS is_time_known,
    CASE
        WHEN r.is_person_sensitive THEN 'vecka ' || week(r.event_local)
        WHEN o.told = 'unknown' THEN 'tid okänd, inkom ' || o.day_sv || ' ' || o.clock_sv
        WHEN o.told = 'day' THEN o.day_sv || ', klockslag okänt'
        WHEN o.told = 'hour' THEN o.day_sv || ' ca ' || o.clock_sv
        WHEN o.told = 'until' THEN o.day_sv || ' ' || o.clock_sv || '–' || o.until_sv
        ELSE o.day_sv || ' ' || o.clock_sv
    END || coalesce(map {'doubled': ' · dubbel timme', 'struck': ' · struken timme', 'summer': ' sommartid',
        'winter': ' vintertid'}[o.change], '') AS time_label_sv,
    CASE
        WHEN r.is_person_sensitive THEN 'week ' || week(r.event_local)
        WHEN o.told = 'unknown' THEN 'time unknown, came ' || o.day_en || ' ' || o.clock_en
        WHEN o.told = 'day' THEN o.day_en || ', hour unknown'
        WHEN o.told = 'hour' THEN o.day_en || ' about ' || o.clock_en
        WHEN o.told = 'until' THEN o.day_en || ' ' || o.clock_en || '–' || o.until_en
        ELSE o.day_en || ' ' || o.clock_en
    END || coalesce(map {'doubled': ' · doubled hour', 'struck': ' · struck-out hour', 'summer': ' summer time',
        'winter': ' winter time'}[o.change], '') AS time_label_en,
    CASE WHEN r.is_person_sensitive THEN k.municipality_name
        ELSE coalesce(r.place_text, a.area_name, k.municipality_name) END AS place_label,
    CASE WHEN NOT r.is_person_sensitive THEN a.area_name END AS area_name,
    r.category, c.category_sv, c.category_en, r.severity, r.counts_as,
    coalesce(f.title_sv, r.source_id) AS source_titles,
    CASE WHEN NOT r.is_person_sensitive THEN r.note_public END AS note_public,
    CASE WHEN NOT r.is_person_sensitive THEN r.action_taken END AS action_taken,
    CASE WHEN NOT r.is_person_sensitive THEN d.action_sv END AS action_sv,
    CASE WHEN NOT r.is_person_sensitive THEN d.action_en END AS action_en,
    r.change_kind, r.is_identity_break,
    CASE WHEN r.is_person_sensitive OR (r.location_precision = 'omrade' AND a.area_id IS NULL) THEN 'kommun'
        ELSE r.location_precision END AS location_precision
FROM ranked AS r
CROSS JOIN config.municipality AS k
LEFT JOIN config.area AS a ON a.area_id = r.area_id
LEFT JOIN config.category AS c ON c.category = r.category
LEFT JOIN config.feed AS f ON f.source_id = r.source_id
LEFT JOIN acted AS d ON d.report_id = r.report_id
JOIN clock AS o ON o.report_id = r.report_id
ORDER BY position;
ALTER TABLE picture.event ADD PRIMARY KEY (position);
COMMENT ON TABLE picture.event IS 'One row per event shown as news since the last picture, gravest first.';
