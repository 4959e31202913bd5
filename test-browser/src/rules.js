// What a page must keep to be read by everybody: gives a text for each breach, at most 50.
(() => {
  const breaches = [];
  const breach = (rule, element, more) => {
    const name = element ? element.tagName.toLowerCase() + (element.id ? "#" + element.id : "") : "";
    const text = element ? (element.textContent || "").trim().replace(/\s+/g, " ").slice(0, 60) : "";
    breaches.push([rule, name, text, more].filter(Boolean).join(" | "));
  };
  const all = (selector) => [...document.querySelectorAll(selector)];
  const labelled = (element) => {
    const label = element.getAttribute("aria-label");
    if (label && label.trim()) return true;
    const ids = (element.getAttribute("aria-labelledby") || "").split(/\s+/).filter(Boolean);
    return ids.some((id) => (document.getElementById(id)?.textContent || "").trim());
  };
  const hidden = (element) => element.closest('[aria-hidden="true"]') !== null;

  // The document.
  if (!document.documentElement.lang) breach("the language is named", document.documentElement);
  if (!document.title.trim()) breach("there is a title");
  for (const one of ["h1", "main", "nav", "header"]) {
    if (all("body " + one).length !== 1) breach("there is one " + one, null, String(all(one).length));
  }
  let level = 0;
  for (const heading of all("h1, h2, h3, h4, h5, h6")) {
    const here = Number(heading.tagName[1]);
    if (here > level + 1) breach("no level of headings is left out", heading);
    if (!heading.textContent.trim()) breach("a heading says something", heading);
    level = here;
  }

  // Names and places.
  const ids = all("[id]").map((element) => element.id);
  for (const id of new Set(ids.filter((id, place) => ids.indexOf(id) !== place))) breach("an id is there once", document.getElementById(id));
  for (const link of all("a")) {
    if (!link.textContent.trim()) breach("a link says where it leads", link);
    const target = link.getAttribute("href") || "";
    if (!target.startsWith("#") || !document.getElementById(target.slice(1))) breach("a link leads somewhere in the page", link, target);
  }
  for (const element of all("[aria-labelledby]")) {
    if (!labelled(element)) breach("what labels an element is there", element);
  }
  for (const image of all('svg, [role="img"]')) {
    if (hidden(image) || image.parentElement.closest("svg")) continue;
    if (image.getAttribute("role") !== "img" || !labelled(image)) breach("a picture has words", image, image.outerHTML.slice(0, 80));
  }
  for (const summary of all("summary")) {
    if (!summary.textContent.trim()) breach("what can be opened says what it is", summary);
  }
  for (const region of all('[tabindex], [role="region"]')) {
    if (!labelled(region)) breach("a region has a name", region);
  }
  for (const cell of all("th")) {
    if (!cell.getAttribute("scope")) breach("a head of a table says of what", cell);
  }
  for (const table of all("table")) {
    if (!table.querySelector("thead th")) breach("a table has heads", table);
    const widths = new Set([...table.rows].map((row) => [...row.cells].reduce((sum, cell) => sum + cell.colSpan, 0)));
    if (widths.size > 1) breach("rows are as wide as each other", table, [...widths].join());
  }
  for (const list of all("ul, ol")) {
    if ([...list.children].some((child) => child.tagName !== "LI")) breach("a list has items alone", list);
  }
  for (const box of all("body *")) {
    const style = getComputedStyle(box);
    const scrolls = (overflow) => overflow === "auto" || overflow === "scroll";
    const more = (scrolls(style.overflowX) && box.scrollWidth > box.clientWidth + 1) || (scrolls(style.overflowY) && box.scrollHeight > box.clientHeight + 1);
    if (more && box.tabIndex < 0 && !box.querySelector("a, summary, [tabindex]")) breach("what scrolls can be reached with the keyboard", box);
  }

  // What is seen.
  const channels = (color) => {
    const found = color.match(/[\d.]+/g).map(Number);
    return found.length < 4 ? [...found.slice(0, 3), 1] : found;
  };
  const over = (front, back) => [0, 1, 2].map((at) => front[at] * front[3] + back[at] * (1 - front[3])).concat(1);
  const luminance = (color) => {
    const [red, green, blue] = color.map((channel) => {
      const share = channel / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const ground = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const color = channels(getComputedStyle(at).backgroundColor);
      if (color[3] > 0) layers.push(color);
      if (color[3] === 1) break;
    }
    return layers.reverse().reduce((back, front) => over(front, back), [255, 255, 255, 1]);
  };
  const seen = (element) => element.getClientRects().length > 0 && !element.closest(".unseen, .skip");
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = words.nextNode(); node; node = words.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || !seen(element) || element.tagName === "TITLE" || element.tagName === "title") continue;
    const style = getComputedStyle(element);
    const size = parseFloat(style.fontSize);
    if (size < 11) breach("text is not tiny", element, size + " px");
    const color = channels(element.namespaceURI.endsWith("svg") ? style.fill : style.color);
    const back = ground(element);
    const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    const found = contrast(over(color, back), back);
    if (found < least) breach("text stands out", element, found.toFixed(2));
  }
  for (const mark of all("path.line, .drawing rect, .bar, .fault, .strip path, .tick, .bullet .value, .flowing, .waiting")) {
    if (!seen(mark)) continue;
    const style = getComputedStyle(mark);
    const plain = (color) => /^rgb/.test(color);
    const color = plain(style.stroke) ? style.stroke : style.fill;
    if (!plain(color)) continue;
    const back = ground(mark);
    const found = contrast(over(channels(color), back), back);
    if (found < 3) breach("a mark stands out", mark, mark.getAttribute("class") + " " + found.toFixed(2));
  }
  const width = document.documentElement.scrollWidth;
  if (width > innerWidth) breach("the page is no wider than its window", null, width + " > " + innerWidth);
  return breaches.slice(0, 50);
})()
