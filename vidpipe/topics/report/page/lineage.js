// What became of last week's topics. Belongs here: the table of steps.

const EVENT_MEANINGS = {
  new: "was not there last week",
  split: "part of a topic of last week",
  merged: "several topics of last week in one",
  gone: "not found again",
  kept: "the same as last week",
};

function startLineage() {
  const steps = lineage.event.map((_, step) => step);
  const container = document.getElementById("lineage");
  if (!steps.length) {
    container.append(element("p", "empty", "First run: there is no earlier week to compare with."));
    return;
  }
  const kept = steps.filter((step) => lineage.event[step] === "kept");
  const changed = steps.filter((step) => lineage.event[step] !== "kept");
  container.append(changed.length ? lineageTable(changed) : element("p", "empty", "No topic appeared, changed or went."));
  if (!kept.length) return;
  const folded = element("details", "", element("summary", "", `${counted(kept.length, "topic", "topics")} kept from last week`));
  folded.append(lineageTable(kept));
  container.append(folded);
}

function lineageTable(steps) {
  const head = ["What happened", "Topic", "Number now", "Number before", "Overlap", "Videos"].map((name) => element("th", "", name));
  return element(
    "div",
    "wide",
    element("table", "", element("thead", "", element("tr", "", ...head)), element("tbody", "", ...steps.map(lineageRow))),
  );
}

function lineageRow(step) {
  const event = lineage.event[step];
  const meaning = Object.hasOwn(EVENT_MEANINGS, event) ? EVENT_MEANINGS[event] : "";
  return element(
    "tr",
    "",
    element("td", "", foreign(event, "event"), " ", element("small", "quiet", meaning)),
    element("td", "", foreign(lineage.label[step])),
    element("td", "number", lineage.topic[step] ?? "–"),
    element("td", "number", lineage.previous[step] ?? "–"),
    element("td", "number", lineage.overlap[step].toFixed(2)),
    element("td", "number", lineage.videos[step].toLocaleString("en")),
  );
}
