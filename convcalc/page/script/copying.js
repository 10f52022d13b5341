// Lines of the table as text for the clipboard.

function exactText(column, line) {
  const text = column.of(line);
  return column.right ? text.replaceAll(",", "") : text;
}

function asCsv(columns, lines) {
  const quoted = (text) => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const rows = [columns.map((column) => column.name), ...lines.map((line) => columns.map((c) => exactText(c, line)))];
  return rows.map((row) => row.map(quoted).join(",") + "\n").join("");
}

function asMarkdown(columns, lines) {
  const row = (cells) => `| ${cells.map((cell) => cell.replace(/([\\|<`*_])/g, "\\$1")).join(" | ")} |\n`;
  const rule = `|${columns.map((column) => (column.right ? "---:" : "---")).join("|")}|\n`;
  return row(columns.map((column) => column.header)) + rule
    + lines.map((line) => row(columns.map((column) => column.of(line)))).join("");
}

/** Copy a text, and say so. Where the browser refuses, the text is shown to be copied by hand. */
async function copy(text, status) {
  try {
    await navigator.clipboard.writeText(text);
    status.replaceChildren("Copied.");
  } catch {
    const field = element("textarea", { readonly: true, rows: 4, "aria-label": "Text to copy" });
    field.value = text;
    status.replaceChildren("Copy this text: ", field);
    field.select();
  }
}

/** Buttons that copy `lines()` of the columns `shown()` as CSV and as Markdown. */
function copyButtons(what, shown, lines, status) {
  return [
    button(`Copy ${what} as CSV`, () => copy(asCsv(shown(), lines()), status)),
    button(`Copy ${what} as Markdown`, () => copy(asMarkdown(shown(), lines()), status)),
  ];
}
