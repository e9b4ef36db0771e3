-- How each register behind sections 3 and 7 to 11 is at the moment, to tell "nothing" from "nobody has said".
CREATE OR REPLACE TABLE picture.register AS
SELECT row_number() OVER (ORDER BY register)::INTEGER AS position, register, status, is_known, last_received_at
FROM core.register_state ORDER BY position;
ALTER TABLE picture.register ADD PRIMARY KEY (position);
COMMENT ON TABLE picture.register IS 'One row per register: is it known at the moment.';
