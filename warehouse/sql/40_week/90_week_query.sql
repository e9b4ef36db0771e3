-- Every number of the weekly picture back to its rows, as the daily sheet's (picture.query), in the analysts' snapshot.
-- Titles are the house's own words alone: the registers' stay in the build.
CREATE OR REPLACE TABLE picture.week_query AS
WITH span AS (
    SELECT 'DATE ' || picture.quoted(min(local_day)::VARCHAR) AS from_sql, 'DATE ' || picture.quoted(max(local_day)::VARCHAR) AS until_sql
    FROM picture.week_day WHERE week_ago = 0
), listed AS (
    SELECT n.query_id, CASE n.level WHEN 'all' THEN 1 WHEN 'category' THEN 3 WHEN 'area' THEN 4 ELSE 8 END AS section,
        CASE n.level WHEN 'all' THEN 'Veckans händelser' WHEN 'perception' THEN 'Upplevd otrygghet'
            ELSE coalesce(n.name_sv, 'Okänd') END AS title_sv,
        CASE n.level WHEN 'all' THEN 'The week''s incidents' WHEN 'perception' THEN 'Perceived unsafety'
            ELSE coalesce(n.name_en, 'Unknown') END AS title_en,
        'SELECT r.* FROM core.report AS r JOIN config.feed AS f ON f.source_id = r.source_id AND f.is_trend_source'
        || ' WHERE r.is_ours AND r.counts_as = ' || CASE n.level WHEN 'perception' THEN '''perception''' ELSE '''incident''' END
        || CASE n.level WHEN 'category' THEN ' AND r.category = ' || picture.quoted(n.key)
            WHEN 'area' THEN ' AND r.area_id = ' || picture.quoted(n.key) ELSE '' END
        || ' AND r.local_day BETWEEN ' || s.from_sql || ' AND ' || s.until_sql || ' ORDER BY r.event_at, r.report_id' AS sql
    FROM picture.week_number AS n, span AS s
    UNION ALL SELECT w.query_id, 2, w.title_sv, w.title_en,
        'SELECT * FROM core.feed_day WHERE source_id = ' || picture.quoted(w.source_id) || ' AND (local_day BETWEEN ' || s.from_sql
        || ' AND ' || s.until_sql || ' OR local_day BETWEEN ' || s.from_sql || ' - 364 AND ' || s.until_sql || ' - 364)'
        || ' ORDER BY local_day' FROM picture.week_source AS w, span AS s
    UNION ALL SELECT * FROM (VALUES
        ('v9.1', 9, 'Försenade insatser', 'Overdue insatser',
            'SELECT * FROM picture.week_insats WHERE week_state = ''overdue'' ORDER BY position'),
        ('v9.2', 9, 'Pågående insatser', 'Insatser going on',
            'SELECT * FROM picture.week_insats WHERE week_state = ''ongoing'' ORDER BY position'),
        ('v9.3', 9, 'Insatser vars utfall är känt', 'Insatser that came out',
            'SELECT * FROM picture.week_insats WHERE week_state IN (''done'', ''not_done'') ORDER BY position'),
        ('v12.1', 12, 'Mörker och kalender', 'Darkness and calendar', 'SELECT * FROM config.calendar_day ORDER BY local_day')
        ) AS fixed (query_id, section, title_sv, title_en, sql)
    UNION ALL SELECT query_id, 9, 'Insats, varje version', 'Insats, every version', picture.entry_sql('insats', entry_id)
    FROM picture.week_insats
    UNION ALL SELECT query_id, 10, 'Före och under insatsen', 'Before and while the insats ran',
        'SELECT i.local_day >= DATE ' || picture.quoted(start_day::VARCHAR) || ' AS is_during, i.* FROM core.incident AS i'
        || ' WHERE i.category = ' || picture.quoted(category) || ' AND '
        || coalesce('i.place_id = ' || picture.quoted(place_id), 'i.area_id = ' || picture.quoted(area_id))
        || ' AND i.local_day BETWEEN DATE ' || picture.quoted((start_day - days)::VARCHAR) || ' AND DATE '
        || picture.quoted(stop_day::VARCHAR)
        || ' AND NOT EXISTS (SELECT 1 FROM core.feed_day AS f WHERE f.source_id = i.source_id AND NOT f.is_heard'
        || ' AND f.local_day BETWEEN DATE ' || picture.quoted((start_day - days)::VARCHAR) || ' AND DATE '
        || picture.quoted(stop_day::VARCHAR) || ') ORDER BY i.event_at, i.report_id'
    FROM picture.week_followed WHERE followed_verdict NOT IN ('no_ground', 'sensitive')
    UNION ALL SELECT query_id, 10, 'Insats, varje version', 'Insats, every version', picture.entry_sql('insats', entry_id)
    FROM picture.week_followed WHERE followed_verdict IN ('no_ground', 'sensitive')
    UNION ALL SELECT query_id, 11, 'Veckans problem', 'The problem of the week',
        'SELECT i.* FROM core.incident AS i WHERE ' || CASE WHEN place_id IS NULL
            THEN 'i.period = 0 AND i.area_id = ' || picture.quoted(area_id) || ' AND i.category = ' || picture.quoted(category)
                || ' AND i.source_id NOT IN (SELECT source_id FROM core.source_history WHERE history = ''new'')'
            ELSE 'i.period BETWEEN 0 AND 3 AND i.place_id = ' || picture.quoted(place_id) END
        || ' ORDER BY i.event_at, i.report_id' FROM picture.week_problem
    UNION ALL SELECT query_id, 12, 'Kommande, rad ' || position, 'Ahead, row ' || position,
        CASE WHEN entry_id IS NULL THEN 'SELECT * FROM config.calendar_day WHERE local_day = DATE ' || picture.quoted(local_day::VARCHAR)
            ELSE picture.entry_sql(CASE WHEN ahead_kind LIKE 'insats%' THEN 'insats' ELSE ahead_kind END, entry_id) END
    FROM picture.week_ahead
    UNION ALL SELECT query_id, 13, 'Förslag, rad ' || position, 'Proposal, row ' || position,
        'SELECT * FROM picture.week_proposal WHERE position = ' || position FROM picture.week_proposal
)
SELECT query_id, section, title_sv, title_en, sql FROM listed
ORDER BY section, string_split(query_id, '.')[2]::INTEGER;
ALTER TABLE picture.week_query ADD PRIMARY KEY (query_id);
COMMENT ON TABLE picture.week_query IS 'One row per query id printed beside a number of the weekly picture.';
