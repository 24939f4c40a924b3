// The map, its filters and its legend. Belongs here: which videos are shown, and drawing them.
// Does not: topic cards and account pages, which set filters through `filterByTopic` and
// `filterByAccount`.

const GHOST_COLOUR = "#e1e4e8";
const mapPlot = document.getElementById("map");
const filterForm = document.getElementById("filters");
const inputs = Object.fromEntries(
  ["account", "text", "from", "to"].map((name) => [name, document.getElementById(`${name}-filter`)]),
);
const shownCount = document.getElementById("shown-count");
const legend = document.getElementById("legend");
const chosenTopics = new Set(); // none: all are shown

const searchable = videos.text.map((text, video) => `${text}\n${accountNames[videos.account[video]]}`.toLowerCase());
// Grey first, so that topics lie over it.
const drawingOrder = videos.id.map((_, video) => video).sort((a, b) => (videos.topic[a] === NONE ? 0 : 1) - (videos.topic[b] === NONE ? 0 : 1));

const hasWebgl = (() => {
  const context = document.createElement("canvas").getContext("webgl");
  context?.getExtension("WEBGL_lose_context")?.loseContext();
  return context !== null;
})();

// A name of the list means that account; anything else is looked for in all names.
function accountTest() {
  const wanted = inputs.account.value.trim().toLowerCase();
  if (!wanted) return () => true;
  const lower = accountNames.map((name) => name.toLowerCase());
  const isExact = lower.includes(wanted);
  const matching = lower.map((name) => (isExact ? name === wanted : name.includes(wanted)));
  return (video) => matching[videos.account[video]];
}

function dateTest() {
  const from = inputs.from.valueAsNumber / MINUTE_MS;
  const end = (inputs.to.valueAsNumber + DAY_MS) / MINUTE_MS;
  if (Number.isNaN(from) && Number.isNaN(end)) return () => true;
  return (video) => {
    const posted = videos.posted[video];
    return posted !== null && !(posted < from) && !(posted >= end);
  };
}

function textTest() {
  const wanted = inputs.text.value.trim().toLowerCase();
  return (video) => searchable[video].includes(wanted);
}

function isOfChosenTopic(video) {
  const own = videos.own_topic[video];
  return !chosenTopics.size || chosenTopics.has(videos.topic[video]) || (own !== NONE && chosenTopics.has(own));
}

function updateMap() {
  const tests = [accountTest(), textTest(), dateTest()];
  const passes = videos.id.map((_, video) => tests.every((test) => test(video)));
  const isShown = passes.map((pass, video) => pass && isOfChosenTopic(video));
  const shown = drawingOrder.filter((video) => isShown[video]);
  shownCount.value = `${shown.length.toLocaleString("en")} of ${counted(videos.id.length, "video", "videos")} shown`;
  updateLegend(passes);
  unpinCard();
  return drawMap(shown, drawingOrder.filter((video) => !isShown[video]));
}

function drawMap(shown, hidden) {
  const type = hasWebgl ? "scattergl" : "scatter";
  const at = (column, chosen) => chosen.map((video) => column[video]);
  const ghosts = { type, mode: "markers", x: at(videos.x, hidden), y: at(videos.y, hidden), hoverinfo: "skip", marker: { color: GHOST_COLOUR, size: 5 } };
  const points = {
    type,
    mode: "markers",
    x: at(videos.x, shown),
    y: at(videos.y, shown),
    customdata: shown,
    hoverinfo: "none",
    marker: {
      color: shown.map((video) => colourOf(videos.topic[video])),
      symbol: shown.map((video) => shapeOf(videos.topic[video])),
      size: videos.id.length > 2000 ? 7 : 9,
      opacity: shown.map(opacityOf),
    },
  };
  return Plotly.react(mapPlot, [ghosts, points], mapLayout(), PLOT_CONFIG);
}

const PLOT_CONFIG = {
  displaylogo: false,
  responsive: true,
  scrollZoom: true,
  modeBarButtons: [["pan2d", "zoom2d"], ["zoomIn2d", "zoomOut2d", "resetScale2d"]],
};

// Hollow shapes would say it better, but plotly's WebGL fills them.
function opacityOf(video) {
  return videos.provisional[video] ? 0.4 : 0.85;
}

function mapLayout() {
  const axis = (values) => ({ visible: false, range: paddedRange(values), zeroline: false });
  return {
    margin: { l: 0, r: 0, t: 0, b: 0 },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    modebar: { bgcolor: "rgba(255,255,255,0.8)", color: "#7a838d", activecolor: "#1f5fa8" },
    showlegend: false,
    hovermode: "closest",
    hoverdistance: 12,
    // A finger must be able to scroll past the map.
    dragmode: matchMedia("(pointer: coarse)").matches ? false : "pan",
    uirevision: "keep the zoom",
    xaxis: axis(videos.x),
    yaxis: axis(videos.y),
  };
}

function paddedRange(values) {
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  const padding = (high - low) * 0.04 || 1;
  return [low - padding, high + padding];
}

function updateLegend(passes) {
  const counts = new Map();
  const count = (topic, video) => {
    if (passes[video]) counts.set(topic, (counts.get(topic) ?? 0) + 1);
  };
  videos.topic.forEach(count);
  videos.own_topic.forEach((topic, video) => topic !== NONE && chosenTopics.has(topic) && count(topic, video));
  const own = [...chosenTopics].filter((topic) => topic !== NONE && topics.account[topic] !== NONE);
  const hasGrey = videos.topic.includes(NONE);
  const entries = [...own, ...corpusTopics, ...(hasGrey ? [NONE] : [])];
  const scrolled = legend.scrollTop;
  legend.replaceChildren(...entries.map((topic) => legendEntry(topic, counts.get(topic) ?? 0)));
  legend.scrollTop = scrolled;
  document.getElementById("topic-hint").textContent = chosenTopics.size ? `${chosenTopics.size} chosen` : "choose some to see only those";
}

function legendEntry(topic, count) {
  const label = topic === NONE ? "in no topic" : topics.label[topic];
  const owner = topic === NONE ? NONE : topics.account[topic];
  const entry = button(
    "legend-entry",
    () => toggleTopic(topic),
    swatch(topic),
    element("span", "label", foreign(label), owner === NONE ? null : element("small", "quiet", " of ", accountText(owner))),
    element("span", "count", count.toLocaleString("en")),
  );
  entry.dataset.topic = topic;
  entry.setAttribute("aria-pressed", chosenTopics.has(topic));
  if (count === 0) entry.classList.add("quiet");
  return entry;
}

function toggleTopic(topic) {
  if (!chosenTopics.delete(topic)) chosenTopics.add(topic);
  updateMap();
  legend.querySelector(`[data-topic="${topic}"]`)?.focus({ preventScroll: true });
}

function clearFilters() {
  for (const input of Object.values(inputs)) input.value = "";
  chosenTopics.clear();
}

function filterByTopic(topic) {
  clearFilters();
  chosenTopics.add(topic);
  updateMap();
  document.getElementById("map-section").scrollIntoView();
}

function filterByAccount(account) {
  clearFilters();
  inputs.account.value = accountNames[account];
  updateMap();
  document.getElementById("map-section").scrollIntoView();
}

function startMap() {
  const isEmpty = !videos.id.length;
  document.getElementById("map-empty").hidden = !isEmpty;
  document.getElementById("map-body").hidden = isEmpty;
  if (isEmpty) return Promise.resolve();
  const named = [...new Set(videos.account)].map((account) => accountNames[account]);
  document.getElementById("account-names").append(
    ...named.map((name) => {
      const option = element("option");
      option.value = name;
      return option;
    }),
  );
  filterForm.addEventListener("submit", (event) => event.preventDefault());
  filterForm.addEventListener("input", updateMap);
  document.getElementById("clear-filters").addEventListener("click", () => {
    clearFilters();
    updateMap();
  });
  return updateMap().then(() => cardOnPoints(mapPlot));
}
