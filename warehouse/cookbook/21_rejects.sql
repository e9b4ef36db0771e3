-- sv: Varför avvisades poster, per källa?
-- en: Why were records refused, by source?
SELECT source_id, reason, sum(record_count) AS records FROM quality.reject GROUP BY ALL ORDER BY ALL;
