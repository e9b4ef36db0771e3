-- "12 av 131 utan plats": the map always says what it cannot show. The whole is the last seven whole local days, the
-- same rows as in §2 and §5.
CREATE OR REPLACE TABLE picture.map_total AS
SELECT
    count(*) FILTER (WHERE area_id IS NOT NULL)::INTEGER AS located_count,
    count(*) FILTER (WHERE area_id IS NULL)::INTEGER AS unlocated_count,
    count(*)::INTEGER AS total_count
FROM core.incident WHERE period = 0;
ALTER TABLE picture.map_total ADD PRIMARY KEY (total_count);
COMMENT ON TABLE picture.map_total IS 'One row per picture: incidents of the last seven days with and without an area.';
