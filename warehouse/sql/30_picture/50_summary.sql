-- §2 Läget i korthet: three sentences made by rule, the number first. No adjective without a number, no percent.
--   1  all incidents of the last seven whole days, with what is normal
--   2  the most notable signal (a whole-municipality signal only when there is no other), or that there is none
--   3  how many sources are silent, and which
CREATE OR REPLACE TABLE picture.summary AS
WITH period AS (
    SELECT min(local_day) AS from_day, max(local_day) AS until_day,
        CASE WHEN month(min(local_day)) = month(max(local_day)) THEN day(min(local_day))::VARCHAR
            ELSE substr(picture.day_sv(min(local_day)), strpos(picture.day_sv(min(local_day)), ' ') + 1) END
            || '–' || substr(picture.day_sv(max(local_day)), strpos(picture.day_sv(max(local_day)), ' ') + 1)
            AS days_sv,
        strftime(min(local_day), '%-d %b') || '–' || strftime(max(local_day), '%-d %b') AS days_en
    FROM core.local_day WHERE period = 0
), hearing AS (
    SELECT coalesce(bool_or(heard_days > 0), FALSE) AS is_heard FROM core.source_period WHERE period = 0
), whole AS (
    SELECT
        1 AS position, CASE WHEN t.count > 0 OR h.is_heard THEN t.count END AS number, t.normal_low, t.normal_high,
        CASE WHEN t.count = 0 AND NOT h.is_heard THEN 'Okänt antal händelser' ELSE picture.incidents_sv(t.count) END || ' på sju dygn (' || p.days_sv || '), ' || CASE
            WHEN NOT t.is_tested THEN CASE WHEN t.baseline = 'too_short' THEN 'för kort historik för slutsats'
                ELSE 'ingen källa har hörts' END
            ELSE 'normalt ' || picture.range_of(t.normal_low, t.normal_high) END || '.'
            || CASE WHEN t.left_out_count > 0 THEN ' Därtill ' || t.left_out_count
                || ' från nya källor som ännu inte kan jämföras.' ELSE '' END AS sentence_sv,
        CASE WHEN t.count = 0 AND NOT h.is_heard THEN 'An unknown number of incidents'
            ELSE picture.incidents_en(t.count) END || ' in seven days (' || p.days_en || '), ' || CASE
            WHEN NOT t.is_tested THEN CASE WHEN t.baseline = 'too_short' THEN 'too short a history to compare'
                ELSE 'no source was heard' END
            ELSE 'normally ' || picture.range_of(t.normal_low, t.normal_high) END || '.'
            || CASE WHEN t.left_out_count > 0 THEN ' Besides, ' || t.left_out_count
                || ' from new sources that cannot be compared yet.' ELSE '' END AS sentence_en,
        CASE WHEN NOT t.is_tested THEN 'unknown' WHEN t.count > t.normal_high THEN 'above'
            WHEN t.count < t.normal_low THEN 'below' ELSE 'within' END AS trend
    FROM core.deviation_test AS t, period AS p, hearing AS h
    WHERE t.level = 'municipality'
), signal AS (
    SELECT * FROM picture.deviation WHERE verdict = 'signal'
    ORDER BY level = 'municipality', position LIMIT 1
), notable AS (
    SELECT
        2 AS position, CASE WHEN d.tested_count > 0 THEN coalesce(s.count, 0) END AS number, s.normal_low, s.normal_high,
        CASE WHEN s.count IS NOT NULL THEN s.count || ' × ' || coalesce(s.category_sv, 'alla händelser') || ' i '
                || coalesce(s.area_name, 'hela kommunen') || ' på sju dygn, normalt '
                || picture.range_of(s.normal_low, s.normal_high) || CASE WHEN d.signal_count > 1
                    THEN ' (starkast av ' || d.signal_count || ' signaler).' ELSE ': enda signalen.' END
            ELSE d.text_sv END AS sentence_sv,
        CASE WHEN s.count IS NOT NULL THEN s.count || ' × ' || coalesce(s.category_en, 'all incidents') || ' in '
                || coalesce(s.area_name, 'the whole municipality') || ' in seven days, normally '
                || picture.range_of(s.normal_low, s.normal_high) || CASE WHEN d.signal_count > 1
                    THEN ' (strongest of ' || d.signal_count || ' signals).' ELSE ': the only signal.' END
            ELSE d.text_en END AS sentence_en,
        CASE WHEN s.count IS NOT NULL THEN 'above' WHEN d.tested_count = 0 THEN 'unknown' ELSE 'within' END AS trend
    FROM picture.deviation_total AS d LEFT JOIN signal AS s ON TRUE
), voice AS (
    SELECT count(*) AS source_count, count(*) FILTER (WHERE status IN ('down', 'never')) AS silent_count,
        string_agg(title_sv, '; ' ORDER BY position) FILTER (WHERE status IN ('down', 'never')) AS silent_sv,
        string_agg(title_en, '; ' ORDER BY position) FILTER (WHERE status IN ('down', 'never')) AS silent_en
    FROM picture.source
), heard AS (
    SELECT
        3 AS position, silent_count::INTEGER AS number, NULL::INTEGER AS normal_low, NULL::INTEGER AS normal_high,
        silent_count || ' av ' || source_count
            || CASE WHEN source_count = 1 THEN ' källa är tyst' WHEN silent_count = 1 THEN ' källor är tyst'
                ELSE ' källor är tysta' END || coalesce(': ' || silent_sv, '') || '.' AS sentence_sv,
        silent_count || ' of ' || source_count
            || CASE WHEN source_count = 1 THEN ' source' ELSE ' sources' END
            || CASE WHEN silent_count = 1 THEN ' is silent' ELSE ' are silent' END
            || coalesce(': ' || silent_en, '') || '.' AS sentence_en,
        'unknown' AS trend
    FROM voice
), sentence AS (SELECT * FROM whole UNION ALL SELECT * FROM notable UNION ALL SELECT * FROM heard)
SELECT position, '2.' || position AS query_id, number::INTEGER AS number, normal_low, normal_high, sentence_sv,
    sentence_en, trend
FROM sentence
ORDER BY position;
ALTER TABLE picture.summary ADD PRIMARY KEY (position);
COMMENT ON TABLE picture.summary IS 'One row per sentence of the summary; always three.';
