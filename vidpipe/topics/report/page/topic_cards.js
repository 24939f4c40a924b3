// Cards of topics, for the corpus and for one account. Belongs here: one card and a list of cards.

const CARDS_AT_FIRST = 48;
const datedDays = topics.days.flat().map(([day]) => day);
const firstDay = datedDays.reduce((a, b) => Math.min(a, b), Infinity);
const lastDay = datedDays.reduce((a, b) => Math.max(a, b), -Infinity);

function showCards(container, shown) {
  container.replaceChildren(...shown.slice(0, CARDS_AT_FIRST).map(topicCard));
  const rest = shown.slice(CARDS_AT_FIRST);
  if (!rest.length) return;
  const more = button("more", () => more.replaceWith(...rest.map(topicCard)), `Show ${counted(rest.length, "more topic", "more topics")}`);
  container.append(more);
}

function topicCard(topic) {
  const sizes = [`${counted(topics.videos[topic], "post", "posts")} of ${counted(topics.contents[topic], "different video", "different videos")}`];
  if (topics.account[topic] === NONE) sizes.push(counted(topics.accounts[topic], "account", "accounts"));
  const heading = button("card-title", () => filterByTopic(topic), swatch(topic), foreign(topics.label[topic]));
  heading.title = "Show on the map";
  const card = element(
    "article",
    "card",
    element("h3", "", heading),
    cardPictures(topic),
    element("p", "sizes", sizes.join(" · ")),
    element("p", "words", ...topics.words[topic].map((word) => foreign(word, "word"))),
    timeline(topics.days[topic], colourOf(topic)),
    element("p", "quiet id", `topic ${topics.id[topic]}, most typical post: `, medoidText(topic)),
  );
  card.dataset.topic = topic;
  card.addEventListener("click", (event) => {
    const isSelecting = !getSelection().isCollapsed;
    if (!isSelecting && !event.target.closest("button, a")) filterByTopic(topic);
  });
  return card;
}

function medoidText(topic) {
  const name = foreign(topics.medoid_id[topic]);
  const medoid = topics.medoid[topic];
  return medoid === NONE || videos.url[medoid] === null ? name : link(videos.url[medoid], name);
}

function cardPictures(topic) {
  const medoid = topics.medoid[topic];
  const own = topics.pictures[topic];
  const numbers = own.length || medoid === NONE ? own : [videos.picture[medoid]];
  return element("div", "pictures", ...numbers.map((number) => picture(number, "keyframe")));
}

// Posts per day (per week or month where there are many days), all cards over the same time.
function timeline(days, colour) {
  if (!days.length) return element("p", "quiet", "no dates known");
  const span = lastDay - firstDay + 1;
  const binDays = Math.ceil(span / 120);
  const bins = new Array(Math.ceil(span / binDays)).fill(0);
  for (const [day, posts] of days) bins[Math.floor((day - firstDay) / binDays)] += posts;
  const most = Math.max(...bins);
  const drawing = svg("svg", { class: "timeline", viewBox: `0 0 ${bins.length} 20`, preserveAspectRatio: "none", role: "img" });
  drawing.setAttribute("aria-label", `${dayText(days[0][0])} to ${dayText(days.at(-1)[0])}, at most ${most} posts at a time`);
  bins.forEach((posts, bin) => {
    const height = posts ? Math.max(2, (20 * posts) / most) : 0;
    if (height) drawing.append(svg("rect", { x: bin + 0.1, y: 20 - height, width: 0.8, height, fill: colour }));
  });
  const range = element("div", "range quiet", element("span", "", dayText(firstDay)), element("span", "", dayText(lastDay)));
  return element("div", "", drawing, range);
}

function svg(tag, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function startTopicCards() {
  document.getElementById("topics-empty").hidden = corpusTopics.length > 0;
  showCards(document.getElementById("topic-cards"), corpusTopics);
}
