// Draws what /v1 answers. The address says what is shown: #run=2&judge=1/1&why=1/1/3&node=14.
"use strict";
(() => {
    const main = document.getElementById("main"), nav = document.querySelector("nav");
    const form = document.getElementById("token"), more = document.getElementById("more");
    const pageSize = 50;
    let shown = 0, drawing = 0;

    // ---- elements ----------------------------------------------------------

    // Children are elements and texts; nothing that comes from the store is ever read as markup.
    function make(tag, attributes = {}, ...children) {
        const element = document.createElement(tag);
        for (const [name, value] of Object.entries(attributes))
            if (value !== null && value !== undefined && value !== false)
                element.setAttribute(name, value === true ? "" : value);
        element.append(...children.filter(child => child !== null && child !== undefined).map(
            child => child instanceof Node ? child : String(child)));
        return element;
    }

    const count = (n, one, many) => `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
    const badge = verdict => make("span", {class: `verdict ${{benign: "good", anomalous: "bad"}[verdict] || "open"}`},
        verdict || "not judged");
    const section = (id, title, ...children) =>
        make("section", {id, "aria-labelledby": `${id}-title`},
            make("h2", {id: `${id}-title`, tabindex: "-1"}, title), ...children);

    // columns: [head, cell of a row, "n" for numbers]
    function table(caption, columns, rows) {
        const head = make("tr", {}, ...columns.map(([title, , kind]) => make("th", {class: kind, scope: "col"}, title)));
        const body = rows.map(row => make("tr", {}, ...columns.map(([, cell, kind]) => {
            const content = cell(row);
            return make("td", {class: kind}, ...(Array.isArray(content) ? content : [content]));
        })));
        return make("div", {class: "wide", tabindex: "0", role: "region", "aria-label": caption},
            make("table", {}, make("caption", {}, make("span", {}, caption)),
                make("thead", {}, head), make("tbody", {}, ...body)));
    }

    // ---- asking ------------------------------------------------------------

    async function ask(path) {
        const token = sessionStorage.getItem("token");
        const answer = await fetch(path, token ? {headers: {Authorization: `Bearer ${token}`}} : {});
        if (answer.ok)
            return answer.headers.get("Content-Type").startsWith("application/json") ? answer.json() : answer.text();
        const reason = (await answer.json().catch(() => ({error: answer.statusText}))).error;
        throw Object.assign(new Error(reason), {status: answer.status});
    }

    // What is not there is null, not an error.
    const askIfThere = path => ask(path).catch(error => {
        if (error.status === 404)
            return null;
        throw error;
    });

    function complain(error) {
        form.hidden = error.status !== 401;
        if (!form.hidden)
            form.querySelector("input").focus();
        main.replaceChildren(make("p", {class: "alert", role: "alert"},
            error.status === 401 && !sessionStorage.getItem("token") ? "A token is needed." : error.message));
    }

    // ---- the address -------------------------------------------------------

    const wanted = () => Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
    function link(changes) {
        const all = Object.entries({...wanted(), ...changes}).filter(([, value]) => value !== null);
        return `#${all.map(([name, value]) => `${name}=${encodeURIComponent(value).replaceAll("%2F", "/")}`).join("&")}`;
    }
    const toNode = node => make("a", {href: link({node, why: null})}, node);
    const judgeOf = judge => `${judge.model_id}/${judge.pair_set_id}`;

    // ---- a run -------------------------------------------------------------

    const runName = run => `Run ${run.run_id}: ${[run.scenario || "a trace", run.traffic,
        run.seed === null ? null : `seed ${run.seed}`, run.attack].filter(part => part).join(", ")}`;

    function overview(run, suspected) {
        const tile = (n, label, kind) => make("li", {class: kind}, make("b", {}, n.toLocaleString("en")), label);
        return section("run", runName(run), make("ul", {class: "tiles"},
            tile(run.n_node, "nodes"), tile(run.n_gateway, run.n_gateway === 1 ? "gateway" : "gateways"),
            tile(run.n_flow, "flows"), tile(run.n_event, "events"),
            run.judges.length === 0 ? null
                : tile(suspected.length, suspected.length === 1 ? "suspected pair" : "suspected pairs",
                    suspected.length ? "bad" : "good")));
    }

    // Pairs of nodes behind anomalous tuples of set A.
    function findSuspects(verdicts) {
        const pairs = new Map();
        for (const v of verdicts)
            if (v.verdict === "anomalous" && v.rank <= 5)
                pairs.set(`${v.node} ${v.predicted_server}`, v);
        return [...pairs.values()];
    }

    function middle(group) {
        const box = group.querySelector("circle, rect, path").getBBox();
        return [box.x + box.width / 2, box.y + box.height / 2];
    }

    // Nodes can be chosen; dashed lines join those that are suspected to collaborate.
    function bringToLife(svg, suspects, chosen) {
        const nodes = new Map();
        for (const group of svg.querySelectorAll("g.node")) {
            const number = (group.querySelector("title")?.textContent.match(/^node (\d+)/) || [])[1];
            if (number === undefined)
                continue;
            nodes.set(number, group);
            group.setAttribute("tabindex", "0");
            group.setAttribute("role", "link");
            group.setAttribute("aria-label", group.querySelector("title").textContent);
            group.classList.toggle("chosen", number === chosen);
            const go = () => { location.hash = link({node: number, why: null}); };
            group.addEventListener("click", go);
            group.addEventListener("keydown", event => event.key === "Enter" && go());
        }
        for (const v of suspects) {
            const ends = [nodes.get(String(v.node)), nodes.get(String(v.predicted_server))];
            if (!ends[0] || !ends[1])
                continue;
            const [[x1, y1], [x2, y2]] = ends.map(middle);
            const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
            const title = document.createElementNS("http://www.w3.org/2000/svg", "title");
            title.textContent = `suspected: ${v.node} and ${v.predicted_server}`;
            line.setAttribute("d", `M${x1} ${y1}Q${(x1 + x2) / 2 + (y2 - y1) / 6} ${(y1 + y2) / 2 - (x2 - x1) / 6} ${x2} ${y2}`);
            line.setAttribute("class", "suspect");
            line.append(title);
            svg.querySelector("g.node").before(line);
        }
    }

    function network(drawing, title, suspects) {
        if (!drawing)
            return section("network", "Network", make("p", {}, "There is no picture of this run: nobody knows where its nodes are, or they are too many."));
        const svg = document.importNode(new DOMParser().parseFromString(drawing, "image/svg+xml").documentElement, true);
        svg.setAttribute("role", "group");
        svg.setAttribute("aria-label", title);
        return section("network", "Network", make("figure", {},
            make("div", {class: "wide drawn", tabindex: "0", role: "region", "aria-label": "Picture of the network"}, svg),
            make("figcaption", {}, suspects.length ? make("span", {class: "key"}) : null,
                suspects.length ? "suspected to collaborate. " : null, "A node tells more when it is chosen.")));
    }

    function judgement(run, judge, verdicts) {
        if (!judge)
            return section("verdicts", "Verdicts", make("p", {}, "No model has judged this run yet: see ", make("code", {}, "adliotlog detect"), "."));
        const choice = make("select", {}, ...run.judges.map(j =>
            make("option", {value: judgeOf(j), selected: judgeOf(j) === judgeOf(judge)}, `${j.model} on pairs ${j.pairs}`)));
        choice.addEventListener("change", () => { location.hash = link({judge: choice.value, why: null}); });
        return section("verdicts", "Verdicts", make("p", {}, make("label", {}, "Judged by ", choice)),
            table(`Tuples by ${judge.model}, the most probable first; set A is rank 1 to 5`, [
                ["Rank", v => v.rank, "n"], ["Node", v => toNode(v.node), "n"],
                ["Actual server", v => toNode(v.actual_server), "n"], ["Predicted server", v => toNode(v.predicted_server), "n"],
                ["Probability", v => v.probability.toPrecision(3), "n"], ["Pairs", v => v.n_pair, "n"],
                ["Verdict", v => badge(v.verdict)],
                ["Evidence", v => make("a", {href: link({why: v.evidence.replace("/v1/verdicts/", ""), node: null}),
                    "aria-label": `Why? Evidence of rank ${v.rank}`}, "Why?")]], verdicts.verdicts),
            verdicts.n > verdicts.verdicts.length ? make("p", {class: "note"}, `The first ${verdicts.verdicts.length} of ${verdicts.n}.`) : null);
    }

    const flowTable = flows => section("flows", "Flows",
        table(count(flows.n, "flow", "flows"), [
            ["Flow", f => f.flow, "n"], ["From", f => toNode(f.src), "n"], ["To", f => toNode(f.dst), "n"],
            ["Protocol", f => f.proto], ...(flows.flows.some(f => f.profile) ? [["Carries", f => f.profile]] : []),
            ["Packets sent", f => f.sent.toLocaleString("en"), "n"], ["Received", f => f.received.toLocaleString("en"), "n"]], flows.flows),
        flows.n > flows.flows.length ? make("p", {class: "note"}, `The first ${flows.flows.length} of ${flows.n}.`) : null);

    const nodeTable = (run, nodes) => section("nodes", "Gateways and nodes",
        make("p", {}, run.gateways.length === 0 ? "No node is known to be behind a gateway."
            : run.gateways.map(g => `Gateway ${g.gateway} has ${count(g.n_node, "node", "nodes")}`).join("; ") + "."),
        table(count(nodes.n, "node", "nodes"), [
            ["Node", n => toNode(n.node), "n"], ["Behind gateway", n => n.gateway, "n"], ["Role", n => n.role],
            ["Events", n => n.n_event.toLocaleString("en"), "n"], ["First, s", n => n.first_time?.toFixed(3), "n"],
            ["Last, s", n => n.last_time?.toFixed(3), "n"]], nodes.nodes),
        nodes.n > nodes.nodes.length ? make("p", {class: "note"}, `The first ${nodes.nodes.length} of ${nodes.n}.`) : null);

    // ---- a node, a verdict -------------------------------------------------

    function nodeAnswer(node, judge) {
        const who = node.adversaries.flatMap((other, i) => [i ? ", " : " ", toNode(other)]);
        return section("node", `Node ${node.node}`,
            make("p", {}, badge(node.verdict), node.adversaries.length ? " It is suspected to collaborate with" : null, ...who,
                node.adversaries.length ? "." : null),
            make("p", {class: "note"}, judge ? `By ${judge.model}, in tuples of rank 1 to ${node.max_rank}. ` : "No model has judged this run. ",
                make("a", {href: `v1/nodes/${node.node}?run=${wanted().run || node.runs[0].run_id}`}, "What a device is answered")));
    }

    const lines = texts => texts.map(text => make("span", {class: "line"}, text));

    function explainedRun(run, verdict) {
        return [make("h3", {}, runName(run)),
            make("p", {}, `Node ${verdict.node} is behind gateway ${run.gateway}, the predicted server ${verdict.predicted_server} behind gateway ${run.predicted_gateway}. `,
                `${count(run.n_pair, "pair", "pairs")} of events in `,
                count(run.windows.length, "second", "seconds"), " of this run gave the tuple",
                run.pairs.length ? "; the most probable predictions:" : "."),
            run.pairs.length ? table(`Events of run ${run.run_id} behind the verdict, as ns-2 wrote them`, [
                ["Probability", p => p.probability.toPrecision(3), "n"],
                ["Lines", p => `${p.source_event.line}, ${p.target_event.line}`, "n"],
                ["Event, and the next of its flow", p => lines([p.source_event.text, p.target_event.text])],
                ["What the model expected next", p => lines([p.prediction])]], run.pairs) : null,
            make("p", {class: "note"}, "SHA-256 of the trace: ", make("code", {}, run.trace_sha256))];
    }

    function explanation(why) {
        return section("why", `Why rank ${why.rank}: ${why.node}, ${why.actual_server}, ${why.predicted_server}`,
            make("p", {}, badge(why.verdict), ` Node ${why.node} sent; node ${why.actual_server} acted next; the model expected node ${why.predicted_server}, `,
                why.verdict === "anomalous" ? "which is behind another gateway." : "which is behind the same gateway."),
            ...why.runs.flatMap(run => explainedRun(run, why)).filter(part => part));
    }

    // ---- the page ----------------------------------------------------------

    async function drawRun(turn, want) {
        const base = `v1/runs/${encodeURIComponent(want.run)}`;
        const run = await ask(base);
        const judge = run.judges.find(j => judgeOf(j) === want.judge) || run.judges[0];
        const by = judge ? `&model_id=${judge.model_id}&pairs=${encodeURIComponent(judge.pairs)}` : "";
        const [drawing_, verdicts, flows, nodes, node, why] = await Promise.all([
            askIfThere(`${base}/network.svg`),
            judge ? ask(`v1/verdicts?run=${run.run_id}${by}`) : null,
            ask(`${base}/flows`), ask(`${base}/nodes`),
            want.node ? askIfThere(`v1/nodes/${encodeURIComponent(want.node)}?run=${run.run_id}${by}`) : null,
            want.why ? ask(`v1/verdicts/${want.why.split("/").map(encodeURIComponent).join("/")}`) : null]);
        if (turn !== drawing)
            return;
        const suspects = verdicts ? findSuspects(verdicts.verdicts) : [];
        main.replaceChildren(overview(run, suspects), network(drawing_, runName(run), suspects),
            ...[node ? nodeAnswer(node, judge) : null, judgement(run, judge, verdicts), why ? explanation(why) : null]
                .filter(part => part), flowTable(flows), nodeTable(run, nodes));
        const svg = main.querySelector("svg");
        if (svg)
            bringToLife(svg, suspects, want.node);
        document.title = `adliotlog: ${runName(run).toLowerCase()}`;
        for (const a of nav.querySelectorAll("a"))
            if (a.dataset.run === String(run.run_id))
                a.setAttribute("aria-current", "page");
            else
                a.removeAttribute("aria-current");
        const title = document.getElementById(why ? "why-title" : node ? "node-title" : "");
        if (title) {
            title.focus({preventScroll: true});
            title.scrollIntoView();
        }
    }

    async function listRuns() {
        const runs = await ask(`v1/runs?limit=${pageSize}&offset=${shown}`);
        shown += runs.runs.length;
        nav.querySelector("ol").append(...runs.runs.map(run =>
            make("li", {}, make("a", {href: `#run=${run.run_id}`, "data-run": run.run_id}, runName(run)))));
        nav.hidden = shown === 0;
        more.hidden = shown >= runs.n;
        return runs.runs[0];
    }

    async function draw() {
        const turn = ++drawing;
        main.setAttribute("aria-busy", "true");
        try {
            const first = shown ? {run_id: nav.querySelector("a").dataset.run} : await listRuns();
            form.hidden = true;
            if (first)
                await drawRun(turn, {run: first.run_id, ...wanted()});
            else
                main.replaceChildren(make("p", {}, "The store holds no run yet: see ", make("code", {}, "adliotlog ingest"), "."));
        } catch (error) {
            if (turn === drawing)
                complain(error);
        }
        main.removeAttribute("aria-busy");
    }

    form.addEventListener("submit", event => {
        event.preventDefault();
        sessionStorage.setItem("token", form.querySelector("input").value.trim());
        draw();
    });
    more.addEventListener("click", () => listRuns().catch(complain));
    document.querySelector("a.skip").addEventListener("click", event => {
        event.preventDefault();
        main.focus();
    });
    addEventListener("hashchange", draw);
    draw();
})();
