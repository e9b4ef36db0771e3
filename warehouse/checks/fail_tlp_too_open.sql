-- The product's label is more open than a row it is made of.
WITH told AS (
    SELECT tlp, sum(report_count) AS report_count FROM stage.report_total GROUP BY tlp
    UNION ALL
    SELECT tlp, count(*) FROM stage.recent_version GROUP BY tlp
)
SELECT h.tlp, t.tlp AS row_tlp, sum(t.report_count) AS report_count
FROM picture.head AS h
JOIN told AS t ON list_position(config.tlp_labels(), t.tlp) > list_position(config.tlp_labels(), h.tlp)
GROUP BY h.tlp, t.tlp
ORDER BY t.tlp;
