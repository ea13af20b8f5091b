// Tables in an element of the class "sortable": a click on a heading sorts by its column, a second one the other way.
const number = (cell) => { const found = parseFloat(cell.dataset.value ?? cell.textContent); return Number.isNaN(found) ? null : found; };

function sort(table, column, descending) {
  const body = table.tBodies[0];
  const compare = (one, other) => {
    const [a, b] = [one.cells[column], other.cells[column]];
    const [x, y] = [number(a), number(b)];
    if (x === null && y === null) return a.textContent.localeCompare(b.textContent);
    if (x === null || y === null) return x === null ? 1 : -1; // what has no figure is last, either way
    return x - y;
  };
  const rows = [...body.rows].sort((one, other) => {
    const order = compare(one, other);
    const empty = number(one.cells[column]) === null || number(other.cells[column]) === null;
    return descending && !(empty && order !== 0 && number(one.cells[column]) !== number(other.cells[column])) ? -order : order;
  });
  body.append(...rows);
}

for (const table of document.querySelectorAll(".sortable table")) {
  [...table.tHead.rows[0].cells].forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const descending = heading.getAttribute("aria-sort") === "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
      sort(table, column, descending);
    });
  });
}
