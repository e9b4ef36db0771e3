-- Which picture sections 5 and 6 are compared with: the one that lay on the table at the last meeting, as it was published.
-- The first picture there ever was has none to be compared with, and then nothing in it is called new; nor where there was
-- one that cannot be read (earlier_at is NULL, and is_first FALSE).
CREATE OR REPLACE TABLE picture.earlier AS
SELECT m.moment_at, e.earlier_at, e.earlier_number, (SELECT count(*) FROM stage.earlier_picture) = 0 AS is_first
FROM config.moment AS m LEFT JOIN stage.earlier_picture AS e ON TRUE;
ALTER TABLE picture.earlier ADD PRIMARY KEY (moment_at);
COMMENT ON TABLE picture.earlier IS 'One row per picture: the earlier one that deviations and places are compared with.';
