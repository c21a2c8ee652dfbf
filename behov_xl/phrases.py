"""Hours in running text: "2 møter hvert semester med 1,5 time per møte" → 6 hours in a school year.

Phrases that mean one thing are rewritten, words become tokens of one letter, numbers are folded with what they count,
and what a text may say is a handful of regular expressions over the letters that are left. A number, or a word that
bears on a number, that none of them explains makes the answer "unknown".
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache

LONGEST = 2_000
"""Characters; a description longer than this says more than hours, so its hours stay unknown."""

NUMBER_WORDS = {
    **dict.fromkeys(("en", "én", "ei", "éi", "et", "ett", "ein", "éin", "eit", "eitt"), 1.0),
    "to": 2.0, "tre": 3.0, "fire": 4.0, "fem": 5.0, "seks": 6.0, "sju": 7.0, "syv": 7.0, "åtte": 8.0, "ni": 9.0,
    "ti": 10.0, "elleve": 11.0, "tolv": 12.0,
}  # fmt: skip


def decimal(text: str) -> float | None:
    """A number of hours in digits. ``1.500`` may be fifteen hundred, ``1,30`` may be 1 h 30 min: both ``None``."""
    match = re.fullmatch(r"([0-9]{1,6})(?:[.,]([0-9]{1,2}))?", text)
    if match is None or match[2] in {"05", "10", "15", "20", "30", "35", "40", "45", "55"}:
        return None
    return float(f"{match[1]}.{match[2] or 0}")


# ------------------------------------------------------------------------------------------ words


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    value: float = 1.0
    head: str = ""
    """What is counted, or what "per" refers to; nothing for "gang" and where no noun stands."""


# What can be counted, with its plurals in bokmål and nynorsk. A compound ends in one of them: "nettverksmøter".
_EVENTS = {
    "møte": "møter møte", "samling": "samlinger samlingar", "økt": "økter", "dag": "dager dagar",
    "workshop": "workshoper workshops workshopar", "seminar": "seminarer seminar", "webinar": "webinarer webinar",
    "kurs": "kurs", "besøk": "besøk", "treff": "treff", "foredrag": "foredrag", "kveld": "kvelder kveldar",
    "konferanse": "konferanser konferansar", "forelesning": "forelesninger", "førelesing": "førelesingar",
    "veiledning": "veiledninger", "rettleiing": "rettleiingar", "samtale": "samtaler samtalar",
    "verksted": "verksteder verksted", "verkstad": "verkstader",
}  # fmt: skip
_FORMS = {form: (head, "p") for head, plurals in _EVENTS.items() for form in plurals.split()}
_FORMS |= {head: (head, "b" if head in _FORMS else "e") for head in _EVENTS}
_EVENT = re.compile(rf"\w*?({'|'.join(sorted(_FORMS, key=len, reverse=True))})")
_NO_EVENTS = re.compile(r"(?:man|mån|tirs|tys|ons|tors|fre|lør|laur|søn|sun|hver|kvar)dag(?:er|ar)?|(?:kon|dis)kurs")
_ADJECTIVE = re.compile(
    r"\w*(?:al|isk|lig|leg|basert|ende|ande)(?:e|t)?|ny(?:e|tt)?|(?:kort|lang|fast|stor|open|åpen|heil|hel)(?:e|t)?"
    r"|felles|små|åpne|opne|større|lengre"
)
_UNITS = {
    **dict.fromkeys(("time", "timer", "timar", "timers", "timars", "times", "t", "h"), 1.0),
    **dict.fromkeys(("minutt", "minutter", "minutters", "min"), 1 / 60), "kvarter": 0.25, "halvtime": 0.5,
}  # fmt: skip
_LETTERS = {
    word: letter
    for letter, words in {
        "g": "gang ganger gong gonger gongar",
        "o": "økt",  # a session, but "økt kompetanse" is increased competence
        "a": "årlig årleg årlige årlege",
        "j": "digital digitale digitalt fysisk fysiske",  # "og 2 digitale à 1 time" needs no noun
        "m": "med",
        "K": "på à á a av",
        "X": "x × *",
        "T": "totalt tilsammen sammenlagt = dvs",
        "F": "fordelt",
        "Z": "hver hvert kvar kvart",
        "z": "per pr",
        "s": "sem semester semesteret semestre semestrene semestra semestera halvår halvåret termin terminen",
        "L": "gruppe tiltak modul del fase trinn nr nummer punkt pkt vedlegg kapittel kap team pulje rom bolk steg",
        "Q": "forarbeid etterarbeid mellomarbeid egenarbeid eigenarbeid forberedelse forberedelser førebuing reise "
        "reisetid pause lunsj lesing egenlesing evaluering planlegging oppfølging oppfylging refleksjon",
        "i": "inkl inkludert inkludera medregnet medrekna",
        "R": "i til fra frå for om ved hos som der under etter mot gjennom",
        "&": "og samt",
        "+": "pluss",
        "B": ". ; : - – — • ·",
        "w": "\" ' ’ « » “ ” !",
    }.items()
    for word in words.split()
} | {sign: sign for sign in "&+,()/"}
_KNOWN = {word: _Token(letter) for word, letter in _LETTERS.items()}
_KNOWN |= {word: _Token("I" if value == 1 else "N", value) for word, value in NUMBER_WORDS.items()}
_KNOWN |= {word: _Token("U", value) for word, value in _UNITS.items()}

# ---------------------------------------------------------------------------------------- phrases

_SEASON = r"(?:vår|høst|haust)(?:en|semester(?:et)?|halvår(?:et)?)?"
_TERM = r"(?:(?:semest(?:er|re|ra)|halvår)(?:et|a|ane|ene|ne)?\b|sem\b\.?|termin(?:en)?\b)"
_YEAR = r"(?:skole|skule|barnehage)?år(?:et)?\b"
_EACH = r"(?:per|pr|hver|hvert|kvar|kvart)"
_HALF = r"(?:en|ein|et|eit|ett) halvt?\b"
_LASTING = r"(?:\b(?:med|av) )?(?:\bei?n )?\b(?:varighe(?:t|it)|lengde?)\b ?(?:på|av|:)?|\b(?:som )?var[ea]r\b(?: i)?"
# Order matters: "fordelt på to semestre" says how a total is spread, and must go before "to semestre" is seen.
_REWRITES = tuple(
    (re.compile(pattern, re.IGNORECASE), replacement)
    for pattern, replacement in (
        (r"\bpr\. ?", "per "),
        (r"\bm/ ?", "med "),
        (r"\b20[0-9]{2} ?[/–-] ?(?:20)?[0-9]{2}\b", " "),
        (rf"\bfordelt (?:på|over|mellom) {_SEASON} og {_SEASON}\b", " "),
        # "1 samling høst og vår": one, or one in each?
        (rf"\b{_SEASON}(?: 20[0-9]{{2}})? ?(?:og|samt|[/,&+–-]) ?(?:på |i )?{_SEASON}\b", " ? "),
        (rf"\b{_SEASON} 20[0-9]{{2}}\b", " "),
        (rf"\b(?:fordelt (?:på|over)|over|gjennom|i løpet av) (?:de )?(?:to|2|begge) {_TERM}", " "),
        (r"\bfordelt over\b", "fordelt på"),
        (rf"\b(?:i )?(?:begge|alle|de to) {_TERM}", " §2 "),
        (rf"(?<=\w) ?/ ?(?={_TERM}|{_YEAR}|(?:møte|samling|gang|gong|økt|dag)\b)", " per "),
        (rf"\b(?:i )?{_EACH} {_TERM}", " §S "),
        (rf"\bi {_TERM}", " §I "),
        (rf"\b(?:(?:i )?{_EACH}|i|gjennom|i løpet av) {_YEAR}", " §Y "),
        (rf"\b(?:halvannen|halvannan|(?:en|én|ein|éin|1) og {_HALF})", " 1,5 "),
        *((rf"\b(?:{word}|{n}) og {_HALF}", f" {n},5 ") for n, word in ((2, "to"), (3, "tre"), (4, "fire"))),
        (rf"\b{_HALF}(?= time\b)", " 0,5 "),
        (r"(?:^| )[.,](?=[0-9])", " ? "),
        *((rf"([0-9]) ?{sign}", rf"\1,{part} ") for sign, part in (("½", 5), ("¼", 25), ("¾", 75))),
        *((sign, f" 0,{part} ") for sign, part in (("½", 5), ("¼", 25), ("¾", 75))),
        (r"\b(?:til sam(?:men|an)|i alt|i sum)\b", " totalt "),
        (_LASTING, " à "),
    )
)
# Words that leave a number open, make it depend on something, or repeat it at a pace that no school year settles.
_OPEN = re.compile(
    r"""\b(?:ca|cirka|circa|sirka|omtrent|om\s?lag|inntil|opptil|oppimot|minst|maks|max|maksimalt|minimum|maksimum|mellom
    |rundt|kring|nesten|knapt|drøyt|vel|snaut|godt\sover|bortimot|nærmere|anslagsvis|anslått|gjennomsnitt\w*|snitt
    |høyst|mer|meir|mindre|flere|fleire|noen|nokre|nokon|par|enkelte|resten|enten|evt|eventuel[lt]t?e?|ev|mulig\w*
    |kanskje|frivillig\w*|valgfri\w*|ikke|ikkje|uten|utan|utenom|minus|ekstra|tillegg|dobbel\w*|dobl\w*|halve?|halvt
    |begge|dagers|\w+dagers\w*|ann(?:en|et|an|a)\s?(?:hver|kvar)\w*|ukentlig\w*|vekentleg\w*|månedlig\w*|månadleg\w*|daglig\w*
    |dagleg\w*|jevnlig\w*|regelmessig\w*|halvårlig\w*|halvårleg\w*|semestervis\w*|kvartal\w*|måned(?:en|er)?|mnd
    |månad(?:en|er)?|uke[rn]?|veke[rn]?|tretten|fjorten|femten|seksten|sytten|atten|nitten|tjue\w*|tyve|tretti\w*|førti\w*
    |femti\w*|seksti\w*|hundre|tusen|eksempel|døme|eks|bl|blant|utgår|forrige|førre|fjor)\b
    |\b(?:ved|etter)\s+(?:behov|avtale|ønske|ønskje)\b
    |\b(?:fra|frå|til|om|etter|under|over|før|mot|enn|eller)\s+(?:[0-9]|(?:to|tre|fire|fem|seks)\b)
    |\beller\s+(?:en|én|ei|et|ett|ein|eit)\b
    |\b(?:over|under)\s+(?:en|én|ein|éin|ett)\s+time\b""",
    re.VERBOSE | re.IGNORECASE,
)
_ONE_SEASON = re.compile(rf"\b(?!vår\b(?! 20)){_SEASON}\b", re.IGNORECASE)  # "vår" alone is also "our"
_YEARS = re.compile(rf"\b(20[0-9]{{2}}) ?[/–-] ?(?:20)?[0-9]{{2}}\b|\b({_SEASON}) (20[0-9]{{2}})\b", re.IGNORECASE)
_ANY_UNIT = re.compile(r"tim[ea]|minutt|kvarter|\bmin\b|[0-9]min\b|(?<![^\W\d_])[th]\b", re.IGNORECASE)
_TOKEN = re.compile(r"§[SIY2]|[0-9]+(?:[.,][0-9]+)*|[^\W\d_]+(?:-[^\W\d_]+)*|\S")


@lru_cache(maxsize=8192)
def hours_in_words(text: str, semesters: float = 2) -> float | None:
    """The hours per school year that a description gives, or ``None`` when that cannot be known.

    ``semesters`` is how many times "per semester" happens in the year. "2 møter per semester" says how often and not
    how long: unknown.
    """
    if len(text) > LONGEST or "§" in text or not _ANY_UNIT.search(text):
        return None
    text = " ".join(text.replace("\u2011", "-").split())
    years = {int(year or of_term) - (season[:1] in {"v", "V"}) for year, season, of_term in _YEARS.findall(text)}
    if len(years) > 1:  # the hours of several school years
        return None
    folded = text
    for pattern, replacement in _REWRITES:
        folded = pattern.sub(replacement, folded)
    if _OPEN.search(folded):
        return None
    tokens = _quantities([_token(word, semesters) for word in _TOKEN.findall(folded)])
    if tokens is None or (any(token.kind == "S" for token in tokens) and _ONE_SEASON.search(text)):
        return None
    total = _read(tokens)
    return total if total is not None and 0 < total < math.inf else None


def _token(word: str, semesters: float) -> _Token:
    """One letter for a word.

    N number, I one or an article, U unit of time, e/p/b event in the singular, plural, or spelled alike, J adjective,
    w other word, ? unreadable; the rest as in ``_LETTERS``; S per semester, Y per year.
    """
    if word[0] == "§":
        return _Token("Y") if word == "§Y" else _Token("S", 2.0 if word == "§2" else semesters, word)
    word = word.lower()
    if word[0] in "0123456789":
        number = decimal(word)
        return _Token("?") if number is None else _Token("N", number)
    if word in _KNOWN:
        return _KNOWN[word]
    last = word.rpartition("-")[2]
    if not last.isalpha():
        return _Token("?")
    event = None if _NO_EVENTS.fullmatch(last) else _EVENT.fullmatch(last)
    if event:
        head, letter = _FORMS[event[1]]
        return _Token(letter, head=head)
    return _Token("J" if _ADJECTIVE.fullmatch(word) else "w")


# ------------------------------------------------------------------------------------- quantities

# Numbers with what they count. A number behind a label or a lone singular ("Gruppe 2", "Samling 2") is its name.
_FOLD = re.compile(
    r"""(?P<D>[NI]U(?:&?[NI]U)?)
    |(?P<C>(?<![ebL])N[Jja]{0,2}[pbe] | (?<!L)No | (?<!L)NX[Jja]{0,2}[pbe] | I[Jja]{0,2}[eb] | Io(?=[KmSYZz(])
      |(?<!L)[NI]j(?=[KmSY]))
    |(?P<G>(?<!L)[NI]g | (?<!L)NX(?=[SYa]))
    |(?P<M>(?<![ebLwJjI])N(?=[SYa]) | (?<!L)N(?=X[NI]) | (?<=X)N(?=[SYaKmXRTF,B()&+]|$) | (?<=X)Ns | Ns(?=X))
    |(?P<M1>(?<=e)N(?=[SY]))
    |(?P<E>(?<!U)e(?=[SY]))
    |(?P<P>[Zz][ebog] | (?<=[,B])Z(?=[Km]) | (?<=U)Z(?=[,B&+)(]|$))
    |(?P<i>i[wJR&B]{0,4}Q(?:&Q)?)
    |(?P<topic>[RK][Jja]?Q(?:[,&][Jja]?Q)*)
    |(?P<F>F[KR](?=[NI]))
    |(?P<open>(?<=U)/ | m(?=[NI]U(?:&?[NI]U)?[wJj]))
    |(?P<one>.)""",
    re.VERBOSE,
)
_PLAIN = dict.fromkeys("wJjRILogFi", "w") | {"e": "e", "b": "e", "p": "E", "/": "B", "m": "K", "a": "Y"}
_PLAIN |= {letter: letter for letter in "KXT&+,()BSYQ"}
# "planlegging" after "for" is what it is about. "2 timer/skole": how many schools? "med 1 time digitalt": and the rest?
_FIXED = {"topic": _Token("w"), "open": None}


def _quantities(tokens: list[_Token]) -> list[_Token] | None:
    """Folds numbers with what they count: C a number of events, G of times, D a duration in hours, P per event.

    ``None``: something that bears on a number is left over.
    """
    letters = "".join(token.kind for token in tokens)
    out: list[_Token] = []
    for match in _FOLD.finditer(letters):
        folded = _fold(match.lastgroup or "", tokens[match.start() : match.end()], out)
        if folded is None:
            return None
        out.append(folded)
    return out


def _fold(name: str, tokens: list[_Token], before: list[_Token]) -> _Token | None:
    first, last = tokens[0], tokens[-1]
    if name == "one":
        letter = _PLAIN.get(first.kind)
        return None if letter is None else _Token(letter, first.value, first.head)
    if name == "D":
        return _duration(tokens)
    if name in _FIXED:
        return _FIXED[name]
    if name in {"P", "F"}:
        return _Token(name, head=last.head)
    if name == "i":  # "inkl. pause" changes nothing, but only behind what it is included in
        inside = "".join(token.kind for token in before).rstrip("w,(")[-1:] in {"D", "P", "S", "Y"}
        return _Token("w" if inside else "Q")
    if name == "E":
        return _Token("C", head=last.head)
    right_number = len(tokens) == 1 or tokens[1].kind == "X" or last.kind in ("begosj" if first.value == 1 else "bpgsj")
    most = 1 if name == "M1" else 2 if last.kind == "s" else math.inf  # "Samling 2" is a name; a year has two semesters
    if not first.value.is_integer() or not right_number or first.value > most:
        return None
    return _Token("G" if name == "G" else "C", first.value, "semester" if last.kind == "s" else last.head)


def _duration(tokens: list[_Token]) -> _Token | None:
    numbers = [token.value for token in tokens if token.kind in "NI"]
    units = [token.value for token in tokens if token.kind == "U"]
    if len(units) == 2 and (max(units[1], numbers[1] * units[1]) >= units[0] or not numbers[0].is_integer()):
        return None
    return _Token("D", sum(number * unit for number, unit in zip(numbers, units, strict=True)))


# ---------------------------------------------------------------------------------------- reading

_HOW_OFTEN = r"(?:w?[B(,]?[SY]\)?)?"
_PER_EVENT = r"(?:w?[B(,]?P\)?)?"
_CLAUSES = {
    # 2 møter per semester à 1,5 time per møte
    "each": rf"(?:CX)*[CG]{_HOW_OFTEN}w?[B(,]?KD\)?(?:X[CG])*{_PER_EVENT}{_HOW_OFTEN}",
    # 2 møter per semester, 1,5 time per møte · 4 samlinger, hver på 3 timer · 1,5 time per møte, 2 møter
    "listed": rf"[CG]{_HOW_OFTEN}w?[B(,&]?Dw?P\)?{_HOW_OFTEN}",
    "every": rf"[CG]{_HOW_OFTEN}w?[B,(]?w?Pw?K?D\)?",
    "turned": rf"(?:Dw?P|Pw?K?D)w?[B,&(]?w?X?[CG]\)?{_HOW_OFTEN}",
    # 2 timer 3 ganger i året · 3 ganger 2 timer
    "times": rf"Dw?[B(,]?G\)?{_HOW_OFTEN}|GD{_HOW_OFTEN}",
    # 2 x 3 timer · 3 t x 2 pr semester
    "product": rf"(?:[CG]X)+D(?:X[CG])*\)?{_PER_EVENT}{_HOW_OFTEN}|Dw?(?:X[CG])+\)?{_HOW_OFTEN}",
    # 1 samling (5 timer) · 1 samling 5 timer: with one there is nothing to multiply
    "single": r"C\(D\)|CD(?=[B,)&+]|$)",
    "spread": rf"D{_HOW_OFTEN}w?[B(,]?FC(?:w?Y)?\)?",  # 12 timer fordelt på 4 samlinger
    "rate": r"D[we]?[B,(]?[SY]\)?",  # 2 timer per semester
    # totalt 6 timer · 6 timer totalt; and (6 timer), which only repeats what the clause before it gives
    "total": rf"TB?D{_HOW_OFTEN}|D{_HOW_OFTEN}w?T",
    "repeat": r"\(D\)",
    "bare": rf"[CG]{_HOW_OFTEN}",
}
_PATTERNS = {name: re.compile(pattern) for name, pattern in _CLAUSES.items()}


@dataclass(frozen=True, slots=True)
class _Clause:
    name: str
    value: float
    kinds: str


def _read(tokens: list[_Token]) -> float | None:
    tokens = _without_idle(tokens)
    letters = "".join(token.kind for token in tokens)
    heading = re.match(r"[weEQKB,()&+]*(?:(?<=[eE])X(?=C))?", letters)
    position = heading.end() if heading else 0
    if not _heading_stands_apart(tokens[: position + 1]):
        return None
    leading = re.match(r"[SY][wB,(]*", letters[position:])
    first = tokens[position] if leading else _Token("")
    clauses = _clauses(tokens, letters, position + (leading.end() if leading else 0))
    if clauses is None or (leading and (len(clauses) > 1 or set("SY") & set(clauses[0].kinds) or first.head == "§I")):
        return None
    if "E" in letters and any(clause.name == "rate" for clause in clauses):
        return None  # "Møter, 2 timer per semester": each, or together?
    total = _combine(clauses)
    return None if total is None else first.value * total


def _without_idle(tokens: list[_Token]) -> list[_Token]:
    """A connector that leads to no duration and a "totalt" beside none are words like others."""
    letters = "".join(token.kind for token in tokens)
    idle = {match.start() for match in re.finditer(r"K(?!D)|(?<!D)(?<!D[SYw])T(?!B?D)", letters)}
    plain = [_Token("w") if index in idle else token for index, token in enumerate(tokens)]
    return [one for index, one in enumerate(plain) if one.kind != "w" or index == 0 or plain[index - 1].kind != "w"]


def _heading_stands_apart(tokens: list[_Token]) -> bool:
    """Not one more thing whose hours are unsaid: "Samling: 2 møter", "Møter, 2 møter"; not "Samling og 2 møter"."""
    letters = "".join(token.kind for token in tokens)
    if re.search(r"[eEQ]w?[&+]w?.$", letters):
        return False
    listed = re.search(r"[eEQ]w?,w?C$", letters)
    return listed is None or tokens[-1].head in {"", tokens[listed.start()].head}


def _clauses(tokens: list[_Token], letters: str, position: int) -> list[_Clause] | None:
    """Everything from ``position`` on, as clauses; ``None`` if something is in none of them."""
    if re.search(r"\+(?!w?[CGDT])", letters[position:]):
        return None
    found = []
    while position < len(letters):
        ends = {name: match.end() for name, one in _PATTERNS.items() if (match := one.match(letters, position))}
        if ends:
            name = max(ends, key=lambda one: ends[one])
            clause = _clause(name, tokens[position : ends[name]])
            if clause is None:
                return None
            found.append(clause)
        elif letters[position] not in "wB,()&+":
            return None
        position = max((position + 1, *ends.values()))
    return found or None


def _clause(name: str, tokens: list[_Token]) -> _Clause | None:
    counted = [token for token in tokens if token.kind in "CG"]
    kinds = "".join(token.kind for token in tokens)
    heads = {token.head for token in counted}
    per = [token.head for token in tokens if token.kind == "P" and token.head]
    often = [token.value for token in tokens if token.kind in "SY"]
    times = math.prod(token.value for token in counted)
    if len(often) > 1 or (often and "semester" in heads) or (name == "single" and times != 1):
        return None
    if per and "" not in heads and per[0] not in heads:
        return None  # "2 samlinger, 6 timer per dag": how many days?
    duration = sum(token.value for token in tokens if token.kind == "D")
    return _Clause(name, (1.0 if name == "spread" else times) * duration * math.prod(often), kinds)


def _combine(clauses: list[_Clause]) -> float | None:
    by_name: dict[str, list[_Clause]] = {}
    for clause in clauses:
        kind = clause.name if clause.name in {"total", "repeat", "bare", "rate"} else "part"
        by_name.setdefault(kind, []).append(clause)
    parts = by_name.pop("part", [])
    rates, totals, bare = (by_name.get(name, []) for name in ("rate", "total", "bare"))
    if (rates and len(rates) < len(clauses)) or (bare and (parts or not totals)) or _shared_term(parts):
        return None  # a rate beside a clause may repeat it or add to it; a bare count wants a total
    if bare and ("S" in "".join(one.kinds for one in totals) or ("S" in bare[0].kinds and "Y" not in totals[0].kinds)):
        return None  # "2 møter per semester, totalt 6 timer": in the semester or in the year?
    sums = {round(one.value, 6) for one in (*totals, *by_name.get("repeat", []))}
    if parts or rates:
        sums.add(round(sum(one.value for one in (*parts, *rates)), 6))
    return sums.pop() if len(sums) == 1 and (parts or rates or totals) else None


def _shared_term(parts: list[_Clause]) -> bool:
    """Whether a "per semester" at the end may be meant for the clauses before it as well."""
    kinds = [one.kinds for one in parts]
    late = [index for index, one in enumerate(kinds) if "S" in one and one.index("S") > one.index("D")]
    return any("S" not in one and "Y" not in one for one in kinds[: late[-1]]) if late else False
