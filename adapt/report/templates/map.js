// Fills the map of both spaces and steers it: search, before and after, lists of neighbours.
const drawMap = async () => {
  "use strict";
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const element = (id) => document.getElementById(id);
  const data = read("map-data");
  const shown = data.kinds.length;
  const numbers = new Map(data.words.map((word, number) => [word, number]));
  const TOLD = {
    general: "in the general space alone",
    domain: "in the domain alone",
    both: "in both spaces",
    anchor: "in both spaces, an anchor of the alignment",
  };
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  let state = "after";
  let chosen = null;

  element("space-map").hidden = false;
  await Bokeh.embed.embed_item(read("map-item"), "map-plot");
  const plot = Bokeh.documents.at(-1);
  const model = (name) => plot.get_model_by_name(name);

  const told = (number) => {
    const count = data.counts[number];
    return TOLD[data.kinds[number]] + (count ? `, ${count.toLocaleString("en")} times in the domain` : "");
  };
  const members = { general: [], domain: [], [data.domainOnly]: [] };
  for (let number = 0; number < shown; number++) {
    if (data.places.general[number]) members.general.push(number);
    if (data.places.after[number]) {
      members[data.kinds[number] === "domain" ? data.domainOnly : "domain"].push(number);
    }
  }

  // where a word stands at a moment between before (0) and after (1)
  const place = (layer, number, moment) => {
    if (layer === "general") return data.places.general[number];
    const [from, to] = [data.places.before[number], data.places.after[number]];
    return from && [0, 1].map((axis) => from[axis] + moment * (to[axis] - from[axis]));
  };
  const fill = (moment) => {
    for (const [layer, own] of Object.entries(members)) {
      const points = own.map((number) => place(layer, number, moment));
      model(layer).data = {
        x: points.map((point) => point[0]),
        y: points.map((point) => point[1]),
        word: own.map((number) => data.words[number]),
        told: own.map(told),
      };
    }
    mark(moment);
  };
  const mark = (moment) => {
    const ways = { x0: [], y0: [], x1: [], y1: [] };
    const marks = { x: [], y: [], word: [], size: [] };
    const ring = (point, number, size) => {
      marks.x.push(point[0]);
      marks.y.push(point[1]);
      marks.word.push(data.words[number]);
      marks.size.push(size);
    };
    if (chosen !== null) {
      const ends = ["general", "domain"].map((layer) => place(layer, chosen, moment));
      for (const end of ends) if (end) ring(end, chosen, 14);
      if (ends[0] && ends[1]) {
        [[ways.x0[0], ways.y0[0]], [ways.x1[0], ways.y1[0]]] = ends;
      }
    }
    model("way").data = ways;
    model("marks").data = marks;
  };

  let frame = 0;
  const move = (next) => {
    if (next === state) return;
    const [start, goal] = next === "after" ? [0, 1] : [1, 0];
    state = next;
    cancelAnimationFrame(frame);
    if (still.matches) return fill(goal);
    const begin = performance.now();
    const step = (now) => {
      const part = Math.min(1, Math.max(0, (now - begin) / 700));
      fill(start + (goal - start) * part);
      if (part < 1) frame = requestAnimationFrame(step);
    };
    frame = requestAnimationFrame(step);
  };

  const list = (space, number) => {
    const target = element(`map-${space}`);
    const { rows, cosines } = data.neighbors[space];
    const items = (rows[number] ?? []).map((other, rank) => {
      const item = document.createElement("li");
      let name = document.createElement("span");
      if (other < shown) {
        name = document.createElement("button");
        name.type = "button";
        name.addEventListener("click", () => choose(data.words[other]));
      }
      name.textContent = data.words[other];
      const cosine = document.createElement("span");
      cosine.className = "cosine";
      cosine.textContent = (cosines[number][rank] / 100).toFixed(2).replace("-", "\u2212");
      item.append(name, " ", cosine);
      return item;
    });
    if (!items.length) {
      const item = document.createElement("li");
      item.className = "none";
      item.textContent = "has no vector of the word";
      items.push(item);
    }
    target.replaceChildren(...items);
  };
  const choose = (text) => {
    const typed = text.trim();
    const number = numbers.get(typed) ?? numbers.get(typed.toLowerCase());
    if (number === undefined || number >= shown) {
      element("map-status").textContent = typed
        ? `\u201c${typed}\u201d is not among the ${shown.toLocaleString("en")} words of this map.`
        : "Type a word first.";
      return;
    }
    chosen = number;
    element("map-word").value = data.words[number];
    element("map-status").textContent =
      `${data.words[number]}: ${told(number)}. Below, what is nearest to it, with cosines.`;
    for (const space of ["general", "domain", "merged"]) list(space, number);
    element("map-lists").hidden = false;
    mark(state === "after" ? 1 : 0);
  };

  element("map-form").addEventListener("submit", (event) => {
    event.preventDefault();
    choose(element("map-word").value);
  });
  element("map-word").addEventListener("input", (event) => {
    const start = event.target.value.toLowerCase();
    const found = start
      ? data.words.slice(0, shown).filter((word) => word.startsWith(start)).slice(0, 12)
      : [];
    element("map-suggestions").replaceChildren(
      ...found.map((word) => Object.assign(document.createElement("option"), { value: word })),
    );
  });
  for (const radio of document.querySelectorAll("input[name=map-state]")) {
    radio.addEventListener("change", () => move(radio.value));
  }
  for (const layer of Object.keys(members)) {
    const source = model(layer);
    source.selected.change.connect(() => {
      const [index] = source.selected.indices;
      if (index === undefined) return;
      const word = source.data.word[index];
      source.selected.indices = [];
      choose(word);
    });
  }

  // the plot takes its colours from the page, whose theme may change
  const paint = () => {
    const style = getComputedStyle(document.documentElement);
    const [ink, rule, faint] = ["--ink", "--rule", "--faint"].map((name) => style.getPropertyValue(name));
    const { below: [x], left: [y], center } = model("map");
    for (const axis of [x, y]) {
      axis.axis_label_text_color = axis.major_label_text_color = faint;
      axis.axis_line_color = axis.major_tick_line_color = rule;
      axis.minor_tick_line_color = null;
    }
    for (const grid of center) grid.grid_line_color = rule;
    model("way-line").glyph.line_color = ink;
    model("mark-rings").glyph.line_color = ink;
    model("mark-words").glyph.text_color = ink;
  };
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
  paint();
  fill(1);
  model("pan").active = window.matchMedia("(pointer: fine)").matches;
  document.documentElement.classList.add("interactive"); // the figure for paper gives way
};

drawMap().catch((error) => {
  document.getElementById("space-map").hidden = true;
  throw error;
});
