"use strict";
// Shows the findings that the filter asks for. Without this script everything is shown.
(() => {
  const form = document.getElementById("filter");
  const status = document.getElementById("shown");
  const rules = [...document.querySelectorAll("details.rule")];
  const books = [...document.querySelectorAll("article.workbook")].map((element) => ({
    element,
    name: element.dataset.name.toLowerCase(),
    parts: [...element.querySelectorAll("[data-part]")].map((part) => ({
      element: part,
      count: part.querySelector(".count"),
      groups: [...part.querySelectorAll("[data-group]")].map((group) => ({
        element: group,
        rows: [...group.querySelectorAll("tr[data-severity]")].map((row) => ({ element: row, ...row.dataset })),
      })),
    })),
  }));
  const all = document.querySelectorAll("tr[data-severity]").length;

  const spaced = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, "\u00a0");
  const show = (element, shown) => {
    if (element.hidden === shown) element.hidden = !shown;
  };

  const asked = () => {
    const data = new FormData(form);
    return {
      severities: data.getAll("severity"),
      sheet: data.get("sheet"),
      measure: data.get("measure"),
      text: (data.get("text") || "").trim().toLowerCase(),
    };
  };

  // Each shows what is inside it and fits, hides itself when nothing does, and returns how many findings that were.
  const showRows = (group, fits) => {
    let shown = 0;
    for (const row of group.rows) {
      const visible = fits(row);
      show(row.element, visible);
      if (visible) shown += 1;
    }
    show(group.element, shown > 0);
    return shown;
  };
  const showPart = (part, fits) => {
    const shown = part.groups.reduce((sum, group) => sum + showRows(group, fits), 0);
    show(part.element, shown > 0);
    part.count.textContent = `(${spaced(shown)})`;
    return shown;
  };

  const apply = () => {
    const want = asked();
    const everySeverity = want.severities.length === form.querySelectorAll("[name=severity]").length;
    const byRow = !(everySeverity && want.sheet === "" && want.measure === "");
    const numbers = { shown: 0, all, books: 0, all_books: books.length };
    for (const book of books) {
      const named = book.name.includes(want.text);
      const fits = (row) =>
        named &&
        want.severities.includes(row.severity) &&
        (want.sheet === "" || want.sheet === row.sheet) &&
        (want.measure === "" || want.measure === row.measure);
      const shown = book.parts.reduce((sum, part) => sum + showPart(part, fits), 0);
      const visible = named && (shown > 0 || !byRow);
      show(book.element, visible);
      numbers.shown += shown;
      numbers.books += visible ? 1 : 0;
    }
    status.textContent = status.dataset.text.replace(/\{(\w+)\}/g, (_, key) => spaced(numbers[key]));
    document.body.classList.toggle("filtered", byRow || want.text !== "");
  };

  let waiting = 0;
  const soon = () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(apply);
  };
  form.addEventListener("input", soon);
  form.addEventListener("reset", soon);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  apply();

  // Explanations are open without a script; with one, the reader opens those that are wanted.
  const open = (wanted) => rules.forEach((rule) => { rule.open = wanted(rule); });
  const target = () => {
    const rule = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (rule && rule.matches("details.rule")) {
      rule.open = true;
      rule.scrollIntoView();
      rule.querySelector("summary").focus();
    }
  };
  open(() => false);
  addEventListener("hashchange", target);
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = rules.filter((rule) => rule.open);
    open(() => true);
  });
  addEventListener("afterprint", () => open((rule) => opened.includes(rule)));
  target();
})();
