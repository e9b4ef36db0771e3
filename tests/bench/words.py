"""The words that generated deliveries are made of, as the feeds' mappings know them."""

MONTHS = tuple("januari februari mars april maj juni juli augusti september oktober november december".split())  # noqa: SIM905
TYPES = (
    "Misshandel", "Stöld", "Skadegörelse", "Brand", "Rattfylleri", "Trafikolycka", "Narkotikabrott", "Bråk", "Rån",
    "Inbrott", "Olaga hot", "Vapenlagen", "Fylleri/LOB", "Ofredande/förargelse", "Trafikbrott",
)  # fmt: skip
TOWNS = ("Lindvik", "Väståla", "Sillvik", "Musselhamn", "Måsåla", "Lindö län")
TEXTS = (
    "Polis larmades till platsen.", "En person förd till sjukhus.", "Anmälan upprättad.", "Ingen misstänkt gripen.",
    "Räddningstjänst på plats.", "Föremål har beslagtagits.", "Patrull sökte av området.",
)  # fmt: skip
HEADER = (
    "Rapportnr;Datum;Tid från;Tid till;Objekt;Händelsetyp;Beskrivning;Åtgärd;Polis tillkallad;K-nr;Tjänstenr;"
    "N;E;Skada kr"
)
WORDS = (
    "Rond", "Larm", "Ordningsstörning", "Störande ungdomar", "Ungdomsgäng", "Ofredande", "Bråk", "Misshandel",
    "Narkotika", "Berusad person", "Skadegörelse", "Klotter", "Inbrott", "Stöld", "Nedskräpning", "Rond", "Låsning",
    "Buskörning", "Upphittat gods",
)  # fmt: skip
ACTIONS = ("Ingen åtgärd", "Avvisning", "Tillsägelse", "Dokumenterat", "Felanmält")
SERVICES = (
    ("BEL", "Trasig belysning"), ("KLO", "Klotter"), ("SKR", "Nedskräpning"), ("HAL", "Hål i väg"),
    ("OTR", "Otrygg plats"), ("SKA", "Skadegörelse"), ("FOR", "Övergivet fordon"), ("STO", "Ordningsstörning"),
)  # fmt: skip
