// The charts of a training run's page, one function a section.
"use strict";

(() => {
  const {data, finite, percentText, numberText, fixedPercent, element, positive, range} = Kit;
  const $ = (id) => document.getElementById(id);
  const last = (list) => list[list.length - 1];
  const errorText = (value) => (data.classes ? percentText : numberText)(value);
  const parts = [
    {name: "training", key: "train", slot: 1},
    {name: "validation", key: "validation", slot: 0},
  ];
  /** "loss" or "error" of a part, by epoch. Asked for anew each time: a live page's data change. */
  const curve = (part, figure) => data[`${part.key}_${figure}`];

  function key(id, items) {
    $(id).replaceChildren();
    for (const {style, name} of items) {
      const item = element("span");
      item.append(Kit.swatch(style), name);
      $(id).append(item);
    }
  }

  // ---- Learning curves, over epochs or over seconds.
  let over = "epochs", logarithmic = true;
  const at = (i) => (over === "epochs" ? data.epochs[i] : data.seconds[i]);

  function horizontal() {
    if (over === "epochs") return Kit.epochAxis(data.epochs);
    return Kit.linearAxis("seconds of training", numberText, {
      min: 0,
      max: Math.max(1e-6, ...data.seconds.filter(finite)),
      ticks: {maxTicksLimit: 7, includeBounds: false},
    });
  }

  const moment = ([{dataIndex: i}]) => `epoch ${data.epochs[i]} · ${numberText(data.seconds[i])} s` +
      ` · learning rate ${numberText(data.rates[i])}`;

  function curves(figure, text) {
    const values = parts.flatMap((part) => curve(part, figure)).filter(finite);
    if (!values.length) return null;
    const log = logarithmic && positive(values).length === values.length;
    const datasets = parts.filter((part) => curve(part, figure).some(finite)).map((part) => {
      const points = curve(part, figure).map((y, i) => ({x: at(i), y}));
      const every = Math.max(1, Math.ceil(points.length / 8));
      return Kit.line(Kit.seriesStyle(part.slot), points, {every, label: part.name});
    });
    const best = data.epochs.indexOf(data.best);
    if (best >= 0 && finite(curve(parts[1], figure)[best]))
      datasets.push({
        type: "line",
        data: [{x: at(best), y: curve(parts[1], figure)[best]}],
        showLine: false,
        borderColor: Kit.css("--ink"),
        pointBorderColor: Kit.css("--ink"),
        pointBackgroundColor: "transparent",
        pointBorderWidth: 2,
        pointRadius: 9,
        pointHoverRadius: 9,
        pointHitRadius: 0,
        clip: false,
        quiet: true,
        order: 0,
      });
    const [low, high] = range(values);
    const y = log ? Kit.logAxis("", text, low / 1.06, high * 1.06) :
                    Kit.linearAxis("", text, {beginAtZero: true, suggestedMax: high});
    const tip = Kit.tooltip(moment, (item) => ` ${item.dataset.label}: ${text(item.parsed.y)}`);
    return Kit.config(datasets, {x: horizontal(), y}, tip);
  }

  function learning() {
    const values =
        parts.flatMap((part) => [...curve(part, "loss"), ...curve(part, "error")]).filter(finite);
    logarithmic = values.every((value) => value > 0);
    const end = (value, text) => (finite(value) ? text(value) : "no figure");
    const ends = (figure, text) =>
        parts.map((part) => `${part.name} ${end(last(curve(part, figure)), text)}`).join(", ");
    const words = (what, figure, text) => () =>
        `Line chart of ${what} over ${over}. At the end: ${ends(figure, text)}.`;
    Kit.plot($("loss"), () => curves("loss", numberText), words("loss", "loss", numberText));
    Kit.plot($("error"), () => curves("error", errorText), words("error", "error", errorText));
    if (!values.length && !data.live) return;
    key("learning-key",
        parts.map(({slot, name}) => ({style: Kit.seriesStyle(slot), name})));
    const ours = Kit.plots.slice(-2);
    const redraw = () => {
      Kit.draw(ours);
      Kit.report();
    };
    Kit.segments(
        $("learning-controls"), "Over", "learning-over",
        [{value: "epochs", text: "epochs", checked: true}, {value: "seconds", text: "seconds"}],
        (value) => {
          over = value;
          redraw();
        });
    Kit.segments(
        $("learning-controls"), "Vertical axes", "learning-axis",
        [
          {value: "log", text: "logarithmic", checked: logarithmic},
          {value: "linear", text: "linear", checked: !logarithmic},
        ],
        (value) => {
          logarithmic = value === "log";
          redraw();
        });
  }

  // ---- Lines over epochs, one a weight or a layer.
  function lines(list, figure) {
    const every = Math.max(1, Math.ceil(data.epochs.length / 6));
    return list.filter((one) => one[figure].some(finite)).map((one) => {
      const i = list.indexOf(one);
      const points = one[figure].map((y, e) => ({x: data.epochs[e], y}));
      return Kit.line(
          Kit.layerStyle(i, list.length), points, {every, offset: i, radius: 3, label: one.label});
    });
  }

  const tip = (text) => Kit.tooltip(moment, ({dataset, parsed}) => ` ${dataset.label}: ${text(parsed.y)}`);

  function describe(list, figure, what, text) {
    return () => `Line chart of ${what} by epoch. In the last epoch: ` +
        list().map((one) => `${one.label} ${finite(last(one[figure])) ? text(last(one[figure])) : "no figure"}`)
            .join(", ") +
        ".";
  }

  function weights() {
    // A logarithmic axis has no place for 0, the ratio of a layer that is left as it is.
    const list = () => data.weights.map(({label, norms, updates}) => {
      const above = (values) => values.map((v) => (v > 0 ? v : null));
      return {label, norms: above(norms), updates: above(updates)};
    });
    for (const [id, figure, what] of
         [["norms", "norms", "gradient norm"], ["updates", "updates", "update over weight"]])
      Kit.plot($(id), () => {
        const some = list(), values = some.flatMap((one) => one[figure]);
        if (!positive(values).length) return null;
        const [low, high] = range(values);
        const y = Kit.logAxis("", numberText, low / 1.3, high * 1.3);
        return Kit.config(lines(some, figure), {x: Kit.epochAxis(data.epochs), y}, tip(numberText));
      }, describe(list, figure, what, numberText));
  }

  function layers() {
    const list = () => data.layers;
    for (const figure of ["zeros", "dead", "saturated"])
      Kit.plot($(figure), () => {
        const values = list().flatMap((one) => one[figure]);
        if (!values.some(finite)) return null;
        const scale = {min: 0, max: Kit.niceTop(values), ticks: {maxTicksLimit: 6}};
        const axes = {x: Kit.epochAxis(data.epochs), y: Kit.linearAxis("", percentText, scale)};
        return Kit.config(lines(list(), figure), axes, tip(percentText));
      }, describe(list, figure, figure, fixedPercent));
  }

  /** Which line is which weight and layer. */
  function keys() {
    for (const [id, list] of [["weight-key", data.weights], ["layer-key", data.layers]])
      key(id, list.map(({label}, i) => ({style: Kit.layerStyle(i, list.length), name: label})));
  }

  // ---- A regression's answers.
  function scatter(target) {
    const color = Kit.resolved("var(--s0)");
    const all = target.answers.flat().filter(finite);
    const low = Math.min(...all), high = Math.max(...all), room = 0.04 * (high - low || 1);
    const points = {
      type: "line",
      showLine: false,
      data: target.answers.map(([x, y]) => ({x, y})),
      borderColor: color,
      pointBorderColor: color,
      pointBackgroundColor: Kit.faded(color, 0.25),
      pointRadius: 3,
      pointHoverRadius: 5,
      order: 1,
    };
    const equal = {
      type: "line",
      data: [{x: low, y: low}, {x: high, y: high}],
      borderColor: Kit.css("--soft"),
      borderDash: [6, 4],
      borderWidth: 1.5,
      pointRadius: 0,
      pointHitRadius: 0,
      quiet: true,
      order: 2,
    };
    const axis = (title) => Kit.linearAxis(
        title, numberText,
        {min: low - room, max: high + room, ticks: {maxTicksLimit: 7, includeBounds: false}});
    const words = Kit.tooltip(
        () => "", ({parsed}) => ` actual ${numberText(parsed.x)}, predicted ${numberText(parsed.y)}`);
    return Kit.config(
        [points, equal], {x: axis("actual"), y: axis("predicted")}, words,
        {interaction: {mode: "nearest", axis: "xy", intersect: true}});
  }

  function residuals({low, high, counts}) {
    const total = counts.reduce((sum, count) => sum + count, 0);
    if (!(total > 0) || !(high > low)) return null;
    const width = (high - low) / counts.length;
    const points = counts.map((count, i) => ({x: low + i * width, y: count / total}));
    points.push({x: high, y: last(counts) / total});
    const color = Kit.resolved("var(--s0)");
    const set = {
      type: "line",
      data: points,
      stepped: "before",
      borderColor: color,
      borderWidth: 1.5,
      pointRadius: 0,
      pointHitRadius: 8,
      backgroundColor: Kit.faded(color, 0.28),
      fill: "origin",
    };
    const words = Kit.tooltip(
        ([{dataIndex: i}]) => `${numberText(points[i].x)} to ${numberText(points[i].x + width)}`,
        ({parsed}) => ` ${percentText(parsed.y)} of samples`);
    const x = Kit.linearAxis(
        "predicted − actual", numberText,
        {min: low, max: high, ticks: {maxTicksLimit: 7, includeBounds: false}});
    const y = Kit.linearAxis("", percentText, {min: 0, ticks: {maxTicksLimit: 6}});
    return Kit.config([set], {x, y}, words);
  }

  function targets() {
    data.targets.forEach((target, i) => {
      Kit.plot(
          $(`answers-${i}`), () => (target.answers.length ? scatter(target) : null),
          () => `Scatter chart of predicted over actual values of ${target.name}.`);
      Kit.plot(
          $(`residuals-${i}`), () => residuals(target.residuals),
          () => `Histogram of predicted minus actual values of ${target.name}.`);
    });
  }

  /** Draws a live page's new data. */
  Kit.update = (fresh) => {
    Object.assign(data, fresh);
    keys();
    Kit.draw();
    Kit.report();
  };

  Kit.copyButtons();
  learning();
  weights();
  layers();
  keys();
  targets();
  Kit.start();
})();
