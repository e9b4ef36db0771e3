-- The same three feeds read by DuckDB alone, as tersely as we could: parse, collapse what was told before on a row hash,
-- normalise, number the versions. Made into a table `version` by rival_duckdb.py, which sets $folder's paths.
CREATE TEMP TABLE told AS
WITH guard AS (
    SELECT 'guard_nordvakt' AS source_id, "Rapportnr" AS source_key,
        strptime(regexp_extract(filename, '(\d{4}-\d\d-\d\d_\d{4})', 1), '%Y-%m-%d_%H%M') AS received_at,
        hash("Datum", "Tid från", "Tid till", "Objekt", "Händelsetyp", "Åtgärd", "Polis tillkallad", "N", "E") AS h,
        try_strptime("Datum" || ' ' || "Tid från", '%Y-%m-%d %H.%M') AS local_at, "Händelsetyp" AS word,
        "Objekt" AS place_text, "Åtgärd" AS action, NULL AS status
    FROM read_csv(getvariable('guard_files'), delim = ';', header = true, all_varchar = true, encoding = 'latin-1',
        filename = true, auto_detect = false, quote = '"', columns = {'Rapportnr': 'VARCHAR', 'Datum': 'VARCHAR',
        'Tid från': 'VARCHAR', 'Tid till': 'VARCHAR', 'Objekt': 'VARCHAR', 'Händelsetyp': 'VARCHAR',
        'Beskrivning': 'VARCHAR', 'Åtgärd': 'VARCHAR', 'Polis tillkallad': 'VARCHAR', 'K-nr': 'VARCHAR',
        'Tjänstenr': 'VARCHAR', 'N': 'VARCHAR', 'E': 'VARCHAR', 'Skada kr': 'VARCHAR'})
), guard_told AS (
    SELECT source_id, source_key, min(received_at) AS received_at, h,
        any_value(local_at + CASE WHEN hour(local_at) < 7 THEN INTERVAL 1 DAY ELSE INTERVAL 0 DAY END)
            AT TIME ZONE 'Europe/Stockholm' AS occurred_from,
        NULL::TIMESTAMPTZ AS reported_at, any_value(word) AS word, any_value(place_text) AS place_text,
        any_value(action) AS action, NULL AS status
    FROM guard WHERE local_at IS NOT NULL GROUP BY source_id, source_key, h
), police AS (
    SELECT 'polisen_events' AS source_id, id::VARCHAR AS source_key,
        strptime(regexp_extract(filename, '(\d{4}-\d\d-\d\d_\d{4})', 1), '%Y-%m-%d_%H%M') AS received_at,
        hash("datetime", name, summary, url, "type", location) AS h, "datetime" AS published, "type" AS word,
        location.name AS place_text
    FROM read_json(getvariable('police_files'), format = 'array', filename = true, columns = {id: 'BIGINT',
        'datetime': 'VARCHAR', name: 'VARCHAR', summary: 'VARCHAR', url: 'VARCHAR', 'type': 'VARCHAR',
        location: 'STRUCT(name VARCHAR, gps VARCHAR)'})
), police_told AS (
    SELECT source_id, source_key, min(received_at), h,
        any_value(strptime(regexp_replace(published, ' (\d):', ' 0\1:'), '%Y-%m-%d %H:%M:%S %z')), NULL::TIMESTAMPTZ,
        any_value(word), any_value(place_text), NULL, NULL
    FROM police GROUP BY source_id, source_key, h
), request AS (
    SELECT 'felanmalan' AS source_id, service_request_id AS source_key,
        strptime(regexp_extract(filename, '(\d{4}-\d\d-\d\d_\d{4})', 1), '%Y-%m-%d_%H%M') AS received_at,
        hash(status, service_code, description, requested_datetime, updated_datetime, address, lat, long) AS h, *
    FROM read_json(getvariable('request_files'), format = 'array', filename = true, columns = {service_request_id:
        'VARCHAR', status: 'VARCHAR', service_code: 'VARCHAR', service_name: 'VARCHAR', description: 'VARCHAR',
        requested_datetime: 'VARCHAR', updated_datetime: 'VARCHAR', address: 'VARCHAR', lat: 'DOUBLE',
        long: 'DOUBLE', media_url: 'VARCHAR'})
    WHERE service_code <> 'HAL' AND requested_datetime <> ''
), request_told AS (
    SELECT source_id, source_key, min(received_at), h, NULL::TIMESTAMPTZ,
        any_value(requested_datetime::TIMESTAMPTZ), any_value(service_code), any_value(address), NULL,
        any_value(status)
    FROM request GROUP BY source_id, source_key, h
)
SELECT * FROM guard_told UNION ALL SELECT * FROM police_told UNION ALL SELECT * FROM request_told;

CREATE TEMP TABLE version AS
SELECT t.source_id, t.source_key, t.received_at AT TIME ZONE 'Europe/Stockholm' AS ingested_at, t.h, t.occurred_from,
    t.reported_at, coalesce(w.category, 'okand') AS category, c.severity, c.counts_as, p.place_id, p.area_id,
    p.latitude, p.longitude, t.action, t.status,
    row_number() OVER (PARTITION BY t.source_id, t.source_key ORDER BY t.received_at)::INTEGER AS version
FROM told AS t
LEFT JOIN word AS w ON w.source_id = t.source_id AND w.word = t.word
LEFT JOIN category AS c ON c.category = coalesce(w.category, 'okand')
LEFT JOIN place AS p ON p.place_name = t.place_text;
