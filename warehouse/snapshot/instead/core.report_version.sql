-- A report is as sensitive as any of its versions: what it said before somebody called it so is of the same person.
-- ``versions`` names a table with the columns of core.report_version, ``sensitive`` one with the report_id of such reports.
CREATE OR REPLACE TEMP MACRO version_by_week(versions, sensitive) AS TABLE
SELECT v.* REPLACE (
    told(s.report_id IS NOT NULL, monday_of(v.occurred_from), v.occurred_from) AS occurred_from,
    told(s.report_id IS NOT NULL, sunday_after(v.occurred_from), v.occurred_until) AS occurred_until,
    told(s.report_id IS NOT NULL AND v.occurred_from IS NOT NULL, 'week', v.occurred_precision) AS occurred_precision,
    told(s.report_id IS NOT NULL, monday_of(v.reported_at), v.reported_at) AS reported_at,
    told(s.report_id IS NOT NULL, monday_of(v.published_at), v.published_at) AS published_at,
    told(s.report_id IS NOT NULL, monday_of(v.closed_at), v.closed_at) AS closed_at,
    told(s.report_id IS NOT NULL, NULL, v.place_id) AS place_id,
    told(s.report_id IS NOT NULL, NULL, v.place_text) AS place_text,
    told(s.report_id IS NOT NULL, NULL, v.place_type) AS place_type,
    told(s.report_id IS NOT NULL, NULL, v.publicness) AS publicness,
    told(s.report_id IS NOT NULL, NULL, v.area_id) AS area_id,
    told(s.report_id IS NOT NULL, NULL, v.latitude) AS latitude,
    told(s.report_id IS NOT NULL, NULL, v.longitude) AS longitude,
    told(s.report_id IS NOT NULL AND v.location_precision IN ('punkt', 'plats', 'omrade'), 'kommun', v.location_precision)
        AS location_precision,
    told(s.report_id IS NOT NULL, NULL, v.action_taken) AS action_taken,
    told(s.report_id IS NOT NULL, NULL, v.police_informed) AS police_informed,
    told(s.report_id IS NOT NULL, NULL, v.quantity) AS quantity)
FROM query_table(versions) AS v
LEFT JOIN query_table(sensitive) AS s ON s.report_id = v.report_id;
CREATE OR REPLACE TEMP VIEW sensitive_report AS
SELECT DISTINCT report_id FROM core.report_version
WHERE is_person_sensitive OR category IN (FROM sensitive_category);
CREATE OR REPLACE TEMP VIEW instead_report_version AS FROM version_by_week('core.report_version', 'sensitive_report');
