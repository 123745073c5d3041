// Follows a run: asks the program that serves the page for what is new, and draws it.
"use strict";

(() => {
  const {data} = Kit;
  const root = document.documentElement;
  const state = document.getElementById("state");
  const interval = 1000;  // milliseconds between questions
  let changed;            // when the last figures came, in milliseconds of this page
  let lost = false;       // the program does not answer

  const seconds = (milliseconds) => `${Math.max(0, Math.round(milliseconds / 1000))}\u00a0s`;

  /** "live: this epoch has run for 12 s, the last one for 40.2 s". */
  function words() {
    if (lost) return "no answer from rectify watch: this is what it said last";
    if (data.stage !== "training") return data.stage === "ended" ? "the run has ended" : data.stage;
    const text = `live: this epoch has run for ${seconds(performance.now() - changed)}`;
    if (!data.epochs.length) return text;
    const [before, end] = [0, ...data.seconds].slice(-2);
    return `${text}, the last one for ${Kit.numberText(end - before)}\u00a0s`;
  }

  function tell() {
    const text = words();
    if (state.textContent !== text) state.textContent = text;
  }

  function show(fresh) {
    // The words beside the charts are those of another task.
    if (fresh.charts.classes !== data.classes) return location.reload();
    changed = performance.now() - 1000 * fresh.charts.age;
    document.title = fresh.title;
    for (const id of ["head", "timeline"])
      document.getElementById(id).innerHTML = fresh[id];  // escaped where it was made, as the page
    Kit.update(fresh.charts);
  }

  async function ask() {
    try {
      const answer = await fetch(`data?seen=${data.stamp}`, {cache: "no-store"});
      if (!answer.ok) throw new Error(answer.status);
      if (answer.status === 200) show(await answer.json());
      lost = false;
      root.dataset.answers = Number(root.dataset.answers || 0) + 1;  // for tests
    } catch {
      lost = true;
    }
    tell();
    setTimeout(ask, interval);
  }

  changed = performance.now() - 1000 * data.age;
  tell();
  setTimeout(ask, interval);
})();
