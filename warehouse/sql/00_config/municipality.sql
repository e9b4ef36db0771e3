-- Whose picture this is. Reports that name another municipality stay in core.report and out of every count.
CREATE OR REPLACE TABLE config.municipality (
    municipality_code VARCHAR PRIMARY KEY,
    municipality_name VARCHAR NOT NULL,
    county_code VARCHAR,
    county_name VARCHAR,
    tlp VARCHAR NOT NULL,
    is_demo BOOLEAN NOT NULL
);
-- Labels of TLP 2.0 from the most open, to compare them by.
CREATE OR REPLACE MACRO config.tlp_labels() AS ['TLP:CLEAR', 'TLP:GREEN', 'TLP:AMBER', 'TLP:AMBER+STRICT', 'TLP:RED'];
COMMENT ON TABLE config.municipality IS 'One row per build: the municipality the picture is made for.';
