CREATE OR REPLACE TEMP VIEW instead_change AS
SELECT * REPLACE (
    told(is_person_sensitive, monday_of(event_at), event_at) AS event_at,
    is_time_known AND NOT is_person_sensitive AS is_time_known,
    told(is_person_sensitive, monday_of(occurred_from), occurred_from) AS occurred_from,
    told(is_person_sensitive, sunday_after(occurred_from), occurred_until) AS occurred_until,
    told(is_person_sensitive AND occurred_from IS NOT NULL, 'week', occurred_precision) AS occurred_precision,
    told(is_person_sensitive, NULL, place_text) AS place_text,
    told(is_person_sensitive, NULL, area_id) AS area_id,
    told(is_person_sensitive, NULL, action_taken) AS action_taken)
FROM core.change;
