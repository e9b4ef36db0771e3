-- The areas that cover the municipality side by side; nested areas would count an incident twice.
CREATE OR REPLACE TABLE config.area (
    area_id VARCHAR PRIMARY KEY,
    area_name VARCHAR NOT NULL,
    area_kind VARCHAR,
    population INTEGER,
    geometry_geojson VARCHAR,
    label_longitude DOUBLE,
    label_latitude DOUBLE,
    is_approximate BOOLEAN NOT NULL,
    position INTEGER NOT NULL
);
COMMENT ON TABLE config.area IS 'One row per area of the municipality.';
