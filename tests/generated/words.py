"""The vocabulary of generated submissions: what owners, partners and advisers write, without naming any real person.

Words for a kind of institution stand only under that kind, so that texts never contradict what is ticked and counted.
"""

from __future__ import annotations

OWNERS = [
    "Fjordvik kommune", "Nordlia kommune", "Storskog kommune", "Havnes kommune", "Elvedal kommune", "Sundøy kommune",
    "Bergheim kommune", "Vestvatn kommune",
]  # fmt: skip
NETWORKS = ["Kompetansenettverk Salten", "Kompetansenettverk Helgeland", "Kompetansenettverk Lofoten", "Ofoten", "Sør"]
UH = {
    "Læringsmiljøsenteret, Universitetet i Stavanger": "LMS",
    "Nord universitet": "Nord",
    "UiT Norges arktiske universitet": "UiT",
    "Høgskulen på Vestlandet": "HVL",
    "NLA Høgskolen": "NLA",
    "Universitetet i Agder": "UiA",
}
PERSONS = [
    f"{first} {last}"
    for last in ("Nordmann", "Eksempel", "Prøve")
    for first in ("Kari", "Ola", "Anne", "Per", "Ingrid", "Lars", "Berit", "Nils", "Sara", "Mons")
]
TITLES = ["Rådgiver", "Førstelektor", "Seniorrådgiver", "Universitetslektor", "Kommunalsjef oppvekst", "Fagleder"]
UNIONS = ["Hovedtillitsvalgt Utdanningsforbundet", "Fagforbundet", "Delta", "FO", "Skolelederforbundet", "Lederne"]
COMMENTS = [
    "",
    "Behovsmeldingen er drøftet i ledergruppen før innsending.",
    "Tiltakene bygger på kartleggingen som eier gjorde sammen med enhetene.",
    "Vi ønsker et møte om fordelingen av midlene mellom tiltakene.",
]

TOPICS = [
    "Språk og samspill", "Trygge voksne", "Inkluderende fellesskap", "Digital dømmekraft", "Matematikk i hverdagen",
    "Leseglede og skriving", "Psykisk helse og livsmestring", "Flerspråklighet", "Ledelse av utviklingsarbeid",
    "Natur og bærekraft", "Medvirkning og demokrati", "Overganger og sammenheng",
]  # fmt: skip

GROUPS = ["Styringsgruppe", "Arbeidsgruppe", "Referansegruppe", "Prosjektgruppe", "Ressursgruppe"]
MEMBERS = {
    "kindergarten": "Barnehageeier, {n} styrere og {uh}",
    "school": "Skoleeier, {n} rektorer og {uh}",
    "both": "Eier, {n} styrere, {n} rektorer og {uh}",
}
DUTIES = [
    "Setter retning og mål for {topic}.",
    "Godkjenner milepæler og følger opp fremdriften i arbeidet med {topic}.",
    "Planlegger innholdet i samlingene og evaluerer dem etterpå.",
    "Sprer erfaringer mellom enhetene og melder fra om behov for endringer.",
]
ACTIVITIES = [
    "Fagsamling for alle ansatte", "Felles fagdag", "Nettverksmøte for ledere", "Veiledning på egen enhet",
    "Verksted om {topic}", "Erfaringsdeling på tvers", "Oppstartsmøte", "Kursdag om {topic}", "Observasjon og samtale",
    "Ledersamling", "Halvveisevaluering", "Forelesning om {topic}",
]  # fmt: skip
VAGUE = ["", "Se planen for {topic}", "Observasjon, samtale og felles refleksjon", "Digitalt, med forberedelser"]

COSTS = {
    "owner": {
        "venue": "Lokaler til samlinger om {topic}",
        "salary": "Frikjøp av ressurspersoner",
        "material": "Materiell til {topic}",
        "other": "Trykking og utsending",
    },
    "uh": {
        "lecturer": "Forelesere om {topic}",
        "travel": "Reise og opphold for veiledere",
        "salary": "Veiledning og forarbeid",
        "material": "Fagbøker om {topic}",
    },
}
COORDINATION = "Stilling for den som følger opp {topic}"
JUSTIFICATION = "En koordinator følger opp enhetene mellom samlingene."

TARGETS = {
    "kindergarten": "Alle ansatte i barnehagene som er med i {topic}, med styrerne som pådrivere{ppt}.",
    "school": "Lærere og ledere på skolene som er med i {topic}, med rektorene som pådrivere{ppt}.",
    "both": "Ansatte i barnehagene og lærere på skolene som er med i {topic}, og lederne deres{ppt}.",
}
PPT = ", og PP-tjenesten"
SECTIONS = {
    "needs": [
        "Kartleggingen viser at de ansatte trenger felles kunnskap om {topic}.",
        "Samtaler med lederne peker på {topic} som det området der behovet er størst.",
        "Innmeldte avvik og evalueringer viser at vi må styrke arbeidet med {topic}.",
    ],
    "partnership": [
        "Eier og {uh} planlegger arbeidet med {topic} sammen og møtes jevnlig.",
        "Partnerskapet med {uh} er forpliktende og har en felles plan for {topic}.",
        "{uh} bidrar med forskning og veiledning i {topic}, og eier leder prosessen.",
    ],
    "own_contribution": [
        "Eier dekker lokaler og frikjøp og legger til rette for {topic}.",
        "Eier bidrar med planlegging, gjennomføring og faglig støtte i {topic}.",
        "Eier setter av tid i møteplanen slik at alle kan delta i {topic}.",
    ],
    "goal_a": [
        "Planen for {topic} gjennomgås jevnlig, og avvik føres i referatet.",
        "Fremdriften i {topic} vurderes mot planen etter hver samling.",
        "Møtereferater og aktivitetsplaner viser om {topic} er gjennomført som avtalt.",
    ],
    "goal_b": [
        "Enhetene beskriver hva de har endret i egen praksis innenfor {topic}.",
        "Ledere observerer praksis før og etter samlingene om {topic}.",
        "Endret praksis i {topic} dokumenteres med korte fortellinger fra enhetene.",
    ],
    "goal_c": [
        "De ansatte deler erfaringer med {topic} i faste møter på egen enhet.",
        "Refleksjon mellom samlingene gjør {topic} til noe kollegiet eier sammen.",
        "Lederne leder læringen i kollegiet, med {topic} som felles tema.",
    ],
    "goal_d": [
        "Arbeidet med {topic} styrker kompetansen i å forebygge utenforskap.",
        "Gjennom {topic} lærer de ansatte å tilpasse tilbudet til den enkelte.",
        "Inkludering er en del av {topic}, og tiltakene vurderes opp mot det.",
    ],
    "goal_e": [
        "{uh} bruker erfaringene med {topic} i egen undervisning.",
        "Studenter fra {uh} deltar i arbeidet med {topic} og skriver oppgaver om det.",
        "Ansatte ved {uh} tar med seg eksempler fra {topic} til studentene.",
    ],
}
TAILS = [
    "", " Dette følges opp av eier.", " Erfaringene drøftes med de tillitsvalgte.", " Vi bruker felles maler til dette.",
    " Funnene oppsummeres skriftlig.",
]  # fmt: skip
