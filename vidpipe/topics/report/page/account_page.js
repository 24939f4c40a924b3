// One account: its focus, its topics over time, its hours. Belongs here: the list of accounts and
// the page of the chosen one. Does not: topic cards (topic_cards.js).

const LISTED_AT_MOST = 300;
const LABELLED_EVENTS = 8; // more are numbered, and named below the drawing
const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const STILL_CONFIG = { displaylogo: false, displayModeBar: false, responsive: true };
const accountList = document.getElementById("account-list");
const accountSearch = document.getElementById("account-search");
const accountPage = document.getElementById("account-page");
let openPage = 0;

function startAccountPages() {
  const isEmpty = !pages.account.length;
  document.getElementById("accounts-empty").hidden = !isEmpty;
  document.getElementById("accounts-body").hidden = isEmpty;
  if (isEmpty) return;
  accountSearch.addEventListener("input", listAccounts);
  showAccount(0);
}

function listAccounts() {
  const wanted = accountSearch.value.trim().toLowerCase();
  const matching = pages.account.map((_, page) => page).filter((page) => pageName(page).toLowerCase().includes(wanted));
  accountList.replaceChildren(...matching.slice(0, LISTED_AT_MOST).map(accountEntry));
  if (!matching.length) accountList.append(element("p", "empty", "No account has such a name."));
  const rest = matching.length - LISTED_AT_MOST;
  if (rest > 0) accountList.append(element("p", "quiet", `and ${counted(rest, "more", "more")}: type to find them`));
}

function accountEntry(page) {
  const count = element("span", "count", pages.videos[page].toLocaleString("en"));
  const entry = button("account-entry", () => showAccount(page), accountText(pages.account[page], "label"), count);
  entry.setAttribute("aria-pressed", page === openPage);
  return entry;
}

function pageName(page) {
  return accountNames[pages.account[page]];
}

function showAccount(page) {
  openPage = page;
  const scrolled = accountList.scrollTop;
  listAccounts();
  accountList.scrollTop = scrolled;
  const account = pages.account[page];
  const own = topics.id.map((_, topic) => topic).filter((topic) => topics.account[topic] === account);
  const cards = element("div", "cards");
  const overTime = element("div", "plot over-time");
  const hours = element("div", "plot hours");
  accountPage.querySelectorAll(".js-plotly-plot").forEach((plot) => Plotly.purge(plot));
  accountPage.replaceChildren(
    element("div", "account-title", element("h3", "", accountText(account)), button("", () => filterByAccount(account), "Show on the map")),
    focusSentence(page),
    facts(page),
    element("h4", "", "Topics over time"),
    overTime,
    eventList(page),
    element("h4", "", "Posts by weekday and hour (UTC)"),
    hours,
    element("h4", "", "Topics of this account"),
    own.length ? cards : element("p", "empty", "No topics were found within this account."),
  );
  showCards(cards, own);
  drawOverTime(overTime, page, own);
  drawHours(hours, pages.hours[page]);
}

function focusSentence(page) {
  const contents = pages.contents[page];
  const [focus, share, low, high] = [pages.focus, pages.share, pages.low, pages.high].map((column) => column[page]);
  if (pages.insufficient[page]) {
    return element("p", "focus", `Too few videos to tell what it is about (${counted(contents, "different video", "different videos")}).`);
  }
  if (focus === NONE || share === null) return element("p", "focus", "Its videos have no topic in common.");
  const interval = low === null || high === null ? "" : ` (${low.toFixed(2)} to ${high.toFixed(2)})`;
  const sentence = `${Math.round(share * contents)} of ${counted(contents, "content", "contents")}, ${share.toFixed(2)}${interval}, are `;
  return element("p", "focus", sentence, element("strong", "", foreign(topics.label[focus])), ".");
}

function facts(page) {
  const day = (minute) => minuteText(minute).slice(0, 10);
  const said = [counted(pages.videos[page], "post", "posts")];
  if (pages.first[page] !== null && pages.last[page] !== null) said.push(`${day(pages.first[page])} to ${day(pages.last[page])}`);
  if (pages.gap_days[page] !== null) said.push(`longest pause ${pages.gap_days[page].toFixed(1)} days`);
  if (pages.entropy[page] !== null) said.push(`entropy of its topics ${pages.entropy[page].toFixed(2)} (0: all in one)`);
  return element("p", "quiet", said.join(" · "));
}

function eventList(page) {
  const concerning = pages.events[page];
  if (!concerning.length) return element("p", "quiet", "No dated events concern this account.");
  const entries = concerning.map((event) => element("li", "", `${dayText(events.day[event])}: `, foreign(events.label[event])));
  return element("ol", "events", ...entries);
}

// x: time of posting; one row per topic of the account, the largest on top, "in no topic" last.
function drawOverTime(plot, page, own) {
  const posts = videos.id.map((_, video) => video).filter((video) => videos.account[video] === pages.account[page] && videos.posted[video] !== null);
  if (!posts.length) {
    plot.replaceWith(element("p", "empty", "No posts with known dates."));
    return;
  }
  const rows = posts.some((video) => videos.own_topic[video] === NONE) ? [...own, NONE] : own;
  const rowOf = new Map(rows.map((topic, row) => [topic, -row]));
  const times = posts.map((video) => videos.posted[video] * MINUTE_MS);
  const points = {
    type: posts.length > 2000 && hasWebgl ? "scattergl" : "scatter",
    mode: "markers",
    x: times,
    // Points of one row are spread over it, always the same way, so that they do not hide each other.
    y: posts.map((video, place) => rowOf.get(videos.own_topic[video]) - 0.1 + 0.44 * (((place * 0.618034) % 1) - 0.5)),
    customdata: posts,
    hoverinfo: "none",
    marker: {
      color: posts.map((video) => colourOf(videos.own_topic[video])),
      symbol: posts.map((video) => shapeOf(videos.own_topic[video])),
      size: 8,
      opacity: posts.map(opacityOf),
    },
  };
  const characters = plot.clientWidth < 500 ? 34 : 70;
  const low = times.reduce((a, b) => Math.min(a, b));
  const high = times.reduce((a, b) => Math.max(a, b));
  const padding = Math.max(DAY_MS, (high - low) * 0.03);
  const range = [low - padding, high + padding];
  const marked = eventMarks(pages.events[page], range);
  const layout = {
    height: 90 + 52 * rows.length + marked.height,
    margin: { l: 8, r: 8, t: 8 + marked.height, b: 34 },
    showlegend: false,
    hovermode: "closest",
    dragmode: false,
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    xaxis: { type: "date", range, gridcolor: "#eceff2", fixedrange: true },
    yaxis: { visible: false, range: [0.5 - rows.length, 0.6], fixedrange: true },
    shapes: [...rows.map(rowBand), ...marked.lines],
    annotations: [...rows.map((topic, row) => rowLabel(topic, row, characters)), ...marked.labels],
  };
  Plotly.newPlot(plot, [points], layout, STILL_CONFIG).then(() => cardOnPoints(plot));
}

function rowBand(_, row) {
  return {
    type: "rect",
    layer: "below",
    xref: "paper",
    x0: 0,
    x1: 1,
    y0: -row - 0.46,
    y1: -row + 0.5,
    line: { width: 0 },
    fillcolor: row % 2 ? "#ffffff" : "#f4f6f8",
  };
}

function rowLabel(topic, row, characters) {
  return {
    xref: "paper",
    x: 0.004,
    xanchor: "left",
    y: -row + 0.34,
    showarrow: false,
    text: topic === NONE ? "in no topic" : plotText(topics.label[topic], characters),
    font: { size: 12, color: topic === NONE ? "#5d6670" : colourOf(topic) },
    bgcolor: "rgba(255,255,255,0.75)",
    borderpad: 1,
  };
}

// Lines at the days of events within `range`, labels in steps above the drawing.
function eventMarks(concerning, range) {
  const within = concerning
    .map((event, place) => ({ event, place, at: events.day[event] * DAY_MS }))
    .filter(({ at }) => at >= range[0] && at <= range[1])
    .sort((a, b) => a.at - b.at);
  const isNumbered = within.length > LABELLED_EVENTS;
  const steps = Math.min(within.length, isNumbered ? 2 : 4);
  const lines = within.map(({ at }) => ({ type: "line", x0: at, x1: at, yref: "paper", y0: 0, y1: 1, line: { color: "#b3261e", width: 1.5, dash: "dot" } }));
  const labels = within.map(({ event, place, at }, order) => ({
    x: at,
    yref: "paper",
    y: 1,
    yanchor: "bottom",
    yshift: 16 * (order % steps),
    xanchor: (at - range[0]) / (range[1] - range[0]) > 0.6 ? "right" : "left",
    showarrow: false,
    text: isNumbered ? String(place + 1) : plotText(events.label[event], 32),
    font: { size: 11, color: "#b3261e" },
  }));
  return { lines, labels, height: 16 * steps };
}

function drawHours(plot, hours) {
  const heat = {
    type: "heatmap",
    z: hours,
    x: Array.from({ length: 24 }, (_, hour) => hour),
    y: WEEKDAYS,
    xgap: 1,
    ygap: 1,
    zmin: 0,
    colorscale: [
      [0, "#eef1f5"],
      [1, "#1f5fa8"],
    ],
    hovertemplate: "%{y} %{x}:00 to %{x}:59 UTC: %{z} posts<extra></extra>",
    colorbar: { thickness: 10, outlinewidth: 0, tickformat: "d", nticks: 4 },
  };
  const layout = {
    height: 230,
    margin: { l: 40, r: 8, t: 6, b: 30 },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    dragmode: false,
    xaxis: { dtick: 3, fixedrange: true, showgrid: false, zeroline: false },
    yaxis: { autorange: "reversed", fixedrange: true, showgrid: false },
  };
  Plotly.newPlot(plot, [heat], layout, STILL_CONFIG);
}
