// Makes the tables of the page sortable: a button in each head, which a second press turns round.
// Without it the page lacks nothing but this.
"use strict";
(() => {
    const number = /^[-+]?\d+(\.\d+)?(e[-+]?\d+)?/i;
    const words = new Intl.Collator("en", {numeric: true});
    const textOf = (row, column) => row.cells[column].textContent.trim();

    // Numbers by what they begin with, such as 93.0 (91.2 to 94.8); empty cells last, both ways.
    function sort(table, column, sign) {
        const body = table.tBodies[0];
        const rows = [...body.rows];
        const filled = rows.filter(row => textOf(row, column) !== "");
        const empty = rows.filter(row => textOf(row, column) === "");
        const numeric = filled.every(row => number.test(textOf(row, column)));
        filled.sort((a, b) => {
            const x = textOf(a, column), y = textOf(b, column);
            return sign * (numeric ? parseFloat(x) - parseFloat(y) : words.compare(x, y));
        });
        body.append(...filled, ...empty);
    }

    function press(table, head, column) {
        const descending = head.getAttribute("aria-sort") === "ascending";
        for (const other of table.tHead.rows[0].cells)
            other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", descending ? "descending" : "ascending");
        sort(table, column, descending ? -1 : 1);
    }

    for (const table of document.querySelectorAll("main table")) {
        if (table.tBodies[0].rows.length < 2)
            continue;
        [...table.tHead.rows[0].cells].forEach((head, column) => {
            const button = document.createElement("button");
            button.type = "button";
            button.append(...head.childNodes);
            button.addEventListener("click", () => press(table, head, column));
            head.append(button);
        });
    }
})();
