// The charts of what zeros are worth: error against zeros, and against samples a second.
"use strict";

(() => {
  const {activations, finite, percentText, numberText, segments} = Kit;
  const errorText = Kit.data.regression ? numberText : percentText;
  const $ = (id) => document.getElementById(id);

  /** Bars of one standard deviation to each side of a point. */
  const spreadBars = {
    id: "spreadBars",
    beforeDatasetsDraw({ctx, data, scales: {x, y}}) {
      ctx.save();
      ctx.lineWidth = 1.5;
      for (const {borderColor, data: points} of data.datasets)
        for (const {x: at, y: mean, sd} of points) {
          if (!finite(sd) || !(sd > 0)) continue;
          const [top, bottom] = [mean + sd, mean - sd].map((value) => y.getPixelForValue(value));
          const middle = x.getPixelForValue(at);
          ctx.strokeStyle = borderColor;
          ctx.beginPath();
          ctx.moveTo(middle, top);
          ctx.lineTo(middle, bottom);
          for (const end of [top, bottom]) {
            ctx.moveTo(middle - 4, end);
            ctx.lineTo(middle + 4, end);
          }
          ctx.stroke();
        }
      ctx.restore();
    },
  };

  /** A point for each network: its error over `figure`, on the axis that `axis(values)` makes. */
  function points(figure, axis, text) {
    const some = activations.filter(
        (one) => Kit.shown(one) && finite(one.testError) && finite(one[figure]));
    if (!some.length) return null;
    const datasets = some.map((one) => ({
      ...Kit.line(
          Kit.seriesStyle(one.slot), [{x: one[figure], y: one.testError, sd: one.testErrorSd}],
          {label: one.name, radius: 6}),
      showLine: false,
      one,
    }));
    const edges = some.flatMap(({testError: mean, testErrorSd: sd}) => {
      const side = finite(sd) ? sd : 0;
      return [mean - side, mean + side];
    });
    const room = 0.08 * (Math.max(...edges) - Math.min(...edges)) || 0.1 * Math.max(...edges) || 1;
    const y = Kit.linearAxis("test error", errorText, {
      min: Math.max(0, Math.min(...edges) - room),
      max: Math.max(...edges) + room,
      ticks: {includeBounds: false},
    });
    const tip = Kit.tooltip(
        (items) => text(items[0].parsed.x), ({dataset: {one}}) => [` ${one.name}: error ${
            errorText(one.testError)}${finite(one.testErrorSd) ? ` ± ${errorText(one.testErrorSd)}` : ""}`,
            `zeros ${percentText(one.zeroShare)}, ${numberText(one.answersOfOne)} one at a time, ${
            numberText(one.answersOfBatch)} in batches`]);
    return Kit.config(datasets, {x: axis(some.map((one) => one[figure])), y}, tip, {
      plugins: [spreadBars],
      interaction: {mode: "nearest", intersect: false},
    });
  }

  const words = (figure, text) =>
      activations.filter((one) => Kit.shown(one) && finite(one[figure]))
          .map((one) => `${one.name} ${errorText(one.testError)} at ${text(one[figure])}`)
          .join(", ");

  Kit.sparsity = () => {
    if (!$("error-by-zeros")) return;
    const share = (values) => Kit.linearAxis("exact zeros of hidden outputs", percentText, {
      min: 0,
      max: Kit.niceTop(values),
    });
    Kit.plot(
        $("error-by-zeros"), () => points("zeroShare", share, percentText),
        () => `Chart of test error by share of zeros: ${words("zeroShare", percentText)}.`);
    const rate = (value) => `${numberText(value)} samples a second`;
    const speed = (values) => Kit.linearAxis("samples a second", numberText, {
      beginAtZero: true,
      suggestedMax: 1.05 * Math.max(...values),
    });
    let figure = "answersOfBatch";
    const first = Kit.plots.length;
    Kit.plot(
        $("error-by-speed"), () => points(figure, speed, rate),
        () => `Chart of test error by speed of inference: ${words(figure, rate)}.`);
    const ours = Kit.plots.slice(first);
    segments(
        $("sparsity-controls"), "Samples at once", "samples-at-once",
        [
          {value: "answersOfOne", text: "1"},
          {value: "answersOfBatch", text: String(Kit.data.inferenceBatch), checked: true},
        ],
        (value) => {
          figure = value;
          Kit.draw(ours);
          Kit.report();
        });
  };
})();
