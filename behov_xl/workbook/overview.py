"""The sheets that only show: the guide, and the overview with key figures and charts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from behov_xl.workbook.formulas import cached, excel_sum, total_formula
from behov_xl.workbook.styles import row_height

if TYPE_CHECKING:
    from behov_xl.workbook.template import TemplateWriter

KEY_FIGURES_COLUMN, KEY_FIGURES = 6, 7
CHART_SIZE = {"width": 620, "height": 300}
GUIDE_WIDTH = 100
OWNER_COLOUR, UH_COLOUR, HOURS_COLOUR = "#1F3A5F", "#E08E2B", "#3C7D5A"


def write_guide(writer: TemplateWriter, worksheet: Any) -> None:
    """How to fill in, what the colours mean, which form and template this is."""
    form, lang, words, styles = writer.form, writer.lang, writer.words, writer.styles
    worksheet.set_column(0, 0, GUIDE_WIDTH)
    row = 3
    for chapter in form.guide:
        worksheet.write_string(row, 0, chapter.heading.words(lang), styles.named("heading"))
        for line in chapter.lines:
            row += 1
            worksheet.write_string(row, 0, f"•  {line.words(lang)}", styles.named("line"))
            worksheet.set_row(row, row_height([(line.words(lang), GUIDE_WIDTH)]))
        row += 2
    worksheet.write_string(row, 0, words.text("template.legend"), styles.named("heading"))
    for severity in ("error", "warning", "info"):
        row += 1
        text = f"{words.text(f'severity.{severity}')}: {words.text(f'template.legend_{severity}')}"
        worksheet.write_string(row, 0, text, styles.named(severity))
    for name, key in (("required", "must"), ("optional", "may")):
        row += 1
        worksheet.write_string(row, 0, words.text(f"template.legend_{key}"), styles.named(name))
    row += 1
    worksheet.write_string(row, 0, words.text("template.legend_computed"), styles.cell("text", computed=True))
    row += 2
    version = words.text("template.version", form=form.id, template=form.template)
    worksheet.write_string(row, 0, version, styles.named("intro"))
    worksheet.set_portrait()


def write_overview(writer: TemplateWriter, worksheet: Any) -> None:
    """Key figures beside the hours table, and two charts below."""
    _key_figures(writer, worksheet)
    top = 3 + max(len(writer.rows["hours"]) + 1, KEY_FIGURES) + 2
    worksheet.insert_chart(top, 0, _sums_chart(writer), {"object_position": 2})
    worksheet.insert_chart(top + 16, 0, _hours_chart(writer), {"object_position": 2})
    worksheet.fit_to_pages(1, 1)


def _key_figures(writer: TemplateWriter, worksheet: Any) -> None:
    measures, activities, findings = (writer.form.by_id[id_] for id_ in ("measures", "activities", "findings"))
    calculator, words, lang = writer.calculator, writer.words, writer.lang
    column = KEY_FIGURES_COLUMN
    worksheet.set_column(column, column, 24)
    worksheet.set_column(column + 1, column + 1, 16)
    worksheet.merge_range(3, column, 3, column + 1, words.text("template.key_figures"), writer.styles.named("group"))
    figures: list[tuple[str, str, str, float]] = []
    for id_ in ("owner_sum", "uh_sum", "total", "coordinator_sum"):
        one = measures.by_id[id_]
        formula = total_formula(writer.form, measures, one, lang)
        figures.append((one.label.words(lang), formula, "amount", calculator.total(measures, one)))
    hours = activities.by_id["stated_hours"]
    total_hours = excel_sum(*(row.get("stated_hours") for row in writer.rows["activities"]))
    figures.append((hours.label.words(lang), total_formula(writer.form, activities, hours, lang), "hours", total_hours))
    severity = f"{findings.name}[{findings.by_id['severity'].label.words(lang)}]"
    for name in ("error", "warning"):
        word = words.text(f"severity.{name}")
        count = sum(row.get("severity") == word for row in writer.rows["findings"])
        figures.append((word, f'=COUNTIF({severity},"{word}")', "count", float(count)))
    for row, (label, formula, type_, value) in enumerate(figures, start=4):
        worksheet.write_string(row, column, label, writer.styles.cell("text", computed=True))
        worksheet.write_formula(row, column + 1, formula, writer.styles.cell(type_, computed=True), cached(value))


def _sums_chart(writer: TemplateWriter) -> Any:
    """Owner's and UH's sum per measure, stacked."""
    measures = writer.form.by_id["measures"]
    chart = writer.workbook.add_chart({"type": "column", "subtype": "stacked"})
    for id_, colour in (("owner_sum", OWNER_COLOUR), ("uh_sum", UH_COLOUR)):
        chart.add_series(
            {
                "name": measures.by_id[id_].label.words(writer.lang),
                "categories": writer.range_of(measures, "measure"),
                "values": writer.range_of(measures, id_),
                "fill": {"color": colour},
                "gap": 60,
            }
        )
    return _finished(chart, writer.words.text("template.chart_sums"), '#,##0\\ "kr"')


def _hours_chart(writer: TemplateWriter) -> Any:
    """Stated hours per school year, over all measures: the total row of the hours table."""
    hours = writer.form.by_id["hours"]
    sheet = writer.form.sheet_by_id[hours.sheet].label.words(writer.lang)
    total = 3 + len(writer.rows["hours"]) + 1
    first, last = 1, len(hours.totals)
    chart = writer.workbook.add_chart({"type": "column"})
    chart.add_series(
        {
            "name": writer.words.text("template.chart_hours"),
            "categories": [sheet, 3, first, 3, last],
            "values": [sheet, total, first, total, last],
            "fill": {"color": HOURS_COLOUR},
            "data_labels": {"value": True},
            "gap": 80,
        }
    )
    chart.set_legend({"none": True})
    return _finished(chart, writer.words.text("template.chart_hours"), "0")


def _finished(chart: Any, title: str, number_format: str) -> Any:
    chart.set_title({"name": title, "name_font": {"size": 13, "color": "#1F3A5F"}, "overlay": False})
    chart.set_y_axis({"num_format": number_format, "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}}})
    chart.set_size(CHART_SIZE)
    return chart
