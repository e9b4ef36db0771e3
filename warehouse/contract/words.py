"""The words that columns of codes may hold."""

from __future__ import annotations

#: The words a column may hold. A value outside its list is a fault in the connector, not in the delivery.
ALLOWED: dict[str, frozenset[str]] = {
    # seen: a record says so; cancelled: a record says it never was, or is no more; withdrawn: no record says so any
    # more, which the connector concludes from its absence (it is then no record of the delivery and is not counted).
    "observation": frozenset({"seen", "cancelled", "withdrawn"}),
    "change_kind": frozenset({"new", "changed", "withdrawn", "returned"}),
    "occurred_precision": frozenset({"minute", "hour", "interval", "day", "unknown"}),
    "observation_type": frozenset(
        {"police_notice", "guard_report", "guard_activity", "municipal_request", "safety_walk", "register"}
    ),
    "counts_as": frozenset({"incident", "activity", "context", "perception", "meta"}),
    "publicness": frozenset({"public", "semi_public", "private"}),
    # punkt: the source gave a point and the place is public; plats: a named place; then the honest coarser steps.
    "location_precision": frozenset({"punkt", "plats", "omrade", "kommun", "lan", "okand"}),
    "location_method": frozenset(
        {"source_point", "gazetteer_exact", "gazetteer_folded", "gazetteer_fuzzy", "area_name", "title", "none"}
    ),
    "status": frozenset({"open", "closed", "unknown"}),
    "tlp": frozenset({"TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"}),
    "disposition": frozenset({"accepted", "quarantined"}),
    "presence": frozenset({"left_tail", "vanished", "returned"}),
    "insats_type": frozenset({"situationell", "social", "kontroll", "information"}),
    "insats_status": frozenset({"planerad", "pagar", "klar", "ej_genomford", "avbruten"}),
    "dose_unit": frozenset({"pass", "timme", "besok", "samtal", "atgard"}),
    "event_type": frozenset({"idrott", "konsert", "marknad", "demonstration", "skola", "hogtid", "annat"}),
    "plan_status": frozenset({"planerad", "installd"}),
    "resource_type": frozenset({"polis", "ordningsvakt", "vaktare", "falt", "vard", "annat"}),
    "measure_status": frozenset({"ny", "pagar", "klar", "avskriven"}),
    "assessment_type": frozenset({"fraga", "omradesstatus"}),
    "question_status": frozenset({"oppen", "besvarad", "avskriven"}),
    "set_status": frozenset({"gron", "gul", "orange", "rod"}),
    "warning_level": frozenset({"meddelande", "gul", "orange", "rod"}),
    # Whom a warning is for, seen from the municipality: itself, its whole county, the whole country, or others.
    "reach": frozenset({"kommun", "lan", "riket", "annat"}),
    "message_type": frozenset({"alert", "update", "cancel"}),
    "alert_status": frozenset({"actual", "exercise", "test", "system", "draft"}),
    "alert_severity": frozenset({"extreme", "severe", "moderate", "minor", "unknown"}),
    "alert_topic": frozenset({"brand", "explosion", "gas", "vapen", "vatten", "oversvamning", "skred", "storning"}),
}
