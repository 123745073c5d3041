// The charts of the page, one function a section, and the controls that change them.
"use strict";

(() => {
  const {activations, finite, percentText, numberText, fixedPercent, element, panel, segments} =
      Kit;
  const {positive, range, niceTop} = Kit;
  const errorText = Kit.data.regression ? numberText : percentText;
  const $ = (id) => document.getElementById(id);
  const last = (list) => list[list.length - 1];
  const visible = () => activations.filter(Kit.shown);

  // ---- Learning curves.
  function curves(logarithmic, figure, title, text, spread) {
    const datasets = [];
    const [least] = range(visible().flatMap((one) => one[figure]));
    const tops = [];
    for (const one of visible()) {
      const style = Kit.seriesStyle(one.slot);
      const at = (values) => one.epochs.map((x, i) => ({x, y: values[i]}));
      if (!one[figure].some(finite)) continue;
      const every = Math.max(1, Math.ceil(one.epochs.length / 7));
      datasets.push(Kit.line(style, at(one[figure]), {
        every,
        offset: one.slot,
        label: one.name,
        sd: spread ? one[spread] : null,
      }));
      tops.push(...one[figure]);
      if (!spread || !one[spread].some((sd) => sd > 0)) continue;
      const edge = (sign) => one[figure].map(
          (mean, i) =>
              (finite(mean) && finite(one[spread][i]) ?
                   Math.max(mean + sign * one[spread][i], logarithmic ? least * 0.8 : 0) :
                   null));
      const band = {
        borderWidth: 0,
        pointRadius: 0,
        pointHitRadius: 0,
        pointHoverRadius: 0,
        quiet: true,
        order: 2
      };
      const fill = Kit.faded(Kit.resolved(style.color), visible().length > 5 ? 0.1 : 0.16);
      datasets.push({...band, type: "line", data: at(edge(-1)), borderColor: fill, fill: false}, {
        ...band,
        type: "line",
        data: at(edge(1)),
        borderColor: fill,
        backgroundColor: fill,
        fill: "-1"
      });
      tops.push(...edge(1), ...edge(-1));
    }
    if (!datasets.length) return null;
    const [low, high] = range(tops);
    const y = logarithmic ? Kit.logAxis(title, text, low / 1.06, high * 1.06) :
                            Kit.linearAxis(title, text, {beginAtZero: true, suggestedMax: high});
    const tip = Kit.tooltip((items) => `epoch ${items[0].parsed.x}`, (item) => {
      const sd = item.dataset.sd && item.dataset.sd[item.dataIndex];
      return ` ${item.dataset.label}: ${text(item.parsed.y)}${finite(sd) ? ` ± ${text(sd)}` : ""}`;
    });
    return Kit.config(datasets, {x: Kit.epochAxis(visible().flatMap((one) => one.epochs)), y}, tip);
  }

  function learning() {
    // Where an error of 0 is reached, a logarithmic axis would lose the best part of the curve.
    let logarithmic = !activations.some((one) => one.validation.some((value) => value === 0));
    const first = Kit.plots.length;
    const ends = (figure, text) =>
        visible()
            .map(
                (one) => `${one.name} ${
                    finite(last(one[figure])) ? text(last(one[figure])) : "no figure"}`)
            .join(", ");
    Kit.plot(
        $("validation-error"),
        () => curves(logarithmic, "validation", "validation error", errorText, "sd"),
        () => `Line chart of validation error by epoch. After the last epoch: ${
            ends("validation", errorText)}.`);
    Kit.plot(
        $("training-loss"), () => curves(logarithmic, "loss", "training loss", numberText),
        () => `Line chart of training loss by epoch. After the last epoch: ${
            ends("loss", numberText)}.`);
    const ours = Kit.plots.slice(first);
    segments(
        $("learning-controls"), "Vertical axes", "learning-axis",
        [
          {value: "log", text: "logarithmic", checked: logarithmic},
          {value: "linear", text: "linear", checked: !logarithmic},
        ],
        (value) => {
          logarithmic = value === "log";
          Kit.draw(ours);
          Kit.report();
        });
  }

  // ---- Exact zeros and dead units.
  const hasPositions = (layer) => layer.channels > 0 && layer.channels < layer.units;

  function layerPanel(one, figure, top, word) {
    const ends = one.history.map((layer) => fixedPercent(last(layer[figure])));
    let detail = `at the end, by layer: ${ends.join(" · ")}`;
    if (figure === "dead" && one.layers.some(hasPositions)) {
      const channels = one.history.map((layer) => fixedPercent(last(layer.deadChannels)));
      detail += `; of channels: ${channels.join(" · ")}`;
    }
    const {figure: box, canvas} = panel($(figure), one.name, Kit.seriesStyle(one.slot), detail);
    Kit.plot(canvas, () => {
      box.hidden = !Kit.shown(one);
      if (box.hidden) return null;
      const datasets = one.history.map(
          (layer, at) => Kit.line(
              Kit.layerStyle(at, one.history.length),
              layer[figure].map((y, i) => ({x: one.epochs[i], y})), {
                every: Math.max(1, Math.ceil(one.epochs.length / 4)),
                offset: at,
                radius: 3,
                label: `layer ${at + 1} (${layer.label})`
              }));
      const tip = Kit.tooltip(
          (items) => `epoch ${items[0].parsed.x}`,
          (item) => ` ${item.dataset.label}: ${percentText(item.parsed.y)}`);
      const y = Kit.linearAxis("", percentText, {min: 0, max: top, ticks: {maxTicksLimit: 6}});
      return Kit.config(datasets, {x: Kit.epochAxis(one.epochs), y}, tip);
    }, () => `Line chart of ${word} of ${one.name} by epoch, a line a layer; ${detail}.`);
  }

  function silence(figure, word) {
    const values = (one) => one.history.flatMap((layer) => layer[figure]);
    const some = activations.filter((one) => values(one).some((value) => value > 0));
    const none = activations.filter((one) => values(one).some(finite) && !some.includes(one));
    const top = niceTop(some.flatMap(values));
    $(figure).classList.toggle("few", some.length < 3);
    for (const one of some) layerPanel(one, figure, top, word);
    if (none.length) {
      const names = none.map((one) => one.name).join(", ");
      $(figure).after(element("p", `No ${word} in any layer or epoch: ${names}.`, "empty"));
    }
    if (!some.length && !none.length)
      $(figure).after(element("p", "Not measured in this comparison.", "empty"));
  }

  /** One key for the panels of both figures. */
  function layerKey() {
    const layers = Math.max(0, ...activations.map((one) => one.history.length));
    if (!document.querySelector("#silence .panel")) return;
    for (let layer = 0; layer < layers; layer++) {
      const item = element("span");
      const end = layer === 0 ? " (input side)" : layer === layers - 1 ? " (output side)" : "";
      item.append(
          Kit.swatch(Kit.layerStyle(layer, layers)), `layer ${layer + 1}${layers > 1 ? end : ""}`);
      $("layer-key").append(item);
    }
  }

  // ---- Gradient flow.
  function gradients() {
    const depth = Math.max(0, ...activations.map((one) => one.history.length));
    const labels = Array.from({length: depth}, (_, i) => i + 1);
    const at = (one, end) => one.history.map(({norms}) => (end ? last(norms) : norms[0]));
    const build = (end) => () => {
      const some = visible().filter((one) => positive(at(one, end)).length);
      if (!some.length) return null;
      const [low, high] = range(some.flatMap((one) => [...at(one, 0), ...at(one, 1)]));
      const datasets = some.map(
          (one) => Kit.line(
              Kit.seriesStyle(one.slot), at(one, end).map((y, i) => ({x: i + 1, y})),
              {radius: 5, label: one.name, weights: one.history.map(({weight}) => weight)}));
      const x = Kit.linearAxis("hidden layer, from input side to output side", (value) => value, {
        min: depth > 1 ? 1 : 0.5,
        max: depth > 1 ? depth : 1.5,
        offset: true,
        afterBuildTicks: (scale) => {
          const step = Math.ceil(depth / Math.max(2, Math.floor(scale.width / 40)));
          scale.ticks = labels.filter((n) => (n - 1) % step === 0).map((value) => ({value}));
        },
      });
      const tip = Kit.tooltip(
          (items) => `layer ${items[0].parsed.x}`,
          ({dataset, dataIndex, parsed}) =>
              ` ${dataset.label}: ${numberText(parsed.y)} (${dataset.weights[dataIndex]})`);
      const y = Kit.logAxis("norm of the weight gradient", numberText, low / 1.25, high * 1.25);
      return Kit.config(datasets, {x, y}, tip);
    };
    const describe = (end) => () =>
        `Line chart of gradient norm by layer, ${end ? "last" : "first"} epoch. ` +
        visible()
            .map(
                (one) => `${one.name}: ${
                    at(one, end).map((v) => (finite(v) ? numberText(v) : "no figure")).join(", ")}`)
            .join("; ") +
        ".";
    Kit.plot($("gradient-first"), build(0), describe(0));
    Kit.plot($("gradient-last"), build(1), describe(1));
  }

  // ---- Histograms.
  /** Writes the share of a bin that was cut off beside the place where it leaves the panel. */
  const cutLabel = (bin) => ({
    id: "cutLabel",
    afterDatasetsDraw(chart) {
      const {ctx, scales: {x}, chartArea: area} = chart;
      const left = x.getPixelForValue(bin.from), right = x.getPixelForValue(bin.to);
      const room = right + 70 < area.right;
      ctx.save();
      ctx.font = `600 12px ${Chart.defaults.font.family}`;
      ctx.fillStyle = Kit.css("--ink");
      ctx.textBaseline = "top";
      ctx.textAlign = room ? "left" : "right";
      ctx.fillText(`↑ ${percentText(bin.share)}`, room ? right + 5 : left - 5, area.top + 3);
      ctx.restore();
    },
  });

  function histogram(layer, style) {
    const total = layer.counts.reduce((sum, count) => sum + (count || 0), 0);
    if (!(total > 0) || !finite(layer.low) || !(layer.high > layer.low)) return null;
    const width = (layer.high - layer.low) / layer.counts.length;
    const shares = layer.counts.map((count) => (count || 0) / total);
    const points = shares.map((y, i) => ({x: layer.low + i * width, y}));
    points.push({x: layer.high, y: last(shares)});
    const order = shares.map((_, i) => i).sort((a, b) => shares[b] - shares[a]);
    const [first, second] = [shares[order[0]], shares[order[1]] || 0];
    const cut = second > 0 && first > 2.5 * second;
    const top = cut ? 1.4 * second : 1.12 * first;
    const color = Kit.resolved(style.color);
    const dataset = {
      type: "line",
      data: points,
      stepped: "before",
      borderColor: color,
      borderWidth: 1.5,
      pointRadius: 0,
      pointHitRadius: 8,
      backgroundColor: Kit.faded(color, 0.28),
      fill: "origin",
      label: layer.label,
    };
    const tip = Kit.tooltip((items) => {
      const from = points[items[0].dataIndex].x;
      return `${numberText(from)} to ${numberText(from + width)}`;
    }, (item) => ` ${percentText(item.parsed.y)} of outputs`);
    const scales = {
      x: Kit.linearAxis(
          "output", numberText,
          {min: layer.low, max: layer.high, ticks: {maxTicksLimit: 7, includeBounds: false}}),
      y: Kit.linearAxis(
          "", percentText, {min: 0, max: top, ticks: {maxTicksLimit: 5, includeBounds: false}}),
    };
    const bin = {from: points[order[0]].x, to: points[order[0]].x + width, share: first};
    return Kit.config([dataset], scales, tip, cut ? {plugins: [cutLabel(bin)]} : {});
  }

  function histogramPanel(one, layer, title, style) {
    const alone = () => $("outputs-choice").value.startsWith("activation");
    const positions = layer.units / layer.channels;
    const size = hasPositions(layer) ? `${layer.channels} channels at ${positions} positions` :
                                       `${layer.units} units`;
    const parts = alone() ? [size] : [];
    if (finite(layer.zeros))
      parts.push(layer.zeros > 0 ? `${fixedPercent(layer.zeros)} exact zeros` : "no exact zeros");
    if (layer.dead > 0 && hasPositions(layer)) {
      parts.push(`${fixedPercent(layer.dead)} of units dead`);
      parts.push(`${fixedPercent(layer.deadChannels)} of channels`);
    } else if (layer.dead > 0) {
      parts.push(`${fixedPercent(layer.dead)} dead`);
    }
    const {figure, canvas} = panel($("histograms"), title, style, parts.join(" · "));
    Kit.plot(canvas, () => {
      figure.hidden = !Kit.shown(one) && !alone();
      return figure.hidden ? null : histogram(layer, Kit.seriesStyle(one.slot));
    }, () => `Histogram of the outputs of ${one.name}, ${layer.label}; ${parts.join(", ")}.`);
  }

  function showHistograms(choice) {
    const [kind, at] = choice.split(" ");
    for (const one of Kit.plots.filter((plot) => $("histograms").contains(plot.canvas))) {
      if (one.chart) one.chart.destroy();
      Kit.plots.splice(Kit.plots.indexOf(one), 1);
    }
    $("histograms").replaceChildren();
    const first = Kit.plots.length;
    if (kind === "activation") {
      const one = activations[Number(at)];
      one.layers.forEach(
          (layer, i) => histogramPanel(one, layer, `layer ${i + 1} (${layer.label})`, null));
    } else {
      for (const one of activations) {
        const layer = one.layers[Number(at)];
        if (layer) histogramPanel(one, layer, one.name, Kit.seriesStyle(one.slot));
      }
    }
    $("histograms").classList.toggle("few", Kit.plots.length - first < 4);
    return Kit.plots.slice(first);
  }

  function outputs() {
    const depth = Math.max(0, ...activations.map((one) => one.layers.length));
    if (!depth) {
      $("histograms").after(element("p", "No histograms were taken in this comparison.", "empty"));
      return;
    }
    const select = Object.assign(element("select"), {id: "outputs-choice"});
    const group = (label, kind, texts) => {
      const out = Object.assign(element("optgroup"), {label});
      texts.forEach(
          (text, i) => out.append(Object.assign(element("option", text), {value: `${kind} ${i}`})));
      select.append(out);
    };
    group(
        "One layer of every activation", "layer",
        Array.from({length: depth}, (_, i) => `layer ${i + 1} of every activation`));
    group(
        "Every layer of one activation", "activation",
        activations.map((one) => `every layer of ${one.name}`));
    select.addEventListener("change", () => {
      Kit.draw(showHistograms(select.value));
      Kit.report();
    });
    const label = element("label", "Show ");
    label.append(select);
    $("outputs-controls").append(label);
    showHistograms(select.value);
  }

  // ---- The search for the learning rate.
  /** Sets the strip with the crosses apart from the axis below, whose values do not apply to it. */
  const divergedStrip = (edge) => ({
    id: "divergedStrip",
    beforeDatasetsDraw({ctx, scales: {y}, chartArea: area}) {
      const bottom = y.getPixelForValue(edge);
      ctx.save();
      ctx.fillStyle = Kit.css("--strip");
      ctx.fillRect(area.left, area.top, area.width, bottom - area.top);
      ctx.fillStyle = Kit.css("--soft");
      ctx.font = `12px ${Chart.defaults.font.family}`;
      ctx.textBaseline = "middle";
      ctx.fillText("diverged", area.left + 8, (area.top + bottom) / 2);
      ctx.restore();
    },
  });

  function rates() {
    const searched = activations.filter((one) => one.search.length);
    if (!searched.length) {
      $("rates").querySelector(".plot").replaceWith(
          element("p", "The learning rates were given, so none was searched for.", "empty"));
      return;
    }
    Kit.plot(
        $("rate-search"),
        () => {
          const some = searched.filter(Kit.shown);
          const all = some.flatMap((one) => one.search);
          if (!all.length) return null;
          const [least, high] = range(all.map(([, error]) => error));
          const logarithmic = high > 6 * least;
          const [slowest, fastest] = range(all.map(([lr]) => lr));
          const lost = (one) => one.search.filter(([, error]) => !finite(error)).map(([lr]) => lr);
          const crosses =
              new Map();  // how many at each rate, so that they stack instead of hiding each other
          for (const rate of some.flatMap(lost)) crosses.set(rate, (crosses.get(rate) || 0) + 1);
          const most = Math.max(0, ...crosses.values());
          // Above the highest error comes a strip for the rates without one, as high as its crosses
          // need.
          const low = least / 1.2, edge = high * 1.12;
          const strip = most ? Math.min(0.8, 0.06 + 0.05 * most) : 0;
          const above = (share) =>
              (logarithmic ? edge * (edge / low) ** (share * strip) : edge * (1 + share * strip));
          const stacked = new Map();
          const datasets = some.flatMap((one) => {
            const style = Kit.seriesStyle(one.slot);
            const color = Kit.resolved(style.color);
            const points = one.search.map(([x, y]) => ({x, y})).sort((a, b) => a.x - b.x);
            const marks = lost(one).map((x) => {
              stacked.set(x, (stacked.get(x) || 0) + 1);
              return {x, y: above(1 - stacked.get(x) / (most + 1))};
            });
            const chosen =
                points.filter(({x, y}) => finite(y) && Math.abs(Math.log(x / one.lr)) < 0.001);
            const mark = {
              type: "line",
              showLine: false,
              borderColor: color,
              pointBorderColor: color,
              pointBorderWidth: 2,
              quiet: true,
              pointBackgroundColor: "transparent",
              pointHitRadius: 0
            };
            return [
              Kit.line(style, points, {label: one.name}),
              {...mark, data: marks, pointStyle: "crossRot", pointRadius: 4.5, order: 0}, {
                ...mark,
                data: chosen,
                pointStyle: "circle",
                pointRadius: 9,
                pointHoverRadius: 9,
                order: 0
              }
            ];
          });
          const y = logarithmic ?
              Kit.logAxis("validation error", errorText, low, above(1), edge) :
              Kit.linearAxis("validation error", errorText, {min: 0, max: above(1)});
          const x = Kit.logAxis("learning rate", numberText, slowest / 1.3, fastest * 1.3);
          const tip = Kit.tooltip(
              (items) => `rate ${numberText(items[0].parsed.x)}`,
              (item) => ` ${item.dataset.label}: ${errorText(item.parsed.y)}`);
          return Kit.config(datasets, {x, y}, tip, most ? {plugins: [divergedStrip(edge)]} : {});
        },
        () => "Line chart of validation error by learning rate. Chosen: " +
            searched.filter(Kit.shown)
                .map((one) => `${one.name} ${numberText(one.lr)}`)
                .join(", ") +
            ".");
  }

  // ---- The key, the swatches of the table, the copy button.
  function key() {
    for (const one of activations) {
      const label = element("label");
      const input = Object.assign(element("input"), {type: "checkbox", checked: true});
      input.addEventListener("change", () => {
        if (input.checked)
          Kit.hidden.delete(one.slot);
        else
          Kit.hidden.add(one.slot);
        Kit.draw();
        Kit.report();
      });
      label.append(input, Kit.swatch(Kit.seriesStyle(one.slot)), one.name);
      $("key").append(label);
    }
    $("key").hidden = false;
    for (const place of document.querySelectorAll(".swatch[data-slot]"))
      place.replaceWith(Kit.swatch(Kit.seriesStyle(Number(place.dataset.slot))));
  }

  Kit.copyButtons();
  if (!activations.length) {
    $("charts").remove();
    Kit.report();
    return;
  }
  key();
  learning();
  Kit.sparsity();
  silence("zeros", "exact zeros");
  silence("dead", "dead units");
  layerKey();
  gradients();
  outputs();
  rates();
  Kit.start();
})();
