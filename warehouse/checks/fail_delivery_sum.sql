-- A delivery whose records do not add up: seen must be accepted + rejected + duplicate, always.
SELECT source_id, delivery_sha256, seen_count, accepted_count, rejected_count, duplicate_count
FROM stage.delivery
WHERE seen_count <> accepted_count + rejected_count + duplicate_count
ORDER BY source_id, delivery_sha256;
