-- Rules that more than one table below asks for, each written once.
-- A partner's report that names no municipality is about ours: that is what the agreement with the partner says. The
-- police's notices cover the country, so theirs must name it. ``code`` is the report's, ``our_code`` the municipality's.
CREATE OR REPLACE MACRO stage.is_ours(is_trend_source, code, our_code) AS
    CASE WHEN coalesce(is_trend_source, FALSE) THEN coalesce(code, our_code) ELSE coalesce(code, '-') END = our_code;
-- Of a kind that is shown at municipality and week at the finest.
CREATE OR REPLACE MACRO stage.is_sensitive(is_marked, finest_precision, counts_as) AS
    is_marked OR coalesce(finest_precision IN ('kommun', 'lan') AND counts_as <> 'meta', FALSE);
