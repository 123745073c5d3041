// The charts of a claim's page.
"use strict";

(() => {
  const {data, finite, numberText} = Kit;
  const $ = (id) => document.getElementById(id);
  const style = (i) => Kit.seriesStyle(i);

  function valueAxis(title, log, values) {
    const [low, high] = Kit.range(values);
    if (log) return Kit.logAxis(title, numberText, low / 1.5, high * 1.5);
    return Kit.linearAxis(title, numberText, {grace: "8%", ticks: {maxTicksLimit: 7}});
  }

  // ---- Bars of a figure by cell, a dot a seed, a diamond where an account has a figure.
  function bars(plot) {
    const values = plot.bars.flatMap(({values: seeds}) => seeds).filter(finite);
    if (!values.length) return null;
    const names = plot.bars.map(({name}) => name);
    const color = Kit.resolved(style(0).color);
    const sets = [{
      type: "bar",
      label: "mean",
      data: plot.bars.map(({mean}) => mean),
      backgroundColor: Kit.faded(color, 0.35),
      borderColor: color,
      borderWidth: 1,
      maxBarThickness: 64,
      order: 2,
    }];
    const most = Math.max(...plot.bars.map(({values: seeds}) => seeds.length));
    for (let seed = 0; most > 1 && seed < most; seed++)
      sets.push({
        ...Kit.line(style(0), plot.bars.map(({values: seeds}) => seeds[seed]), {radius: 3}),
        showLine: false,
        label: `seed ${seed + 1}`,
      });
    ["article", "paper"].forEach((who, i) => {
      if (!plot.bars.some((bar) => finite(bar[who]))) return;
      sets.push({
        ...Kit.line(
            {...style(i + 1), shape: i ? "triangle" : "rectRot", hollow: false},
            plot.bars.map((bar) => bar[who]), {radius: 7}),
        showLine: false,
        label: who,
      });
    });
    const tip = Kit.tooltip(
        ([{dataIndex}]) => names[dataIndex],
        ({dataset, parsed}) => ` ${dataset.label}: ${numberText(parsed.y)}`);
    const x = {...Kit.axis(plot.x, undefined, {type: "category", labels: names})};
    delete x.ticks.callback;
    x.ticks.maxRotation = 60;
    return Kit.config(sets, {x, y: valueAxis(plot.y, plot.log_y, values)}, tip);
  }

  // ---- Lines of a series by cell.
  function lines(plot) {
    const values = plot.lines.flatMap(({y}) => y).filter(finite);
    if (!values.length) return null;
    const sets = plot.lines.map(({name, x, y}, i) => {
      const points = x.map((at, k) => ({x: at, y: y[k]}));
      const every = Math.max(1, Math.ceil(points.length / 8));
      return Kit.line(style(i), points, {every, offset: i, radius: 3, label: name});
    });
    const all = plot.lines.flatMap(({x}) => x).filter(finite);
    const tip = Kit.tooltip(
        ([{parsed}]) => `${plot.x} ${numberText(parsed.x)}`,
        ({dataset, parsed}) => ` ${dataset.label}: ${numberText(parsed.y)}`);
    const [low, high] = Kit.range(all);
    const x = plot.log_x ? Kit.logAxis(plot.x, numberText, low, high) :
                           Kit.linearAxis(plot.x, numberText, {ticks: {maxTicksLimit: 9}});
    return Kit.config(sets, {x, y: valueAxis(plot.y, plot.log_y, values)}, tip);
  }

  function key(host, names) {
    names.forEach((name, i) => {
      const item = Kit.element("span");
      item.append(Kit.swatch(style(i)), name);
      host.append(item);
    });
  }

  data.plots.forEach((plot, i) => {
    const words = plot.bars ?
        () => `Bar chart of ${plot.title}: ` +
            plot.bars.map(({name, mean}) => `${name} ${finite(mean) ? numberText(mean) : "–"}`)
                .join(", ") :
        () => `Line chart of ${plot.title}, ${plot.lines.length} lines.`;
    Kit.plot($(`plot-${i}`), () => (plot.bars ? bars(plot) : lines(plot)), words);
    if (plot.lines) key($(`key-${i}`), plot.lines.map(({name}) => name));
  });
  Kit.copyButtons();
  Kit.start();
})();
