// Making elements. Belongs here: the only ways in which texts of uploads reach the page.
// Does not: knowing what they are about.
//
// Nothing here, and nothing elsewhere in this page, hands a string to the HTML parser.

function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children.filter((child) => child !== null));
  return made;
}

// A text of uploads: isolated, so that its direction marks end with it.
function foreign(text, className) {
  const made = element("bdi", className);
  made.textContent = text;
  return made;
}

// Name and platform apart: marks in the one must not turn the other around.
function accountText(account, className) {
  const platform = accounts.platform[account];
  const name = foreign(accounts.name[account] ?? UNKNOWN_ACCOUNT);
  return element("span", className, name, ...(platform === null ? [] : [" · ", foreign(platform)]));
}

function button(className, onClick, ...children) {
  const made = element("button", className, ...children);
  made.type = "button";
  made.addEventListener("click", onClick);
  return made;
}

// A way out of the report: a page of the web or a file beside it, which learns nothing of the report.
function link(address, ...children) {
  const made = element("a", "", ...children);
  made.href = address;
  made.target = "_blank";
  made.rel = "noopener noreferrer";
  return made;
}

function picture(number, className) {
  if (number === NONE) return element("span", `${className} no-picture`);
  const made = element("img", className);
  made.alt = "";
  made.loading = "lazy";
  made.decoding = "async";
  made.src = pictures[number];
  return made;
}

function swatch(topic) {
  const made = element("span", `swatch ${shapeOf(topic)}`);
  made.style.backgroundColor = colourOf(topic);
  return made;
}

// A text of uploads for plotly, which reads tags and entities, and draws in SVG, where there is no
// <bdi>: tags are escaped, direction marks dropped, and the rest isolated by characters.
function plotText(text, characters) {
  const plain = text.replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "");
  const points = Array.from(plain);
  const start = points.length > characters ? points.slice(0, characters - 1).join("") + "…" : plain;
  const escaped = start.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  return `\u2068${escaped}\u2069`;
}
