// The small card beside a point. Belongs here: its content and place. Does not: when it is shown.

const hoverCard = document.getElementById("hover-card");
let pinned = false;

function showCard(video, event) {
  if (pinned) return;
  fillCard(video);
  placeCard(event.clientX, event.clientY);
}

function hideCard() {
  if (!pinned) hoverCard.hidden = true;
}

// A click keeps the card, so that its texts can be selected.
function pinCard(video, event) {
  pinned = false;
  showCard(video, event);
  pinned = true;
  hoverCard.classList.add("pinned");
}

function unpinCard() {
  pinned = false;
  hoverCard.classList.remove("pinned");
  hideCard();
}

function fillCard(video) {
  const posted = videos.posted[video];
  const close = button("close", unpinCard, "×");
  close.setAttribute("aria-label", "Close");
  hoverCard.replaceChildren(
    close,
    picture(videos.picture[video], "thumbnail"),
    element(
      "div",
      "",
      accountText(videos.account[video], "account"),
      element("div", "quiet", posted === null ? "date unknown" : minuteText(posted)),
      topicLine(videos.topic[video], "no topic"),
      videos.own_topic[video] === NONE ? null : topicLine(videos.own_topic[video], "", "within the account: "),
      videos.provisional[video] ? element("div", "quiet", "provisional: joined since the last clustering") : null,
      element("p", "", videos.text[video] ? foreign(videos.text[video]) : element("span", "quiet", "no description")),
      element("div", "quiet id", "post ", foreign(videos.id[video])),
      links(video),
    ),
  );
}

function links(video) {
  const { url, frame } = videos;
  if (url[video] === null && frame[video] === null) return null;
  return element(
    "div",
    "links",
    url[video] === null ? null : link(url[video], "post"),
    frame[video] === null ? null : link(frame[video], "frame"),
  );
}

function topicLine(topic, otherwise, before = "") {
  const label = topic === NONE ? element("span", "quiet", otherwise) : foreign(topics.label[topic]);
  return element("div", "topic-line", swatch(topic), element("span", "", before, label));
}

function placeCard(x, y) {
  hoverCard.hidden = false;
  const { width, height } = hoverCard.getBoundingClientRect();
  const left = x + 16 + width > innerWidth ? x - 16 - width : x + 16;
  const top = y + 16 + height > innerHeight ? innerHeight - height - 8 : y + 16;
  hoverCard.style.left = `${Math.max(8, left)}px`;
  hoverCard.style.top = `${Math.max(8, top)}px`;
}

function cardOnPoints(plot) {
  plot.on("plotly_hover", ({ points, event }) => showCard(points[0].customdata, event));
  plot.on("plotly_unhover", hideCard);
  plot.on("plotly_click", ({ points, event }) => pinCard(points[0].customdata, event));
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") unpinCard();
});
