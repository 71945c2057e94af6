(function () {
  "use strict";
  const panel = document.getElementById("filter");
  const table = document.querySelector(".samples table");
  if (!panel || !table) return;
  const rows = Array.from(table.tBodies[0].rows);
  const boxes = Array.from(panel.querySelectorAll("input[type=checkbox]"));
  const find = panel.querySelector("[name=find]"), reward = panel.querySelector("[name=reward]");
  const least = panel.querySelector("[name=least]"), most = panel.querySelector("[name=most]");
  const count = panel.querySelector("output");

  function earned(cell) {
    const mark = Array.from(cell.querySelectorAll("[data-reward]")).find(function (part) { return part.dataset.reward === reward.value; });
    return mark ? Number(mark.querySelector("data").value) : NaN;
  }

  function apply() {
    const words = find.value.trim().toLowerCase();
    const low = least.value === "" ? -Infinity : Number(least.value), high = most.value === "" ? Infinity : Number(most.value);
    const bounded = least.value !== "" || most.value !== "";
    const shown = boxes.map(function (box) { return box.checked; });
    Array.from(table.tHead.rows[0].cells).slice(1).forEach(function (head, i) { head.hidden = !shown[i]; });
    let left = 0;
    rows.forEach(function (row) {
      const prompt = row.cells[0].textContent.toLowerCase();
      let any = false;
      Array.from(row.cells).slice(1).forEach(function (cell, i) {
        const text = words === "" || prompt.includes(words) || (cell.querySelector(".text") || cell).textContent.toLowerCase().includes(words);
        const value = bounded ? earned(cell) : 0;
        const fits = text && (!bounded || (value >= low && value <= high));
        cell.hidden = !shown[i];
        cell.classList.toggle("off", !fits);
        if (shown[i] && fits) any = true;
      });
      row.hidden = !any;
      if (any) left++;
    });
    count.value = left + " of " + rows.length + " prompts";
  }

  panel.addEventListener("input", apply);
  panel.addEventListener("reset", function () { setTimeout(apply); });
  panel.addEventListener("submit", function (event) { event.preventDefault(); });
  panel.hidden = false;
  apply();
})();
