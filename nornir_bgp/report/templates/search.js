for (const input of document.querySelectorAll("input[data-searches]")) {
  const rows = document.querySelectorAll(`#${input.dataset.searches} tbody tr`);
  const found = document.getElementById(`${input.dataset.searches}-found`);
  input.closest("search").hidden = false;
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/);
    let shown = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      shown += row.hidden ? 0 : 1;
    }
    found.textContent = input.value.trim() ? `${shown} of ${rows.length} rows` : "";
  });
}
