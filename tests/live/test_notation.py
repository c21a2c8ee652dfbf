"""Formulas in Excel's notation and LibreOffice's, both as the two programs write them."""

from __future__ import annotations

import pytest

from behov_xl.libreoffice.notation import constant, link_to_excel, link_to_office, to_excel, to_office

BOTH = [
    ("=A1", "=A1"),
    ("=SUM(A1,$B$2:C3)", "=SUM(A1;$B$2:C3)"),
    ("=Tiltak!A1+Tiltak!$A$1:B2", "=$Tiltak.A1+$Tiltak.$A$1:B2"),
    ("='Ark 1'!A1&'d''Oro'!B2", "=$'Ark 1'.A1&$'d''Oro'.B2"),
    ("=Tiltak!Lokal", "=$Tiltak.Lokal"),
    ('=IF(A1="a;b,c!d.e",1,"""")', '=IF(A1="a;b,c!d.e";1;"""")'),
    ("={1,2;3,4}", "={1;2|3;4}"),
    ("=INDEX({1,2;3,4},1,2)", "=INDEX({1;2|3;4};1;2)"),
    ("=Tiltak[Sum eier]", "=Tiltak[Sum eier]"),
    ("=SUM(Tiltak[[#This Row],[Sum; eier, UH]],1)", "=SUM(Tiltak[[#This Row];[Sum; eier, UH]];1)"),
    ("=Tabell[['[rar'] 'overskrift]]", "=Tabell[['[rar'] 'overskrift]]"),
    ("=STDEV.S(A1,0.5)+1.5E10", "=STDEV.S(A1;0.5)+1.5E10"),
    ("=#REF!+IF(A1=#N/A,1,#DIV/0!)", "=#REF!+IF(A1=#N/A;1;#DIV/0!)"),
    ("=Økt_år*2", "=Økt_år*2"),
    ("=A:A+3:4", "=A:A+3:4"),
]


@pytest.mark.parametrize(("excel", "office"), BOTH)
def test_both_ways(excel: str, office: str) -> None:
    assert to_excel(office) == excel
    assert to_office(excel) == office


@pytest.mark.parametrize(
    ("office", "excel"),
    [
        ("{=A1:A2*2}", "=A1:A2*2"),
        ("=SUM(A1~B2)", "=SUM(A1,B2)"),
        ("=A1:B2!B1:C2", "=A1:B2 B1:C2"),
        ("=Tiltak.A1", "=Tiltak!A1"),
        ("='file:///home/kari/bok.xlsx'#$Ark1.A1", "='[bok.xlsx]Ark1'!A1"),
        ("='file:///home/kari/bok.xlsx'#$'Ark 1'.A1", "='[bok.xlsx]Ark 1'!A1"),
        ("=COM.SUN.STAR.SHEET.ADDIN.ANALYSIS.GETEDATE(A5;1)", "=EDATE(A5,1)"),
    ],
)
def test_what_libreoffice_writes_in_its_own_way(office: str, excel: str) -> None:
    assert to_excel(office) == excel


@pytest.mark.parametrize(
    ("excel", "office"),
    [
        ("=_xlfn.CONCAT(A1)", "=CONCAT(A1)"),
        ("=Tiltak[@Sum]", "=Tiltak[[#This Row];[Sum]]"),
        ("=Tiltak[@[Sum eier]]", "=Tiltak[[#This Row];[Sum eier]]"),
        ("=Tiltak[@[Sum eier]:[Sum UH]]", "=Tiltak[[#This Row];[Sum eier]:[Sum UH]]"),
        ("=Tiltak[@]", "=Tiltak[#This Row]"),
    ],
)
def test_what_excel_writes_in_more_ways_than_one(excel: str, office: str) -> None:
    assert to_office(excel) == office


def test_constants_that_libreoffice_has_as_formulas() -> None:
    assert [constant(one) for one in ("=TRUE()", "=FALSE()", "=#N/A", "=#DIV/0!")] == [
        "TRUE",
        "FALSE",
        "#N/A",
        "#DIV/0!",
    ]
    assert [constant(one) for one in ("=NA()", "=#N/A+1", "=TRUE()+1", "tekst")] == [None] * 4


@pytest.mark.parametrize(
    ("excel", "office"),
    [("#Tiltak!B3", "#Tiltak.B3"), ("#'Ark 1'!B3", "#'Ark 1'.B3"), ("https://nav.no/#a!b", "https://nav.no/#a!b")],
)
def test_links(excel: str, office: str) -> None:
    assert (link_to_office(excel), link_to_excel(office)) == (office, excel)
