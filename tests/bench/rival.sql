-- The same three feeds read by DuckDB alone, as tersely as we could: parse, collapse what was told before on a row hash,
-- normalise into the columns of the house's contract, number the versions. Made into a table `version` by
-- rival_duckdb.py, which sets the files. What it leaves out is said in README.md.
CREATE TEMP TABLE told AS
WITH guard AS (
    SELECT "Rapportnr" AS source_key, filename,
        hash("Datum", "Tid från", "Tid till", "Objekt", "Händelsetyp", "Åtgärd", "Polis tillkallad", "N", "E") AS h,
        "Datum", "Tid från", "Tid till", "Händelsetyp" AS word, "Objekt" AS place_text, "Åtgärd" AS action,
        "Polis tillkallad" AS police
    FROM read_csv(getvariable('guard_files'), delim = ';', header = true, all_varchar = true, encoding = 'latin-1',
        filename = true, auto_detect = false, quote = '"', columns = {'Rapportnr': 'VARCHAR', 'Datum': 'VARCHAR',
        'Tid från': 'VARCHAR', 'Tid till': 'VARCHAR', 'Objekt': 'VARCHAR', 'Händelsetyp': 'VARCHAR',
        'Beskrivning': 'VARCHAR', 'Åtgärd': 'VARCHAR', 'Polis tillkallad': 'VARCHAR', 'K-nr': 'VARCHAR',
        'Tjänstenr': 'VARCHAR', 'N': 'VARCHAR', 'E': 'VARCHAR', 'Skada kr': 'VARCHAR'})
), guard_once AS (
    SELECT source_key, h, min(filename) AS filename,
        any_value("Datum") AS day, any_value("Tid från") AS clock, any_value("Tid till") AS until,
        any_value(word) AS word, any_value(place_text) AS place_text, any_value(action) AS action,
        any_value(police) AS police
    FROM guard GROUP BY source_key, h
), guard_timed AS (
    SELECT *, try_strptime(day || ' ' || clock, '%Y-%m-%d %H.%M') AS from_at,
        try_strptime(day || ' ' || until, '%Y-%m-%d %H.%M') AS until_at
    FROM guard_once
), guard_told AS (
    SELECT 'guard_nordvakt' AS source_id, 'Nordvakt' AS owner_org, 'guard_report' AS observation_type, source_key, h,
        filename,
        (from_at + CASE WHEN hour(from_at) < 7 THEN INTERVAL 1 DAY ELSE INTERVAL 0 DAY END)
            AT TIME ZONE 'Europe/Stockholm' AS occurred_from,
        (until_at + CASE WHEN hour(until_at) < 7 THEN INTERVAL 1 DAY ELSE INTERVAL 0 DAY END)
            AT TIME ZONE 'Europe/Stockholm' AS occurred_until,
        NULL::TIMESTAMPTZ AS reported_at, NULL::TIMESTAMPTZ AS published_at, NULL::TIMESTAMPTZ AS closed_at, word,
        place_text, NULL AS town, NULL AS note, action, police = 'Ja' AS police_informed, NULL AS status
    FROM guard_timed WHERE from_at IS NOT NULL
), police AS (
    SELECT id::VARCHAR AS source_key, filename,
        hash("datetime", name, summary, url, "type", location) AS h, "datetime" AS published, name, summary,
        "type" AS word, location.name AS town
    FROM read_json(getvariable('police_files'), format = 'array', filename = true, columns = {id: 'BIGINT',
        'datetime': 'VARCHAR', name: 'VARCHAR', summary: 'VARCHAR', url: 'VARCHAR', 'type': 'VARCHAR',
        location: 'STRUCT(name VARCHAR, gps VARCHAR)'})
), police_once AS (
    SELECT source_key, h, min(filename) AS filename,
        strptime(regexp_replace(any_value(published), ' (\d):', ' 0\1:'), '%Y-%m-%d %H:%M:%S %z') AS published_at,
        any_value(name) AS name, any_value(summary) AS note, any_value(word) AS word, any_value(town) AS town
    FROM police GROUP BY source_key, h
), police_told AS (
    SELECT 'polisen_events', 'Polisen', 'police_notice', p.source_key, p.h, p.filename,
        try_strptime(year(p.published_at) || '-' || m.number || '-' || regexp_extract(p.name, '^(\d+) ', 1) || ' '
            || regexp_extract(p.name, ' (\d+\.\d\d),', 1), '%Y-%m-%d %H.%M') AT TIME ZONE 'Europe/Stockholm',
        NULL::TIMESTAMPTZ, NULL::TIMESTAMPTZ, p.published_at, NULL::TIMESTAMPTZ, p.word, p.town, p.town, p.note, NULL,
        NULL, 'unknown'
    FROM police_once AS p LEFT JOIN month AS m ON m.name = regexp_extract(p.name, '^\d+ ([a-z]+) ', 1)
), request AS (
    SELECT service_request_id AS source_key, filename,
        hash(status, service_code, description, requested_datetime, updated_datetime, address, lat, long) AS h, *
    FROM read_json(getvariable('request_files'), format = 'array', filename = true, columns = {service_request_id:
        'VARCHAR', status: 'VARCHAR', service_code: 'VARCHAR', service_name: 'VARCHAR', description: 'VARCHAR',
        requested_datetime: 'VARCHAR', updated_datetime: 'VARCHAR', address: 'VARCHAR', lat: 'DOUBLE',
        long: 'DOUBLE', media_url: 'VARCHAR'})
    WHERE service_code <> 'HAL' AND requested_datetime <> ''
), request_told AS (
    SELECT 'felanmalan', 'Kommunen', 'municipal_request', source_key, h, min(filename),
        NULL::TIMESTAMPTZ, NULL::TIMESTAMPTZ, any_value(requested_datetime::TIMESTAMPTZ), NULL::TIMESTAMPTZ,
        any_value(CASE WHEN status = 'closed' THEN updated_datetime::TIMESTAMPTZ END), any_value(service_code),
        any_value(address), NULL, NULL, NULL, NULL, any_value(status)
    FROM request GROUP BY source_key, h
)
SELECT * FROM guard_told UNION ALL SELECT * FROM police_told UNION ALL SELECT * FROM request_told;

-- Numbered on narrow columns: which row, and how many came before it of the same report.
CREATE TEMP TABLE number AS
WITH received AS (
    SELECT rowid AS id, hash(source_id, source_key) AS report,
        strptime(regexp_extract(filename, '(\d{4}-\d\d-\d\d_\d{4})', 1), '%Y-%m-%d_%H%M')
            AT TIME ZONE 'Europe/Stockholm' AS ingested_at
    FROM told
), often AS (SELECT report, min(ingested_at) AS first_seen_at FROM received GROUP BY report HAVING count(*) > 1)
SELECT r.id, r.ingested_at, 1 AS version, r.ingested_at AS first_seen_at FROM received AS r ANTI JOIN often USING (report)
UNION ALL
SELECT r.id, r.ingested_at, row_number() OVER (PARTITION BY report ORDER BY r.ingested_at)::INTEGER, o.first_seen_at
FROM received AS r JOIN often AS o USING (report);

CREATE TEMP TABLE version AS
SELECT t.source_id, t.source_key, t.source_id || ':' || t.source_key AS report_id, t.owner_org,
    parse_filename(t.filename) AS delivery, 'bench' AS run_id, n.ingested_at, 'seen' AS observation,
    t.h, t.occurred_from, nullif(t.occurred_until, t.occurred_from) AS occurred_until,
    CASE WHEN t.occurred_from IS NULL THEN 'unknown' WHEN t.occurred_until > t.occurred_from THEN 'interval'
        ELSE 'minute' END AS occurred_precision,
    FALSE AS occurred_is_ambiguous, t.reported_at, t.published_at, coalesce(w.category, 'okand') AS category,
    CASE WHEN w.category IS NOT NULL THEN t.word END AS category_source, t.observation_type, c.counts_as, c.severity,
    p.place_id, coalesce(p.place_name, m.name) AS place_text, p.place_type, p.publicness, p.area_id,
    coalesce(m.code, CASE WHEN t.town IS NULL THEN '9901' END) AS municipality_code,
    coalesce(m.county_code, '99') AS county_code, p.latitude, p.longitude,
    CASE WHEN p.latitude IS NOT NULL THEN 'punkt' WHEN p.place_id IS NOT NULL THEN 'plats' WHEN m.code IS NOT NULL
        THEN 'kommun' ELSE 'okand' END AS location_precision,
    CASE WHEN p.place_id IS NOT NULL THEN 'gazetteer_exact' WHEN m.code IS NOT NULL THEN 'title' ELSE 'none' END
        AS location_method,
    coalesce(t.note, c.sv || '.' || coalesce(' ' || t.action || '.', '')) AS note_public, a.code AS action_taken,
    t.police_informed, t.status, t.closed_at, '' AS pii_flags, c.finest = 'kommun' AS is_person_sensitive,
    'TLP:AMBER' AS tlp, CASE WHEN w.category IS NULL THEN 'unmapped_category' ELSE '' END AS dq_flags,
    (n.ingested_at + INTERVAL 730 DAYS)::DATE AS retain_until,
    n.version, CASE WHEN n.version = 1 THEN 'new' ELSE 'changed' END AS change_kind, n.first_seen_at
FROM told AS t
JOIN number AS n ON n.id = t.rowid
LEFT JOIN word AS w ON w.source_id = t.source_id AND w.word = t.word
LEFT JOIN action AS a ON a.word = t.action
LEFT JOIN category AS c ON c.category = coalesce(w.category, 'okand')
LEFT JOIN place AS p ON p.place_name = t.place_text
LEFT JOIN municipality AS m ON m.name = t.town;
