"""The words the scan for personal data goes by: what is not a plate, what is a street, who may be rung.

Each list grew out of texts that a plainer pattern misread: 81,829 public police notices gave "och 664",
"upp mot 100 km/h" and "TPL191" as plates (measured November 2026).
"""

from __future__ import annotations

import re

#: Three letters before three figures that are no plate: interchanges, colours, airlines, makes, laws,
#: authorities, currencies, units, rooms.
NOT_A_PLATE = frozenset(
    {
        "TPL", "RAL", "SOS", "KLM", "SAS", "DHL", "BMW", "AMG", "KTM", "SFS", "AFS", "LSS", "LOB", "PBL",
        "FAP", "RPS", "RAR", "MSB", "SCB", "HSB", "BRF", "DNR", "LGH", "RUM", "BOX", "KOD", "FAX", "TEL",
        "SMS", "MMS", "PDF", "EUR", "USD", "SEK", "NOK", "DKK", "UTC", "GMT", "CET", "STR", "REF", "LED",
        "GPS", "GSM", "USB", "CPU", "RAM", "SSD", "MHZ", "KWH", "RPM", "KAP",
    }
)  # fmt: skip
#: Words of Swedish that only use letters found on plates; no plate when in lower case or in a text all in capitals.
SHORT_WORDS = frozenset(
    {
        "OCH", "MOT", "PER", "UPP", "TOM", "FOM", "NER", "UTE", "HOS", "MED", "DEN", "DET", "DEM", "DOM",
        "HAR", "ETT", "SOM", "MAN", "KAN", "FEM", "SEX", "DEL", "DAG", "ALL", "BAR", "GER", "TAR", "GAR",
        "SER", "JAG", "HON", "HAN", "KOM", "LOG", "HUR", "SEN", "UNG", "EFT", "TRE", "TRO", "TRY", "BRO",
        "HUS", "ZON", "MAX", "ART", "NOT", "TAB", "BUS", "TAG",
    }
)  # fmt: skip

#: Words right before a plate, after which lower-case letters count too ("bil jhg 482").
PLATE_CONTEXT = re.compile(
    r"(?:fordon(?:et)?|bil(?:en)?|personbil(?:en)?|lastbil(?:en)?|skåpbil(?:en)?|taxi(?:n)?|mc|motorcykel(?:n)?"
    r"|moped(?:en)?|släp(?:et|vagn)?|husbil(?:en)?|a-traktor(?:n)?|epa(?:n)?|skylt(?:en|ar|arna)?"
    r"|reg(?:\.|istrerings)?\s?(?:nr|nummer|skylt)?(?:et)?)[.:]?\s{1,2}(?:med\s(?:reg\.?\s?nr\s)?)?$",
    re.IGNORECASE,
)
#: A road's number and a stroke: what follows is the road's junction ("Rv61/KLV704").
ROAD_BEFORE = re.compile(r"(?<!\w)(?:rv|lv|e|väg|länsväg|riksväg)\s?\d{1,4}\s?/\s?$", re.IGNORECASE)
#: "Buss 5 mot …": a destination.
TRAFFIC_LINE_BEFORE = re.compile(
    r"(?<!\w)(?:buss|linje|spårvagn|tåg|flyg|färja)\s?\d{1,4}\s(?:mot|till|från)\s$", re.IGNORECASE
)

#: How a street's name ends.
STREET_ENDINGS = (
    "gatan", "gata", "vägen", "väg", "gränd", "gränden", "torget", "torg", "allén", "allen", "allé", "stigen",
    "stig", "backen", "promenaden", "esplanaden", "kajen", "leden", "ringen", "kroken", "svängen", "slingan",
    "stråket", "liden", "brinken", "stranden", "gården", "dalen", "höjden", "terrassen", "boulevarden",
    "avenyn", "bron", "passagen", "trappan", "trappor", "hamnen", "plan", "strand",
    "plats", "platsen",
)  # fmt: skip
#: Words with such an ending that name no street: kinds of road, plans and floors.
NOT_A_STREET = frozenset(
    {
        "väg", "vägen", "gata", "gatan", "gränden", "stig", "stigen", "torg", "plan", "strand", "bron", "trappan",
        "trappor", "ringen", "leden", "länsväg", "länsvägen", "riksväg", "riksvägen", "motorväg", "motorvägen",
        "europaväg", "europavägen", "landsväg", "landsvägen", "gångväg", "gångvägen", "cykelväg", "cykelvägen",
        "bussgata", "bussgatan", "sidogata", "utväg", "genomfartsväg", "motorleden", "trafikleden", "skolgården",
        "innergården", "bakgården", "mötesplan", "handlingsplan", "detaljplan", "tidsplan", "åtgärdsplan",
        "våningsplan", "bottenplan", "markplan", "entréplan", "källarplan", "fotbollsplan", "konstgräsplan",
        "lekplan", "grusplan", "omgången", "platsen", "plats", "brottsplatsen", "brottsplats", "olycksplatsen",
        "olycksplats", "trafikplats", "trafikplatsen", "rastplats", "rastplatsen", "hållplats", "hållplatsen",
        "busshållplats", "busshållplatsen", "parkeringsplats", "parkeringsplatsen", "arbetsplats", "arbetsplatsen",
        "lekplats", "lekplatsen", "badplats", "badplatsen", "mötesplats", "mötesplatsen", "fyndplatsen", "skadeplats",
        "skadeplatsen",
    }
)  # fmt: skip
#: Words that are a street only as a name, with a capital: "Torget 4" but not "på torget 4 …".
STREET_WITH_CAPITAL = frozenset({"torget", "backen", "stranden", "gården", "dalen", "höjden", "hamnen", "liden"})
#: "Storg. 12 B": a capital, an abbreviated ending, a number and then no sentence.
ABBREVIATED_STREET = re.compile(
    r"(?<!\w)([A-ZÅÄÖ][\w:]{2,30}[gv])\.\s?(\d{1,4}(?:\s?[A-Ha-h](?!\w))?)(?=[,;)]|\.?$|\.\s[A-ZÅÄÖ])"
)
#: Endings of whole words before a full stop, not of abbreviated streets.
NOT_ABBREVIATED = ("dag", "borg", "berg", "ning", "väg")

#: A number without area code, behind a word that says what it is.
LOCAL_NUMBER = re.compile(
    r"(?<!\w)(?:tel|tfn|telefon|telefonnummer|telnr|mobil|mobilnr|mobilnummer|mob|ring|sms)[.:]{0,2}\s{0,2}"
    r"(?!(?:19|20)?\d\d-\d\d-\d\d)(\d(?:[ -]{0,2}\d){4,11})(?!\d|[.:]\d|-\d)",
    re.IGNORECASE,
)
#: Numbers everybody is asked to ring: emergency, police, care, information, help lines.
PUBLIC_NUMBERS = ("112", "11414", "1177", "11313", "116")
