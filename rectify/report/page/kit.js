// What all charts share: the data, how a series looks, numbers, axes.
"use strict";

const Kit = (() => {
  const root = document.documentElement;
  const data = JSON.parse(document.getElementById("data").textContent);
  const activations = data.activations || [];  // of a comparison; the lowest test error first
  const hidden = new Set();                    // slots that the reader has switched off
  const shown = (activation) => !hidden.has(activation.slot);

  // ---- Looks. Colour is never the only sign: dash and marker differ as well, and no two of 24
  // slots agree in both.
  const DASHES = [[], [9, 4], [2, 3], [9, 3, 2, 3], [16, 4], [5, 2]];
  const SHAPES = ["circle", "rect", "triangle", "rectRot"];

  const css = (name) => getComputedStyle(root).getPropertyValue(name).trim();

  function seriesStyle(slot) {
    return {
      color: `var(--s${slot % 8})`,
      dash: DASHES[slot % DASHES.length],
      shape: SHAPES[slot % SHAPES.length],
      hollow: Math.floor(slot / SHAPES.length) % 2 === 1,
    };
  }

  /** A layer by its depth: from the dark end of the ramp (input side) to the bright one. */
  function layerStyle(layer, layers) {
    const share = layers > 1 ? layer / (layers - 1) : 0;
    const [from, to] = share < 0.5 ? ["low", "mid"] : ["mid", "high"];
    const percent = Math.round(100 * (share < 0.5 ? 2 * share : 2 * share - 1));
    return {
      ...seriesStyle(layer),
      color: `color-mix(in srgb, var(--layer-${to}) ${percent}%, var(--layer-${from}))`,
    };
  }

  const known = new Map();  // resolved colours, until the next drawing

  /** What a canvas understands, "rgb(r, g, b)", of any CSS colour with variables in it. */
  function resolved(color) {
    if (known.has(color)) return known.get(color);
    const probe = document.createElement("span");
    probe.style.color = color;
    document.body.append(probe);
    const text = getComputedStyle(probe).color;
    probe.remove();
    const numbers = text.match(/[\d.]+/g).slice(0, 3).map(Number);
    const scale = text.startsWith("color(") ? 255 : 1;
    known.set(color, `rgb(${numbers.map((n) => Math.round(n * scale)).join(", ")})`);
    return known.get(color);
  }

  const faded = (rgb, alpha) => rgb.replace("rgb(", "rgba(").replace(")", `, ${alpha})`);

  /** The style as a small drawing, for keys and table rows. */
  function swatch(style) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 34 12");
    svg.setAttribute("aria-hidden", "true");
    const add = (name, attributes) => {
      const element = document.createElementNS(svg.namespaceURI, name);
      for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
      element.style.stroke = style.color;
      element.style.fill = style.hollow ? "var(--card)" : style.color;
      svg.append(element);
    };
    add("path", {d: "M0 6H34", "stroke-width": 2, "stroke-dasharray": style.dash.join(" ")});
    const marker = {"stroke-width": 1.6};
    if (style.shape === "circle") add("circle", {cx: 17, cy: 6, r: 3.6, ...marker});
    if (style.shape === "rect") add("path", {d: "M13.8 2.8h6.4v6.4h-6.4z", ...marker});
    if (style.shape === "rectRot")
      add("path", {d: "M17 1.6l4.4 4.4l-4.4 4.4l-4.4-4.4z", ...marker});
    if (style.shape === "triangle") add("path", {d: "M17 1.8l4.3 7.6h-8.6z", ...marker});
    const box = document.createElement("span");
    box.className = "swatch";
    box.append(svg);
    return box;
  }

  // ---- Numbers.
  const finite = (value) => typeof value === "number" && Number.isFinite(value);
  const superscript = (n) =>
      String(n).replace(/./g, (c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)]);

  /** Three digits, powers of ten where plain digits would be long. */
  function numberText(value) {
    if (value === 0) return "0";
    const sign = value < 0 ? "−" : "";
    const size = Math.abs(value);
    if (size >= 0.0001 && size < 100000) return sign + String(Number(size.toPrecision(3)));
    const exponent = Math.floor(Math.log10(size) + 1e-9);
    const digits = Number((size / 10 ** exponent).toPrecision(3));
    return `${sign}${digits === 1 ? "" : `${digits}·`}10${superscript(exponent)}`;
  }

  const percentText = (share) => `${numberText(100 * share)}\u00a0%`;
  /** For figures in a row: as many digits for all of a size. */
  function fixedPercent(share) {
    if (!finite(share)) return "–";
    if (share === 0) return "0\u00a0%";
    return share < 0.0001 ? "<0.01\u00a0%" : `${(100 * share).toFixed(share < 0.1 ? 2 : 1)}\u00a0%`;
  }

  /** Round values of a logarithmic axis: 1, 2, 5 in every decade, or powers of ten where many. */
  function logTicks(low, high) {
    const decades = Math.log10(high / low);
    const steps = decades > 3.2 ? [1] : decades > 1.6 ? [1, 3] : [1, 2, 5];
    const stride = Math.max(1, Math.ceil(decades / 7));
    let ticks = [];
    for (let e = Math.floor(Math.log10(low)); e <= Math.ceil(Math.log10(high)); e++)
      for (const step of steps)
        if (e % stride === 0) ticks.push(step * 10 ** e);
    ticks = ticks.filter((t) => t >= low * 0.9999 && t <= high * 1.0001);
    if (ticks.length >= 3) return ticks;
    const step = niceStep((high - low) / 4);  // a range too short for decades
    ticks = [];
    for (let t = Math.ceil(low / step) * step; t <= high; t += step) ticks.push(t);
    return ticks;
  }

  /** The positive among the values, and the range that they span. */
  const positive = (values) => values.filter((value) => finite(value) && value > 0);
  function range(values) {
    const some = positive(values);
    return some.length ? [Math.min(...some), Math.max(...some)] : [0.1, 1];
  }

  /** The top of an axis of shares from 0. */
  function niceTop(values) {
    const top = Math.max(0.01, ...values.filter(finite));
    return top > 0.5 ? 1 : Math.min(1, niceStep(top / 4) * Math.ceil(top / niceStep(top / 4)));
  }

  function niceStep(rough) {
    const power = 10 ** Math.floor(Math.log10(rough));
    return power * [1, 2, 5, 10].find((n) => n * power >= rough * 0.999);
  }

  // ---- Axes.
  function axis(title, text, more) {
    return {
      title: {display: Boolean(title), text: title, color: css("--soft"), padding: 4},
      grid: {color: css("--grid"), borderColor: css("--rule"), tickLength: 4},
      ticks: {color: css("--soft"), callback: text, maxRotation: 0, padding: 4},
      ...more,
    };
  }

  /** A logarithmic axis from low to high; no ticks above `labelled`. */
  function logAxis(title, text, low, high, labelled = high) {
    return axis(title, text, {
      type: "logarithmic",
      min: low,
      max: high,
      afterBuildTicks: (scale) => {
        scale.ticks = logTicks(low, labelled).map((value) => ({value}));
      },
    });
  }

  const linearAxis = (title, text, more) => {
    const base = axis(title, text, {type: "linear"});
    return {...base, ...more, ticks: {...base.ticks, ...(more && more.ticks)}};
  };

  function epochAxis(epochs, title = "epoch") {
    const last = Math.max(1, ...epochs);
    return linearAxis(title, (value) => (Number.isInteger(value) ? value : ""), {
      min: last > 1 ? 1 : 0.5,
      max: last > 1 ? last : 1.5,
      afterBuildTicks: (scale) => {
        const step =
            Math.max(1, Math.ceil(niceStep(last / Math.max(3, Math.floor(scale.width / 70)))));
        const ticks = [{value: 1}];
        for (let at = step; at <= last; at += step)
          if (at > 1) ticks.push({value: at});
        if (step > 3 && last - ticks[ticks.length - 1].value >= step / 2) ticks.push({value: last});
        scale.ticks = ticks;
      },
    });
  }

  // ---- Series.
  /** A line in a style; `every` spaces its markers, `offset` keeps those of neighbours apart. */
  function line(style, points, {every = 1, offset = 0, radius = 4, ...more} = {}) {
    const color = resolved(style.color);
    return {
      type: "line",
      data: points,
      borderColor: color,
      borderWidth: 2,
      borderDash: style.dash,
      borderJoinStyle: "round",
      pointStyle: style.shape,
      pointBorderColor: color,
      pointBorderWidth: 1.5,
      pointBackgroundColor: style.hollow ? css("--card") : color,
      backgroundColor: color,
      pointRadius: (at) => (at.dataIndex % every === offset % every ? radius : 0),
      pointHoverRadius: radius + 1,
      pointHitRadius: 6,
      order: 1,
      ...more,
    };
  }

  function tooltip(title, label) {
    return {
      backgroundColor: css("--ink"),
      titleColor: css("--page"),
      bodyColor: css("--page"),
      padding: 10,
      usePointStyle: true,
      boxPadding: 5,
      boxWidth: 8,
      boxHeight: 8,
      displayColors: true,
      itemSort: (a, b) => b.parsed.y - a.parsed.y,
      filter: (item) => !item.dataset.quiet,
      callbacks: {title, label},
    };
  }

  function config(datasets, scales, tip, more = {}) {
    const {plugins = [], ...options} = more;
    return {
      type: "line",
      data: {datasets},
      plugins,
      options: {
        animation: false,
        responsive: true,
        maintainAspectRatio: false,
        normalized: true,
        interaction: {mode: "nearest", axis: "x", intersect: false},
        scales,
        plugins: {legend: {display: false}, tooltip: tip},
        ...options,
      },
    };
  }

  return {
    data,
    activations,
    hidden,
    shown,
    css,
    seriesStyle,
    layerStyle,
    resolved,
    faded,
    forgetColours: () => known.clear(),
    swatch,
    finite,
    numberText,
    percentText,
    fixedPercent,
    niceStep,
    niceTop,
    positive,
    range,
    axis,
    logAxis,
    linearAxis,
    epochAxis,
    line,
    tooltip,
    config,
  };
})();
