-- The product's label is more open than a row it is made of.
WITH told AS (SELECT tlp, count(*) AS report_count FROM stage.known_version GROUP BY tlp)
SELECT h.tlp, t.tlp AS row_tlp, t.report_count
FROM picture.head AS h
JOIN told AS t ON list_position(config.tlp_labels(), t.tlp) > list_position(config.tlp_labels(), h.tlp)
ORDER BY t.tlp;
