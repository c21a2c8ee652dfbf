"""Running text about activities → tokens: a letter for each word, and numbers folded with what they count.

Phrases that mean one thing are rewritten first. :mod:`behov_xl.phrases` reads what is left.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from behov_xl.phrase_rewrites import rewritten
from behov_xl.remembering import remembered

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
class Token:
    """A word, or a number with what it counts."""

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
_KNOWN = {word: Token(letter) for word, letter in _LETTERS.items()}
_KNOWN |= {word: Token("I" if value == 1 else "N", value) for word, value in NUMBER_WORDS.items()}
_KNOWN |= {word: Token("U", value) for word, value in _UNITS.items()}
INCLUDING = tuple(word for word, letter in _LETTERS.items() if letter == "i")
"""Words behind which it matters how many others follow."""

# ------------------------------------------------------------------------------------- open words

# Words that leave a number open, make it depend on something, or repeat it at a pace that no school year settles.
_OPEN_WORD = re.compile(
    r"""ca|cirka|circa|sirka|omtrent|omlag|inntil|opptil|oppimot|minst|maks|max|maksimalt|minimum|maksimum|mellom
    |rundt|kring|nesten|knapt|drøyt|vel|snaut|bortimot|nærmere|anslagsvis|anslått|gjennomsnitt\w*|snitt
    |høyst|mer|meir|mindre|flere|fleire|noen|nokre|nokon|par|enkelte|resten|enten|evt|eventuel[lt]t?e?|ev|mulig\w*
    |kanskje|frivillig\w*|valgfri\w*|ikke|ikkje|uten|utan|utenom|minus|ekstra|tillegg|dobbel\w*|dobl\w*|halve?|halvt
    |begge|\w*dagers\w*|ann(?:en|et|an|a)(?:hver|kvar)\w*|ukentlig\w*|vekentleg\w*|månedlig\w*|månadleg\w*|daglig\w*
    |dagleg\w*|jevnlig\w*|regelmessig\w*|gjenta\w*|gjentek\w*|gjentok\w*|repeter\w*
    |halvårlig\w*|halvårleg\w*|semestervis\w*|kvartal\w*|måned(?:en|er)?|mnd
    |månad(?:en|er)?|uke[rn]?|veke[rn]?|tretten|fjorten|femten|seksten|sytten|atten|nitten|tjue\w*|tyve|tretti\w*|førti\w*
    |femti\w*|seksti\w*|hundre|tusen|eksempel|døme|eks|bl|blant|utgår|forrige|førre|fjor""",
    re.VERBOSE,
)
_OPEN_PHRASE = re.compile(
    r"""\b(?:om\slag|godt\sover|opp\sigjen|opp\satt|ann(?:en|et|an|a)\s(?:hver|kvar)\w*)\b
    |\b(?:ved|etter)\s+(?:behov|avtale|ønske|ønskje)\b
    |\b(?:fra|frå|til|om|etter|under|over|før|mot|enn|eller)\s+(?:[0-9]|(?:to|tre|fire|fem|seks)\b)
    |\beller\s+(?:en|én|ei|et|ett|ein|eit)\b
    |\b(?:over|under)\s+(?:en|én|ein|éin|ett)\s+time\b""",
    re.VERBOSE,
)
_STARTS = frozenset(
    {"om", "godt", "opp", "annen", "annet", "annan", "anna", "ved", "etter", "fra", "frå", "til", "under", "over"}
    | {"før", "mot", "enn", "eller"}
)
"""With which of those a phrase begins."""
IN_OPEN_PHRASES = re.compile(r"lag|over|igjen|att|behov|avtale|ønskj?e|(?:hver|kvar)\w*")
"""The words that follow, as far as they are words like others."""
_WORD = re.compile(r"\w+")
_TOKEN = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*|[0-9]+(?:[.,][0-9]+)*|§[SIY2]|\S")


def tokens_of(text: str, semesters: float) -> list[Token] | None:
    """What a text is made of.

    ``None``: a word leaves a number open, or something that bears on a number is left over.
    """
    tokens = _tokens(text)
    if tokens is None:
        return None
    if semesters == 1.0:
        return list(tokens)
    return [Token("S", semesters, one.head) if one.kind == "S" and one.head != "§2" else one for one in tokens]


@remembered(2048)
def _tokens(text: str) -> tuple[Token, ...] | None:
    """As :func:`tokens_of`, for a year of one semester: what is asked of hours and of times has the same answer."""
    text = rewritten(text.lower())
    pieces = [piece_of(piece) for piece in text.split()]
    tokens = _without_long_runs(pieces)
    letters = "".join([token.kind for token in tokens])
    if "i" in letters:  # it matters how many words follow an "inkl.": see INCLUDING
        tokens = [token for piece in pieces for token in piece.tokens]
        letters = "".join([token.kind for token in tokens])
    if _STRAY.search(letters):
        return None
    marks = {piece.leaves_open for piece in pieces}
    if True in marks or (None in marks and _OPEN_PHRASE.search(text)):
        return None
    found = _quantities(tokens, letters)
    return None if found is None else tuple(found)


def _without_long_runs(pieces: Iterable[_Piece]) -> list[Token]:
    """The tokens of a text; of words in a row two stand for all."""
    tokens: list[Token] = []
    run = 0
    for piece in pieces:
        run = run + 1 if piece.is_word else 0
        if run <= 2:
            tokens += piece.tokens
    return tokens


class _Piece(NamedTuple):
    """What stands between two spaces."""

    tokens: tuple[Token, ...]
    is_word: bool
    """Whether it is a word that counts nothing and is not counted."""
    leaves_open: bool | None
    """Whether a word in it leaves a number open; ``None`` where that depends on the next one."""


@remembered(2048)
def piece_of(text: str) -> _Piece:
    """What stands between two spaces, as tokens, and whether it leaves a number open."""
    words = _WORD.findall(text)
    leaves_open = True if any(map(_OPEN_WORD.fullmatch, words)) else False if _STARTS.isdisjoint(words) else None
    tokens = tuple(_token(word) for word in _TOKEN.findall(text))
    return _Piece(tokens, "".join(token.kind for token in tokens) == "w", leaves_open)


def _token(word: str) -> Token:
    """One letter for a word.

    N number, I one or an article, U unit of time, e/p/b event in the singular, plural, or spelled alike, J adjective,
    w other word, ? unreadable; the rest as in ``_LETTERS``; S per semester, Y per year.
    """
    if word[0] == "§":
        return Token("Y") if word == "§Y" else Token("S", 2.0 if word == "§2" else 1.0, word)
    if word[0] in "0123456789":
        number = decimal(word)
        return Token("?") if number is None else Token("N", number)
    if word in _KNOWN:
        return _KNOWN[word]
    last = word.rpartition("-")[2]
    if not last.isalpha():
        return Token("?")
    event = None if _NO_EVENTS.fullmatch(last) else _EVENT.fullmatch(last)
    if event:
        head, letter = _FORMS[event[1]]
        return Token(letter, head=head)
    return Token("J" if _ADJECTIVE.fullmatch(word) else "w")


# ------------------------------------------------------------------------------------- quantities

# Numbers with what they count. A number behind a label or a lone singular ("Gruppe 2", "Samling 2") is its name.
_FOLD = re.compile(
    r"""(?P<plain>[wXT&+,()BSYQ]+)
    |(?P<D>[NI]U(?:&?[NI]U)?)
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
_STRAY = re.compile(r"\?|(?<!X)N(?![UJjapbeoXgSYs])")
"""What cannot be read, and a number that counts nothing: no pattern above takes it in. Looked for first."""
_PLAIN = dict.fromkeys("wJjRILogFi", "w") | {"e": "e", "b": "e", "p": "E", "/": "B", "m": "K", "a": "Y"}
_PLAIN |= {letter: letter for letter in "KXT&+,()BSYQ"}
# "planlegging" after "for" is what it is about. "2 timer/skole": how many schools? "med 1 time digitalt": and the rest?
_FIXED = {"topic": Token("w"), "open": None}


def _quantities(tokens: list[Token], letters: str) -> list[Token] | None:
    """Folds numbers with what they count: C a number of events, G of times, D a duration in hours, P per event.

    ``letters``: those of the tokens. ``None``: something that bears on a number is left over.
    """
    out: list[Token] = []
    for name, start, end in _parts(letters):
        if name == "plain":
            out += tokens[start:end]
        elif name == "one":
            plain = _PLAIN.get(letters[start])
            if plain is None:
                return None
            token = tokens[start]
            out.append(token if plain == token.kind else Token(plain, token.value, token.head))
        else:
            folded = _fold(name, tokens[start:end], out)
            if folded is None:
                return None
            out.append(folded)
    return out


@remembered(2048)
def _parts(letters: str) -> tuple[tuple[str, int, int], ...]:
    """What of the letters belongs together: its name, where it begins and ends. Few texts differ in their letters."""
    return tuple((match.lastgroup or "", match.start(), match.end()) for match in _FOLD.finditer(letters))


def _fold(name: str, tokens: list[Token], before: list[Token]) -> Token | None:
    first, last = tokens[0], tokens[-1]
    if name == "D":
        return _duration(tokens)
    if name in _FIXED:
        return _FIXED[name]
    if name in {"P", "F"}:
        return Token(name, head=last.head)
    if name == "i":  # "inkl. pause" changes nothing, but only behind what it is included in
        inside = "".join(token.kind for token in before).rstrip("w,(")[-1:] in {"D", "P", "S", "Y"}
        return Token("w" if inside else "Q")
    if name == "E":
        return Token("C", head=last.head)
    right_number = len(tokens) == 1 or tokens[1].kind == "X" or last.kind in ("begosj" if first.value == 1 else "bpgsj")
    most = 1 if name == "M1" else 2 if last.kind == "s" else math.inf  # "Samling 2" is a name; a year has two semesters
    if not first.value.is_integer() or not right_number or first.value > most:
        return None
    return Token("G" if name == "G" else "C", first.value, "semester" if last.kind == "s" else last.head)


def _duration(tokens: list[Token]) -> Token | None:
    numbers = [token.value for token in tokens if token.kind in "NI"]
    units = [token.value for token in tokens if token.kind == "U"]
    if len(units) == 2 and (max(units[1], numbers[1] * units[1]) >= units[0] or not numbers[0].is_integer()):
        return None
    return Token("D", sum(number * unit for number, unit in zip(numbers, units, strict=True)))
