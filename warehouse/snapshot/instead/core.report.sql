-- A sensitive report has no period: seven days up to yesterday and an ISO week together would tell the very day. How many a
-- number of the sheet holds back for that stands beside its query (held_back.py).
-- ``reports`` names a table with the columns of core.told_of: all that stand, or a night's.
CREATE OR REPLACE TEMP MACRO report_by_week(reports) AS TABLE
SELECT r.* REPLACE (
    told(r.is_person_sensitive, monday_of(r.event_at), r.event_at) AS event_at,
    r.is_time_known AND NOT r.is_person_sensitive AS is_time_known,
    told(r.is_person_sensitive, monday_of(r.occurred_from), r.occurred_from) AS occurred_from,
    told(r.is_person_sensitive, sunday_after(r.occurred_from), r.occurred_until) AS occurred_until,
    told(r.is_person_sensitive AND r.occurred_from IS NOT NULL, 'week', r.occurred_precision) AS occurred_precision,
    told(r.is_person_sensitive, date_trunc('week', r.local_day)::DATE, r.local_day) AS local_day,
    told(r.is_person_sensitive, NULL, r.local_hour) AS local_hour,
    told(r.is_person_sensitive, NULL, r.local_weekday) AS local_weekday,
    told(r.is_person_sensitive, monday_of(r.reported_at), r.reported_at) AS reported_at,
    told(r.is_person_sensitive, monday_of(r.published_at), r.published_at) AS published_at,
    told(r.is_person_sensitive, monday_of(r.closed_at), r.closed_at) AS closed_at,
    told(r.is_person_sensitive, NULL, r.action_taken) AS action_taken,
    told(r.is_person_sensitive, NULL, r.police_informed) AS police_informed,
    told(r.is_person_sensitive, NULL, r.quantity) AS quantity), told(r.is_person_sensitive, NULL, d.period) AS period
FROM query_table(reports) AS r
LEFT JOIN core.local_day AS d ON d.local_day = r.local_day;
CREATE OR REPLACE TEMP VIEW report_standing AS FROM core.told_of('stage.report');
CREATE OR REPLACE TEMP VIEW instead_report AS FROM report_by_week('report_standing');
