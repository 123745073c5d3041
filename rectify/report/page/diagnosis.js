// The charts of a diagnosis' page, one function a section.
"use strict";

(() => {
  const {data, finite, numberText, element} = Kit;
  const $ = (id) => document.getElementById(id);

  function key(id, items) {
    for (const {style, name} of items) {
      const item = element("span");
      item.append(Kit.swatch(style), name);
      $(id).append(item);
    }
  }

  // ---- Short trainings at several rates.
  const ASKED = {color: "var(--ink)", dash: [], shape: ""};
  const SUGGESTED = {color: "var(--s2)", dash: [7, 4], shape: ""};
  const BEFORE = {color: "var(--soft)", dash: [2, 3], shape: ""};

  /** A straight line that marks something; the reader's pointer finds the points instead. */
  function mark(style, from, to) {
    return {
      ...Kit.line(style, [from, to]),
      pointRadius: 0,
      pointHitRadius: 0,
      pointHoverRadius: 0,
      quiet: true,
      order: 2,
    };
  }

  function rates({points, asked, suggested, before, low, high, logarithmic}) {
    const first = points[0].rate / 1.4, last = points[points.length - 1].rate * 1.4;
    const inside = points.filter((one) => !one.over);
    const outside = points.filter((one) => one.over);
    const style = Kit.seriesStyle(0);
    const sets = [Kit.line(style, inside.map(({rate, loss}) => ({x: rate, y: loss})))];
    if (outside.length) {
      const top = Kit.line(style, outside.map(({rate}) => ({x: rate, y: high})));
      sets.push({
        ...top,
        showLine: false,
        pointStyle: "crossRot",
        pointBorderWidth: 2.5,
        pointRadius: 7,
        pointHoverRadius: 8,
        clip: false,
      });
    }
    sets.push(mark(ASKED, {x: asked, y: low}, {x: asked, y: high}));
    if (finite(suggested) && suggested >= first && suggested <= last)
      sets.push(mark(SUGGESTED, {x: suggested, y: low}, {x: suggested, y: high}));
    sets.push(mark(BEFORE, {x: first, y: before}, {x: last, y: before}));
    const y = logarithmic ? Kit.logAxis("loss", numberText, low, high) :
                            Kit.linearAxis("loss", numberText, {min: low, max: high, ticks: {includeBounds: false}});
    const loss = ({rate}) => points.find((one) => one.rate === rate).loss;
    const words = Kit.tooltip(([{parsed}]) => `rate ${numberText(parsed.x)}`, ({parsed}) => {
      const value = loss({rate: parsed.x});
      return finite(value) ? ` loss ${numberText(value)}` : " the loss was not finite";
    });
    return Kit.config(sets, {x: Kit.logAxis("learning rate", numberText, first, last), y}, words);
  }

  function rateTest(test) {
    Kit.plot($("rate-test"), () => rates(test), () => {
      const broken = test.points.filter((one) => one.over).map((one) => numberText(one.rate));
      return `Line chart of the loss over the learning rate. Asked for: ${
          numberText(test.asked)}.` +
          (broken.length ? ` Out of the chart at ${broken.join(", ")}.` : "");
    });
    const items = [
      {style: Kit.seriesStyle(0), name: "loss after the steps"},
      {style: ASKED, name: `asked for: ${numberText(test.asked)}`},
    ];
    if (finite(test.suggested))
      items.push({style: SUGGESTED, name: `suggested: ${numberText(test.suggested)}`});
    items.push({style: BEFORE, name: "loss before any step"});
    key("rates-key", items);
  }

  // ---- Signals by depth.
  const MOMENTS = [
    {name: "start", words: "at the start", style: Kit.seriesStyle(1)},
    {name: "end", words: "at the end", style: Kit.seriesStyle(0)},
  ];

  function depth(figure, labels) {
    if (!finite(figure.low)) return null;
    const some = MOMENTS.filter(({name}) => figure[name].some(finite));
    const sets = some.map(({name, words, style}) => Kit.line(
        some.length > 1 ? style : Kit.seriesStyle(0), figure[name].map((y, i) => ({x: i + 1, y})), {label: words, radius: 3.5}));
    const short = labels.length <= 6 && labels.every((label) => label.length <= 10);
    const x = Kit.linearAxis(
        short ? "" : "layer, from the input to the output",
        (value) => (!Number.isInteger(value) || !labels[value - 1] ? "" :
                        short ? labels[value - 1] : value),
        {min: 0.7, max: labels.length + 0.3,
         ticks: {stepSize: 1, includeBounds: false, maxTicksLimit: short ? 20 : 10}});
    const y = Kit.logAxis("", numberText, figure.low, figure.high);
    const words = Kit.tooltip(
        ([{parsed}]) => labels[parsed.x - 1],
        ({dataset, parsed}) => ` ${dataset.label}: ${numberText(parsed.y)}`);
    return Kit.config(sets, {x, y}, words);
  }

  function signal({labels, output, gradient}) {
    const charts = [["output", output, "the size of outputs"],
                    ["gradient", gradient, "the gradient"]];
    for (const [id, figure, what] of charts)
      Kit.plot(
          $(id), () => depth(figure, labels),
          () => `Line chart of ${what} by layer, from ${labels[0]} to ${labels[labels.length - 1]}.`);
    const there = MOMENTS.filter(
        ({name}) => charts.some(([, figure]) => figure[name].some(finite)));
    if (there.length > 1)
      key("signal-key", there.map(({style, words}) => ({style, name: words})));
  }

  Kit.copyButtons();
  if (data.rates) rateTest(data.rates);
  if (data.signal) signal(data.signal);
  Kit.start();
})();
