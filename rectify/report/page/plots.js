// Pieces of the page, and the record of what was drawn; added to the kit.
"use strict";

(() => {
  const root = document.documentElement;

  // ---- Pieces of the page.
  /** An element with text, never markup: names come from outside. */
  function element(tag, text = "", className = "") {
    const out = document.createElement(tag);
    if (text) out.textContent = text;
    if (className) out.className = className;
    return out;
  }

  /** A figure of its own in a grid, with a canvas; its name, a line of figures under it. */
  function panel(grid, title, style, detail) {
    const figure = element("figure", "", "panel");
    const heading = element("h4");
    if (style) heading.append(Kit.swatch(style));
    heading.append(title);
    const box = element("div", "", "canvas");
    const canvas = element("canvas");
    box.append(canvas);
    figure.append(heading);
    if (detail) figure.append(element("p", detail));
    figure.append(box);
    grid.append(figure);
    return {figure, canvas};
  }

  /** A group of radio buttons drawn as one switch. */
  function segments(host, legend, name, choices, change) {
    const field = element("fieldset");
    const row = element("div", "", "segments");
    field.append(element("legend", legend), row);
    choices.forEach(({value, text, checked}) => {
      const label = element("label", text);
      const input = Object.assign(element("input"), {type: "radio", name, value, checked});
      input.addEventListener("change", () => change(value));
      label.prepend(input);
      row.append(label);
    });
    host.append(field);
  }

  // ---- Bookkeeping.
  const plots = [];

  /**
     Registers a canvas. build() gives a chart's configuration, or null when nothing can be drawn;
      describe() gives the words for those who cannot see it.
   */
  function plot(canvas, build, describe) {
    const empty = document.createElement("p");
    empty.className = "empty";
    const why = Kit.activations.length ? "no activation is switched on, or its" : "the";
    empty.textContent =
        Kit.data.live ? "No figures yet." : `Nothing to draw: ${why} figures do not exist.`;
    empty.hidden = true;
    canvas.after(empty);
    canvas.setAttribute("role", "img");
    plots.push({canvas, build, describe, empty, chart: null});
  }

  /** Whether colours of the chart's series are there to be seen, not only its axes. */
  function painted({canvas, chart}) {
    if (!chart || canvas.width === 0 || canvas.height === 0) return false;
    const wanted = chart.data.datasets.filter((set) => !set.quiet)
                       .map((set) => set.borderColor)
                       .map((color) => color.match(/\d+/g).map(Number));
    // Read from a copy: reading a canvas itself takes it off the graphics card for good.
    const copy = Object.assign(
        document.createElement("canvas"), {width: canvas.width, height: canvas.height});
    const context = copy.getContext("2d", {willReadFrequently: true});
    context.drawImage(canvas, 0, 0);
    const pixels = context.getImageData(0, 0, copy.width, copy.height).data;
    let hits = 0;
    for (let i = 0; i < pixels.length; i += 4) {
      if (pixels[i + 3] < 200) continue;
      const near = (c) => Math.abs(pixels[i] - c[0]) + Math.abs(pixels[i + 1] - c[1]) +
              Math.abs(pixels[i + 2] - c[2]) <
          24;
      if (wanted.some(near) && ++hits >= 12) return true;
    }
    return false;
  }

  function draw(some = plots) {
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    Chart.defaults.font.size = 12;
    Kit.forgetColours();  // the colour scheme may have changed
    for (const one of some) {
      if (one.chart) one.chart.destroy();
      const built = one.build();
      one.canvas.hidden = built === null;
      one.empty.hidden = built !== null;
      one.chart = built && new Chart(one.canvas, built);
      one.canvas.setAttribute("aria-label", one.describe());
    }
  }

  /** Leaves on the root element what a test wants to know. */
  function report() {
    const expected = plots.filter((one) => !one.canvas.hidden);
    root.dataset.charts = `${expected.filter(painted).length}/${expected.length}`;
    root.dataset.theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    root.dataset.width = `${root.scrollWidth}/${innerWidth}`;
  }

  function copyButton(button) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const code = button.parentElement.querySelector("code");
      try {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(code);  // refused: then it is at least selected
        button.textContent = "Selected";
      }
      setTimeout(() => {
        button.textContent = "Copy";
      }, 2000);
    });
  }

  const copyButtons = () => document.querySelectorAll(".command button").forEach(copyButton);

  function again() {
    draw();
    report();
  }

  /** Draws all plots, and draws them again when the colours change or a printer asks. */
  function start() {
    again();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
    addEventListener("beforeprint", () => {
      root.dataset.print = "";
      again();
    });
    addEventListener("afterprint", () => {
      delete root.dataset.print;
      again();
    });
    addEventListener("resize", report);
    requestAnimationFrame(
        () => requestAnimationFrame(report));  // once more when sizes have settled
  }

  Object.assign(Kit, {
    element,
    panel,
    segments,
    plots,
    plot,
    draw,
    report,
    copyButtons,
    start,
  });
})();
