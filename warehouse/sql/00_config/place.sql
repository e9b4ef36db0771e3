-- The gazetteer. A place is named in the picture only by its name here, never by a source's own text.
CREATE OR REPLACE TABLE config.place (
    place_id VARCHAR PRIMARY KEY,
    place_name VARCHAR NOT NULL,
    place_type VARCHAR,
    publicness VARCHAR,
    area_id VARCHAR,
    latitude DOUBLE,
    longitude DOUBLE
);
COMMENT ON TABLE config.place IS 'One row per named place of the gazetteer.';
