// The charts of a pretraining's page, one function a section.
"use strict";

(() => {
  const {data, finite, percentText, numberText, fixedPercent, element} = Kit;
  const $ = (id) => document.getElementById(id);
  const last = (list) => list[list.length - 1];
  const epochs = Math.max(1, ...data.parts.flatMap(({epochs}) => epochs));
  const curves = [
    {name: "training", figure: "loss", slot: 1},
    {name: "validation", figure: "validation_loss", slot: 0},
  ];

  function key(id, items) {
    for (const {style, name} of items) {
      const item = element("span");
      item.append(Kit.swatch(style), name);
      $(id).append(item);
    }
  }

  /** A part's figure in every epoch. */
  const points = (part, figure) => part[figure].map((y, i) => ({x: part.epochs[i], y}));

  const words = (value, text) => (finite(value) ? text(value) : "no figure");

  // ---- Learning curves: a chart for each layer, because their losses cannot be compared.
  function losses(part) {
    const values = curves.flatMap(({figure}) => part[figure]).filter(finite);
    if (!values.length) return null;
    const every = Math.max(1, Math.ceil(part.epochs.length / 8));
    const sets = curves.filter(({figure}) => part[figure].some(finite)).map(
        ({name, figure, slot}) => Kit.line(
            Kit.seriesStyle(slot), points(part, figure), {every, radius: 3, label: name}));
    const tip = Kit.tooltip(
        ([{dataIndex: i}]) =>
            `epoch ${part.epochs[i]} · learning rate ${numberText(part.rates[i])}`,
        (item) => ` ${item.dataset.label}: ${numberText(item.parsed.y)}`);
    const y = Kit.linearAxis("", numberText, {grace: "5%", ticks: {maxTicksLimit: 6}});
    return Kit.config(sets, {x: Kit.epochAxis(part.epochs), y}, tip);
  }

  function learning() {
    data.parts.forEach((part, i) => {
      const ends = () => curves.map(({name, figure}) =>
          `${name} ${words(last(part[figure]), numberText)}`).join(", ");
      Kit.plot(
          $(`loss-${i}`), () => losses(part),
          () => `Line chart of the loss of ${part.label} by epoch. At the end: ${ends()}.`);
    });
    key("learning-key", curves.map(({slot, name}) => ({style: Kit.seriesStyle(slot), name})));
  }

  // ---- Figures of all layers in one chart.
  function layers() {
    const style = (i) => Kit.layerStyle(i, data.parts.length);
    const lines = (figure) => data.parts.flatMap((part, i) => {
      if (!part[figure].some(finite)) return [];
      const every = Math.max(1, Math.ceil(part.epochs.length / 6));
      return [Kit.line(
          style(i), points(part, figure), {every, offset: i, radius: 3, label: part.label})];
    });
    const all = Array.from({length: epochs}, (_, i) => i + 1);
    const figures = [
      ["gap", "free-energy gap", numberText, {beginAtZero: true}],
      ["activity", "mean activity", numberText, {grace: "5%"}],
      ["zeros", "exact zeros", percentText, null],
    ];
    for (const [id, what, text, scale] of figures.filter(([id]) => $(id)))
      Kit.plot($(id), () => {
        const sets = lines(id), values = data.parts.flatMap((part) => part[id]).filter(finite);
        if (!sets.length) return null;
        const range = scale || {min: 0, max: Kit.niceTop(values)};
        const y = Kit.linearAxis("", text, {...range, ticks: {maxTicksLimit: 6}});
        const tip = Kit.tooltip(
            ([{parsed}]) => `epoch ${parsed.x}`,
            ({dataset, parsed}) => ` ${dataset.label}: ${text(parsed.y)}`);
        return Kit.config(sets, {x: Kit.epochAxis(all), y}, tip);
      }, () => `Line chart of ${what} by epoch. In the last epoch: ` +
          data.parts.map((part) => `${part.label} ` +
              words(last(part[id]), scale ? numberText : fixedPercent)).join(", ") + ".");
    key("layer-key", data.parts.map(({label}, i) => ({style: style(i), name: label})));
  }

  Kit.copyButtons();
  learning();
  layers();
  Kit.start();
})();
