// Starts the page, the map last: it is the slowest. Belongs here: the top of the page and the order.

function startTop() {
  document.getElementById("title").append(foreign(report.title));
  const known = new Set(videos.account.filter((account) => accounts.name[account] !== null));
  document.getElementById("made").append(
    (Number.isFinite(firstDay) ? `Posts of ${dayText(firstDay)} to ${dayText(lastDay)}` : "Posts without dates") +
      `, ingested until the week of ${report.week} · ${counted(videos.id.length, "different video", "different videos")}, ` +
      `${counted(known.size, "account", "accounts")}, ${counted(corpusTopics.length, "topic", "topics")} · ` +
      `made ${minuteText(report.made)} · model `,
    foreign(report.model),
  );
  const notes = report.notes.map((note) => element("li", "", foreign(note)));
  if (report.left_out) {
    notes.push(element("li", "", `${counted(report.left_out, "picture is", "pictures are")} left out to keep this file small.`));
  }
  document.getElementById("notes").append(...notes);
  document.getElementById("notes-section").hidden = !notes.length;
}

startTop();
startTopicCards();
startAccountPages();
startLineage();
startMap().then(() => {
  document.documentElement.dataset.ready = Math.round(performance.now()); // ms since the page was opened
});
