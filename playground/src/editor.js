// The editor of the spec: CodeMirror with the language, and the problems at their places.

import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, snippet } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState, StateEffect, StateField } from "@codemirror/state";
import {
  Decoration, EditorView, drawSelection, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars,
  hoverTooltip, keymap, lineNumbers,
} from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";
import { element } from "report";
import { completions, meaning } from "./schema.js";

const setChosen = StateEffect.define();
const chosenLine = StateField.define({
  create: () => Decoration.none,
  update(marks, transaction) {
    let found = marks.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (!effect.is(setChosen)) continue;
      const number = effect.value;
      const inside = number > 0 && number <= transaction.state.doc.lines;
      found = inside ? Decoration.set([Decoration.line({ class: "cm-chosen" }).range(transaction.state.doc.line(number).from)]) : Decoration.none;
    }
    return found;
  },
  provide: (field) => EditorView.decorations.from(field),
});

function complete(known) {
  return (context) => {
    const found = completions(context.state.doc.toString(), context.pos, known());
    if (!found || (!context.explicit && found.from === context.pos)) return null;
    return {
      from: found.from,
      to: found.end,
      validFor: /^[\w.]*$/,
      options: found.options.map((each) => ({
        ...each, info: each.info || undefined, apply: each.snippet ? snippet(each.snippet) : each.label,
      })),
    };
  };
}

const hover = hoverTooltip((view, position) => {
  const found = meaning(view.state.doc.toString(), position);
  if (!found) return null;
  const lines = [element("p", {}, element("b", {}, found.word), ` ${found.text}`)];
  if (found.standard !== undefined) lines.push(element("p", { class: "notes" }, `default: ${found.standard}`));
  if (found.needs.length) lines.push(element("p", { class: "notes" }, `needs: ${found.needs.join(", ")}`));
  return { pos: found.from, end: found.to, above: true, create: () => ({ dom: element("div", { class: "meaning" }, ...lines) }) };
});

/** The range of a problem in the document. Columns count characters, as the engine does. */
function range(document, problem) {
  if (!problem.line || problem.line > document.lines) return { from: 0, to: Math.min(1, document.length) };
  const line = document.line(problem.line);
  const letters = [...line.text];
  const length = (count) => letters.slice(0, Math.max(count, 0)).join("").length;
  const from = line.from + length(problem.column - 1);
  const to = line.from + length(problem.column - 1 + problem.length);
  return { from: Math.min(from, line.to), to: Math.max(Math.min(to, line.to), Math.min(from + 1, line.to)) };
}

function diagnostic(document, problem) {
  const severity = ["error", "warning", "info"].includes(problem.severity) ? problem.severity : "warning";
  return {
    ...range(document, problem), severity, source: problem.rule, message: problem.message,
    renderMessage: () => element("div", {}, problem.message, ...problem.notes.map((note) => element("div", { class: "notes" }, note))),
  };
}

/** `on.change(text)` and `on.line(number)` follow the user; `known()` gives names of the spec. */
export function makeEditor(parent, text, on, known) {
  let quiet = false; // while the page itself changes the text
  const listener = EditorView.updateListener.of((update) => {
    if (quiet) return;
    if (update.docChanged) on.change(update.state.doc.toString());
    if (update.docChanged || update.selectionSet) on.line(update.state.doc.lineAt(update.state.selection.main.head).number);
  });
  const extensions = [
    lineNumbers(), highlightActiveLineGutter(), highlightSpecialChars(), history(), drawSelection(), indentOnInput(),
    bracketMatching(), closeBrackets(), highlightActiveLine(), highlightSelectionMatches(), lintGutter(), chosenLine,
    EditorState.tabSize.of(2), yaml(), syntaxHighlighting(classHighlighter), EditorView.lineWrapping, hover, listener,
    autocompletion({ override: [complete(known)] }),
    EditorView.contentAttributes.of({ "aria-label": "Spec, in YAML", "aria-describedby": "editor-keys", spellcheck: "false" }),
    keymap.of([
      ...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...completionKeymap, ...lintKeymap,
      indentWithTab,
    ]),
  ];
  const view = new EditorView({ parent, state: EditorState.create({ doc: text, extensions }) });

  return {
    view,
    text: () => view.state.doc.toString(),
    /** Another text, which can be undone. */
    replace(other) {
      quiet = true;
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: other }, selection: { anchor: 0 }, scrollIntoView: true });
      quiet = false;
    },
    mark(problems) {
      view.dispatch(setDiagnostics(view.state, problems.map((each) => diagnostic(view.state.doc, each))));
    },
    choose(line, scroll) {
      const effects = [setChosen.of(line)];
      if (scroll && line > 0 && line <= view.state.doc.lines) {
        effects.push(EditorView.scrollIntoView(view.state.doc.line(line).from, { y: "nearest", yMargin: 40 }));
      }
      view.dispatch({ effects });
    },
    goTo(problem) {
      const { from, to } = range(view.state.doc, problem);
      view.dispatch({ selection: { anchor: from, head: to }, scrollIntoView: true });
      view.focus();
    },
  };
}
