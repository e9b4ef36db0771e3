-- Every printed number's way back to its rows: a query that runs as it stands in a DuckDB shell over this file.
-- An entry's own story, as far as it was known at the moment.
CREATE OR REPLACE MACRO picture.entry_sql(register, entry) AS
    'SELECT v.* FROM landed.' || register || ' AS v, config.moment AS m WHERE v.ingested_at <= m.moment_at AND v.entry_id = '
    || picture.quoted(entry) || ' ORDER BY v.version';
CREATE OR REPLACE TABLE picture.query AS
WITH compared AS (  -- the rows of one count of core.deviation_test
    SELECT level, area_key, category_key,
        'SELECT i.* FROM core.incident AS i'
        || CASE WHEN baseline = 'too_short' THEN ''
            ELSE ' JOIN core.source_history AS h ON h.source_id = i.source_id AND h.history <> ''new''' END
        || ' WHERE i.period = 0'
        || CASE WHEN area_key = '*' THEN '' ELSE ' AND i.area_key = ' || picture.quoted(area_key) END
        || CASE WHEN category_key = '*' THEN '' ELSE ' AND i.category = ' || picture.quoted(category_key) END
        || ' ORDER BY i.event_at, i.report_id' AS sql
    FROM core.deviation_test
), deviation AS (
    SELECT d.*, q.sql FROM picture.deviation AS d
    JOIN compared AS q ON q.level = d.level AND q.area_key = coalesce(d.area_id, '*')
        AND q.category_key = coalesce(d.category, '*')
), listed AS (
    SELECT '0.1' AS query_id, 0 AS section, 'Gällande rapporter' AS title_sv, 'Reports that stand' AS title_en,
        'SELECT * FROM core.report ORDER BY report_id' AS sql
    UNION ALL SELECT '0.2', 0, 'Händelser senaste dygnet', 'Incidents in the last 24 hours',
        'SELECT i.* FROM core.incident AS i, config.moment AS m WHERE i.event_at > m.moment_at - INTERVAL 24 HOURS ORDER BY i.event_at, i.report_id'
    UNION ALL SELECT '0.3', 0, 'Händelser utan plats på sju dygn', 'Incidents without a place in seven days',
        'SELECT * FROM core.incident WHERE period = 0 AND area_id IS NULL ORDER BY event_at, report_id'
    UNION ALL SELECT '0.4', 0, 'Händelser med känt klockslag på 28 dygn', 'Incidents with a known hour in 28 days',
        'SELECT * FROM core.incident WHERE period BETWEEN 0 AND 3 AND local_hour IS NOT NULL'
        || ' ORDER BY event_at, report_id'
    UNION ALL SELECT '0.5', 0, 'VMA som gäller', 'VMA that stands', 'SELECT * FROM core.public_alert ORDER BY sent_at, entry_id'
    UNION ALL SELECT query_id, 0, 'VMA ' || coalesce(warned_area_sv, 'okänt område'),
        'VMA ' || coalesce(warned_area_sv, 'area not known'), picture.entry_sql('public_alert', entry_id) FROM picture.alert
    UNION ALL SELECT query_id, 1, title_sv, title_en,
        'SELECT * FROM core.feed_state WHERE source_id = ' || picture.quoted(source_id) FROM picture.source
    UNION ALL SELECT s.query_id, 2, s.sentence_sv, s.sentence_en,
        CASE s.position
            WHEN 1 THEN (SELECT sql FROM compared WHERE level = 'municipality')
            WHEN 2 THEN coalesce(
                (SELECT sql FROM deviation WHERE verdict = 'signal'
                    ORDER BY level = 'municipality', position LIMIT 1),
                'SELECT * FROM core.deviation_test WHERE verdict = ''signal''')
            ELSE 'SELECT * FROM core.feed_state WHERE role <> ''register'' AND status IN (''down'', ''never'') ORDER BY position'
            END
        FROM picture.summary AS s
    UNION ALL SELECT query_id, 2, area_name, area_name,
        'SELECT * FROM core.incident WHERE period = 0 AND area_key = ' || picture.quoted(area_id)
        || ' ORDER BY event_at, report_id' FROM picture.area_status
    UNION ALL SELECT * FROM (VALUES
        ('3.1', 3, 'Försenade insatser', 'Overdue insatser',
            'SELECT * FROM core.insats WHERE insats_state = ''unknown'' ORDER BY stop_day, entry_id'),
        ('3.2', 3, 'Insatser som ska vara klara i dag', 'Insatser due today',
            'SELECT i.* FROM core.insats AS i JOIN picture.due_insats AS d ON d.entry_id = i.entry_id'
            || ' WHERE d.due_state = ''due'' ORDER BY d.position'),
        ('3.3', 3, 'Insatser vars utfall är känt', 'Insatser that came out',
            'SELECT i.* FROM core.insats AS i JOIN picture.due_insats AS d ON d.entry_id = i.entry_id'
            || ' WHERE d.due_state IN (''done'', ''not_done'') ORDER BY d.position'),
        ('3.4', 3, 'Försenade punkter från trygghetsvandring', 'Overdue points of safety walks',
            'SELECT * FROM core.walk_point WHERE walk_state = ''overdue'' ORDER BY due_day, entry_id'),
        ('4.0', 4, 'Nytt, ändrat och återtaget sedan sist', 'New, changed and withdrawn since last time',
            'SELECT * FROM core.change WHERE is_news AND is_ours AND (counts_as = ''incident'' OR counts_as = ''context'' AND'
            || ' severity >= 3) ORDER BY change_kind, event_at, report_id'),
        ('4.99', 4, 'Räknat men inte listat sedan sist', 'Counted, not listed, since last time',
            'SELECT * FROM core.change WHERE is_news AND change_kind = ''new'' AND (is_ours AND counts_as IN (''activity'','
            || ' ''context'') OR (is_ours OR is_our_county) AND counts_as = ''meta'') ORDER BY counts_as, event_at, report_id'),
        ('5.0', 5, 'Antal som prövades', 'Counts tested',
            'SELECT * FROM core.deviation_test WHERE is_tested ORDER BY verdict NULLS LAST, level, area_key, category_key'),
        ('7.2', 7, 'Vädervarningar', 'Weather warnings',
            'SELECT w.* FROM core.weather_warning AS w JOIN picture.warning AS p ON p.entry_id = w.entry_id'
            || ' ORDER BY p.position'),
        ('7.3', 7, 'Vädervarningar som togs bort i förtid', 'Weather warnings taken back early',
            'SELECT * FROM core.ended_warning ORDER BY ingested_at, entry_id'),
        ('8.1', 8, 'Insatser och resurser i dag', 'Out today',
            'SELECT e.* FROM core.effort_day AS e JOIN core.local_day AS d ON d.local_day = e.local_day'
            || ' WHERE d.days_ago = 0 ORDER BY e.effort_kind, e.entry_id'),
        ('8.2', 8, 'Fokusplatser utan insats', 'Focus places nobody covers',
            'SELECT * FROM picture.focus_cover WHERE cover = ''none'' ORDER BY position')
        ) AS fixed (query_id, section, title_sv, title_en, sql)
    UNION ALL SELECT query_id, 3, problem, problem, picture.entry_sql('insats', entry_id) FROM picture.due_insats
    UNION ALL SELECT query_id, 3, finding, finding, picture.entry_sql('safety_walk', entry_id) FROM picture.walk_point
    UNION ALL SELECT query_id, 7, coalesce(event_sv, 'Vädervarning'), coalesce(event_en, 'Weather warning'),
        picture.entry_sql('weather_warning', entry_id) FROM picture.warning
    UNION ALL SELECT query_id, 8, coalesce(problem, owner_name, 'Okänd'), coalesce(problem, owner_name, 'Unknown'),
        picture.entry_sql(effort_kind, entry_id) FROM picture.effort
    UNION ALL SELECT query_id, 2, area_name, area_name, picture.entry_sql('assessment', entry_id) FROM picture.area_set
    UNION ALL SELECT '7.1', 7, 'Mörker, helgdagar och löning', 'Darkness, holidays and pay-days',
        'SELECT * FROM config.calendar_day ORDER BY local_day'
    UNION ALL SELECT query_id, 7, title_sv, title_en, coalesce(picture.entry_sql(ahead_kind, entry_id),
        'SELECT * FROM config.calendar_day WHERE local_day = DATE ' || picture.quoted(local_day::VARCHAR))
        FROM picture.ahead
    UNION ALL SELECT query_id, 9, task_sv, task_en,
        'SELECT * FROM picture.proposal WHERE position = ' || position FROM picture.proposal
    UNION ALL SELECT query_id, 10, question_sv, question_en, coalesce(picture.entry_sql('assessment', entry_id),
        'SELECT * FROM core.feed_state WHERE source_id = ' || picture.quoted(source_id)) FROM picture.question
    UNION ALL SELECT query_id, 11, problem, problem, picture.entry_sql('insats', entry_id) FROM picture.decision
    UNION ALL SELECT query_id, 4, coalesce(category_sv, 'Okänd') || ', ' || place_label,
        coalesce(category_en, 'Unknown') || ', ' || place_label,
        'SELECT * FROM core.report_version WHERE report_id = ' || picture.quoted(report_id) || ' ORDER BY version'
        FROM picture.event
    UNION ALL SELECT query_id, 5, coalesce(category_sv, 'Alla händelser') || ', ' || coalesce(area_name, 'kommunen'),
        coalesce(category_en, 'All incidents') || ', ' || coalesce(area_name, 'the municipality'), sql FROM deviation
    UNION ALL SELECT query_id, 6, place_name, place_name,
        'SELECT i.* FROM core.incident AS i WHERE i.period BETWEEN 0 AND 3 AND i.place_id = '
        || picture.quoted(place_id) || ' ORDER BY i.event_at, i.report_id' FROM picture.focus_place
    UNION ALL SELECT fault_query_id, 6, 'Öppna fel, ' || place_name, 'Open faults, ' || place_name,
        'SELECT * FROM core.report WHERE status = ''open'' AND observation_type IN (''municipal_request'', ''safety_walk'')'
        || ' AND place_id = ' || picture.quoted(place_id) || ' ORDER BY first_seen_at, report_id'
        FROM picture.focus_place WHERE open_fault_count IS NOT NULL
    UNION ALL SELECT g.query_id, g.section, g.label_sv, g.label_en, coalesce(q.sql,
        'SELECT i.* FROM core.incident AS i WHERE i.period BETWEEN 0 AND 3 AND i.place_id = '
        || picture.quoted(g.place_id) || ' ORDER BY i.event_at, i.report_id',
        'SELECT * FROM picture.gone WHERE query_id = ' || picture.quoted(g.query_id))
        FROM picture.gone AS g
        LEFT JOIN compared AS q ON q.level = g.level AND q.area_key = coalesce(g.area_id, '*')
            AND q.category_key = coalesce(g.category, '*')
)
SELECT query_id, section, title_sv, title_en, sql FROM listed
ORDER BY section, string_split(query_id, '.')[2]::INTEGER;
ALTER TABLE picture.query ADD PRIMARY KEY (query_id);
COMMENT ON TABLE picture.query IS 'One row per query id printed beside a number.';
