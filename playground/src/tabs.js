// Tabs as a screen reader knows them: the arrow keys, Home and End move, and one tab stops the Tab key.

import { button } from "report";

/** `panels` are the elements of the tabs, each with its label in `data-label`. */
export function makeTabs(list, panels, changed) {
  const tabs = panels.map((panel) => {
    const tab = button(panel.dataset.label, () => choose(panels.indexOf(panel), true), {
      role: "tab", id: `tab-${panel.id}`, "aria-controls": panel.id,
    });
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", tab.id);
    return tab;
  });
  let open = 0;

  function choose(place, byUser) {
    open = (place + tabs.length) % tabs.length;
    tabs.forEach((tab, each) => {
      tab.setAttribute("aria-selected", String(each === open));
      tab.tabIndex = each === open ? 0 : -1;
      panels[each].hidden = each !== open;
    });
    if (byUser) changed();
  }

  list.addEventListener("keydown", (event) => {
    const steps = { ArrowRight: open + 1, ArrowLeft: open - 1, Home: 0, End: tabs.length - 1 };
    if (!(event.key in steps)) return;
    choose(steps[event.key], true);
    tabs[open].focus();
    event.preventDefault();
  });
  list.append(...tabs);
  choose(0, false);
  return { open: () => panels[open].id, choose: (id) => choose(panels.findIndex((panel) => panel.id === id), true) };
}
