-- sv: Går varje leverans ihop: sedda = godtagna + avvisade + dubbletter?
-- en: Does each delivery add up?
SELECT source_id, count(*) AS deliveries, sum(seen_count) AS seen, sum(accepted_count) AS accepted,
    sum(rejected_count) AS rejected, sum(duplicate_count) AS duplicate
FROM quality.delivery GROUP BY source_id ORDER BY source_id;
