-- The three tables that are not copied anew, in the copy of the last snapshot: what a night told takes the place of what its
-- reports said before, and the calendar moves on.
UPDATE core.report_version SET is_current = FALSE WHERE is_current AND report_id IN (FROM known);
INSERT INTO core.report_version BY NAME FROM fresh_version_row;
DELETE FROM core.report WHERE report_id IN (FROM known);
DELETE FROM core.incident WHERE report_id IN (FROM known);
INSERT INTO core.report BY NAME FROM fresh_report_row;
UPDATE core.report SET period = d.period FROM core.local_day AS d
WHERE d.local_day = report.local_day AND NOT report.is_person_sensitive AND report.period IS DISTINCT FROM d.period;
UPDATE core.report SET period = NULL
WHERE period IS NOT NULL AND local_day < (SELECT min(local_day) FROM core.local_day);
UPDATE core.incident SET period = d.period FROM core.local_day AS d
WHERE d.local_day = incident.local_day AND NOT incident.is_person_sensitive AND incident.period IS DISTINCT FROM d.period;
UPDATE core.incident SET period = NULL
WHERE period IS NOT NULL AND local_day < (SELECT min(local_day) FROM core.local_day);
-- What may be an incident now and was none: what came, and what was told of ahead of its time.
CREATE OR REPLACE TEMP TABLE incident_candidate AS
SELECT * FROM core.report WHERE event_at > getvariable('counted_until') UNION FROM fresh_report_row;
