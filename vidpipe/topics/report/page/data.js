"use strict";
// What the report holds, and names to look for.
// Belongs here: reading columns, dates, names. Does not: anything that is shown.

const report = JSON.parse(document.getElementById("report-data").textContent);
const { videos, topics, accounts, events, pages, lineage, pictures } = report;
const NONE = -1;
const MINUTE_MS = 60000;
const DAY_MS = 86400000;
const NO_TOPIC_COLOUR = "#868d95";

const corpusTopics = topics.id.map((_, topic) => topic).filter((topic) => topics.account[topic] === NONE);
const UNKNOWN_ACCOUNT = "unknown account";
// To look for; what is shown is `accountText`.
const accountNames = accounts.name.map((name, account) => {
  const platform = accounts.platform[account];
  const known = name ?? UNKNOWN_ACCOUNT;
  return platform === null ? known : `${known} · ${platform}`;
});

function colourOf(topic) {
  return topic === NONE ? NO_TOPIC_COLOUR : report.colours[topics.colour[topic]];
}

function shapeOf(topic) {
  return topic === NONE ? "circle" : report.shapes[topics.shape[topic]];
}

function dayText(day) {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

function minuteText(minute) {
  return new Date(minute * MINUTE_MS).toISOString().slice(0, 16).replace("T", " ") + " UTC";
}

function counted(count, one, many) {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}
