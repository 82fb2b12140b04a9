-- The event store. This file is its documentation: every table and column is described here.
--
-- Times are simulation seconds, sizes bytes, positions metres; absent is NULL. Text is UTF-8.
-- Ground truth (flow.intended_dst, flow.attack, interface.hidden, tables attack and attack_node,
-- event.attack, event.attack_no, event.covert) is for scoring only: training and detection never
-- read it, and pairs only where it is asked to leave covert events out.
--
-- application_id is 'AdLI'; user_version counts incompatible changes of this schema.
PRAGMA application_id = 0x41644c49;
PRAGMA user_version = 8;

-- One row per ingested trace. Without a manifest, all from scenario to ns_version is NULL, and
-- params. Always n_line = n_event + n_noise + n_blank + n_reject.
CREATE TABLE run (
    run_id       INTEGER PRIMARY KEY, -- number of the run
    scenario     TEXT,              -- what was simulated: 'iot16' ...
    attack       TEXT,              -- 'none', 'hidden-channel' ...; of several attacks their names
                                    -- joined with +; table attack has them one by one
    traffic      TEXT,              -- what the devices send: 'udp' ...
    seed         INTEGER,           -- of all random numbers; runs of one seed and two attacks are
                                    -- twins
    duration     REAL,              -- simulated seconds
    ns_version   TEXT,              -- of the simulator
    trace_path   TEXT NOT NULL,     -- the trace file, as it was given
    trace_sha256 TEXT NOT NULL CHECK (length(trace_sha256) = 64), -- of its bytes, unpacked
    n_line       INTEGER NOT NULL CHECK (n_line = n_event + n_noise + n_blank + n_reject), -- lines
    n_event      INTEGER NOT NULL,  -- lines about a packet
    n_noise      INTEGER NOT NULL,  -- lines about anything else
    n_blank      INTEGER NOT NULL,  -- empty lines
    n_reject     INTEGER NOT NULL,  -- lines that are none of these
    unterminated INTEGER NOT NULL CHECK (unterminated IN (0, 1)), -- last line has no line end
    first_time   REAL,              -- s, least time of its events; NULL: it has none
    last_time    REAL,              -- s, greatest time of its events
    params       TEXT CHECK (params IS NULL OR json_valid(params)), -- all parameters of the scenario
    scenario_sha256 TEXT CHECK (length(scenario_sha256) = 64), -- of the scenario's text and library;
                                    -- NULL: not known, as for hand-written manifests
    plan_sha256  TEXT CHECK (length(plan_sha256) = 64), -- of what was planned: nodes, flows, attacks,
                                    -- parameters; NULL: likewise
    version      TEXT NOT NULL,     -- of the program that ingested it
    command      TEXT NOT NULL      -- its command line
) STRICT;
-- A trace is there once; but several plans may come to the same, as an attack that comes to nothing
-- leaves the trace of its benign twin.
CREATE UNIQUE INDEX run_by_trace ON run (trace_sha256, coalesce(plan_sha256, attack, ''));

-- Lines of a trace that are not about packets, counted by kind.
CREATE TABLE noise (
    run_id INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
    kind   TEXT NOT NULL,           -- 'movement', 'energy', 'annotation', 'link', 'variable',
                                    -- 'event trace', 'routing log'
    n      INTEGER NOT NULL CHECK (n > 0), -- lines
    PRIMARY KEY (run_id, kind)
) STRICT, WITHOUT ROWID;

-- Lines that could not be read.
CREATE TABLE reject (
    run_id INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
    line   INTEGER NOT NULL,        -- 1-based line of the trace
    reason TEXT NOT NULL,           -- what is wrong with it
    text   TEXT NOT NULL,           -- first 200 bytes, bytes outside printable ASCII as \xNN
    PRIMARY KEY (run_id, line)
) STRICT, WITHOUT ROWID;

-- The devices of a run. Without a manifest: the nodes that appear in the trace.
CREATE TABLE node (
    run_id  INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
    node    INTEGER NOT NULL,       -- number of the node in the trace
    address INTEGER,                -- number by which IP headers know it (event.src, event.dst);
                                    -- NULL: the number of the node
    gateway INTEGER,                -- node number of its application gateway; NULL: it has none
    role    TEXT CHECK (role IN ('gateway', 'device', 'server', 'relay')), -- gateway: the
                                    -- application gateway of a network, whatever it sends; device:
                                    -- sends; server: only receives; relay: neither
    x       REAL,                   -- position, m
    y       REAL,                   -- position, m
    PRIMARY KEY (run_id, node)
) STRICT, WITHOUT ROWID;

-- Who owns a MAC number. Without a manifest: inferred from MAC-level sends, hidden NULL.
CREATE TABLE interface (
    run_id INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
    mac    INTEGER NOT NULL,        -- number of the interface
    node   INTEGER NOT NULL,        -- the node that it belongs to
    hidden INTEGER CHECK (hidden IN (0, 1)), -- ground truth: an attacker's extra radio
                                    -- (hidden channel, tunnel, jammer)
    PRIMARY KEY (run_id, mac)
) STRICT, WITHOUT ROWID;

-- One sending agent to one receiving agent. Without a manifest: the distinct end points of data
-- packets in order of appearance, with the ground truth NULL.
CREATE TABLE flow (
    run_id       INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
    flow         INTEGER NOT NULL,  -- number of the flow
    profile      TEXT,              -- what it carries: 'camera' ...; NULL: not told
    src          INTEGER NOT NULL,  -- the sender: a node, also where its address is another number
    sport        INTEGER NOT NULL,  -- its port
    dst          INTEGER NOT NULL,  -- the data server it really uploads to, likewise
    dport        INTEGER NOT NULL,  -- its port
    intended_dst INTEGER,           -- ground truth: the data server it should upload to; NULL: not
                                    -- told, or a flow that an attack added
    proto        TEXT NOT NULL CHECK (proto IN ('udp', 'tcp', 'http', 'sctp')), -- what it
                                     -- speaks
    attack       INTEGER CHECK (attack IN (0, 1)), -- ground truth: dst is not intended_dst, or
                                     -- what a manifest without that says
    PRIMARY KEY (run_id, flow)
) STRICT, WITHOUT ROWID;

-- Ground truth: the attacks of a run, where its manifest lists them: when each was, and how.
CREATE TABLE attack (
    run_id    INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
    attack_no INTEGER NOT NULL,     -- ground truth: number of the attack in its run, from 1
    attack    TEXT NOT NULL,        -- ground truth: its name: 'flood' ...
    start     REAL NOT NULL CHECK (start >= 0), -- ground truth: s, from when on it is at work
    stop      REAL NOT NULL CHECK (stop > start), -- ground truth: s, when it ends; what it caused may
                                    -- go on
    params    TEXT CHECK (params IS NULL OR json_valid(params)), -- ground truth: its parameters
    PRIMARY KEY (run_id, attack_no)
) STRICT, WITHOUT ROWID;

-- Ground truth: who takes part in an attack.
CREATE TABLE attack_node (
    run_id    INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
    attack_no INTEGER NOT NULL,     -- ground truth: number of the attack
    node      INTEGER NOT NULL,     -- ground truth: the node
    role      TEXT NOT NULL CHECK (role IN ('attacker', 'accomplice', 'victim')), -- ground truth:
                                    -- accomplice: the other end of what the attacker sends
    PRIMARY KEY (run_id, attack_no, node, role)
) STRICT, WITHOUT ROWID;

-- ---- events ---------------------------------------------------------------
--
-- View event (views.sql) has one row per line about a packet. Behind it, a line is a short row of
-- its own (event_row) that points to a shape; a shape is a kind of line, at a place, between two
-- ends, each kept once for all the lines that share it. That makes a store of five million events
-- small enough to be read through in a blink, and shape.n answers what only counts without reading
-- them. A table may hold the same content twice: what is remembered while a trace is read is
-- bounded. Values are checked by the reader, not here, because each constraint would be paid a
-- million times; checks.sql looks at them afterwards.

-- Kinds of lines.
CREATE TABLE kind (
    kind_id   INTEGER PRIMARY KEY,
    run_id    INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
    format    TEXT NOT NULL,        -- 'old', 'new', 'tagged', 'wired', 'wired tagged', 'satellite'
    op        TEXT NOT NULL,        -- one letter for all formats, not always the line's. Wireless:
                                    -- s send (tagged format: + in the line), r receive, f forward
                                    -- (tagged: h), d drop (old format: D), x end of transmission.
                                    -- Wired and satellite: + enqueue and - dequeue (SessionSim: E
                                    -- and D), r receive at the end of a link, d drop, h hop in a
                                    -- LAN (tagged: behind every -), c collision in a LAN, e drop
                                    -- before the queue is full, by RED, or error on a satellite
                                    -- link, m the same early drop, monitored. With format and
                                    -- spelling, the line's own letter can be told
    layer     TEXT,                 -- AGT RTR MAC IFQ PHY ...; NULL on wired lines
    reason    TEXT,                 -- why it was dropped, ns-2's code: COL collision, RET retries,
                                    -- CBK no acknowledgement (callback), BSY busy, IFQ queue full,
                                    -- ARP, NRTE no route, TTL, LOOP ...; NULL where the trace has
                                    -- '---' (also full queues) or none
    ptype     TEXT,                 -- packet type as printed: cbr tcp ack AODV ARP RTS ...; NULL on
                                    -- MAC control lines (RTS, CTS, ACK) of the new format, which
                                    -- print none: layer MAC, mac_type 0
    size      INTEGER,              -- bytes, grows with each header; NULL where not printed
    mac_duration ANY,               -- duration field of the MAC header; S-MAC: a real
    mac_type  INTEGER,              -- ether type (0x800 IP, 0x806 ARP; 0 control, and above MAC)
    forwards  INTEGER,              -- hops made so far, of tcp, ack, cbr, sctp
    optimal   INTEGER,              -- fewest hops that god knows, likewise
    flags     TEXT,                 -- wired, seven characters; eight of an SCTP chunk
    tcp_header TEXT,                -- wired with show_tcphdr_: flags, header and SACK length
    srm       TEXT,                 -- wired tagged: SRM message type
    arp_op    TEXT,                 -- REQUEST, REPLY
    route_op  TEXT,                 -- AODV, AOMDV, TORA, MDART: REQUEST, REPLY, ERROR, HELLO ...
    spelling  INTEGER NOT NULL      -- how the line spells it, bits: 1 wired addresses are A.B, 2
                                    -- they are A.B.C, 4 src and 8 dst -1 is printed as 2147483647
                                    -- (hierarchical addresses), 16 old format with LOG_POSITION,
                                    -- 32 MAC header of S-MAC, 64 old format at PHY level, without
                                    -- MAC header, 128 + and - are E and D (SessionSim)
) STRICT;
CREATE INDEX kind_by_run ON kind (run_id); -- replacing a run

-- Places: the node and its neighbours.
CREATE TABLE place (
    place_id INTEGER PRIMARY KEY,
    run_id   INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
    node     INTEGER NOT NULL,      -- where it happened; wired: sender of + - d, receiver of r
    next_hop INTEGER,
    mac_src  INTEGER,               -- MAC numbers, not node numbers: see interface
    mac_dst  INTEGER,               -- likewise; broadcast as printed, 4294967295 (ffffffff in the
                                    -- line), for which view neighbour has -1
    hop_src  INTEGER,               -- new: -Hs; tagged: -s; wired: from node
    hop_dst  INTEGER,               -- new: -Hd (-1 broadcast, -2 unset); tagged: -d; wired: to node
    x REAL, y REAL, z REAL,         -- m; NULL here and in event_extra where the format prints none
    energy   REAL                   -- J, -1 none; likewise
) STRICT;
CREATE INDEX place_by_run ON place (run_id);

-- Ends: the IP header, or the header of ARP.
CREATE TABLE ends (
    ends_id INTEGER PRIMARY KEY,
    run_id  INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
    src     INTEGER,                -- -1 broadcast; NULL on ARP and MAC control lines. Hierarchical
                                    -- addresses are one number, as wireless lines print them: A.B.C
                                    -- of wired lines is (A << 22) + (B << 11) + C (9, 11, 11 bits,
                                    -- what set-address-format hierarchical gives), A.B is
                                    -- (A << 11) + B; kind.spelling says which lines have them.
                                    -- printf('%d.%d.%d', src >> 22, src >> 11 & 2047, src & 2047)
                                    -- is A.B.C again
    sport   INTEGER,
    dst     INTEGER,                -- likewise
    dport   INTEGER,
    ttl     INTEGER,
    fid     INTEGER,                -- flow identifier in the IP header (not in the old format)
    arp_src_mac INTEGER,
    arp_src INTEGER,
    arp_dst_mac INTEGER,
    arp_dst INTEGER,
    flow    INTEGER,                -- flow; NULL for packets of no flow
    proto   TEXT                    -- flow.proto, likewise
) STRICT;
CREATE INDEX ends_by_run ON ends (run_id);

-- Which of them come together, and how often: counts of all sorts are answered from here.
CREATE TABLE shape (
    shape_id INTEGER PRIMARY KEY,
    run_id   INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
    kind_id  INTEGER NOT NULL,
    place_id INTEGER NOT NULL,
    ends_id  INTEGER NOT NULL,
    attack   INTEGER,               -- ground truth: 1: one of the matchers of an attack holds and it
                                    -- has begun, 0 otherwise. Where the manifest lists no attacks: 1
                                    -- of an attack flow, over a hidden interface, or about the route
                                    -- of an attack flow. NULL: no manifest
    attack_no INTEGER,              -- ground truth: the attack whose matcher it is, the first at
                                    -- work, otherwise the first; NULL: of none, or the manifest
                                    -- lists no attacks
    covert   INTEGER,               -- ground truth: 1: only the attackers' own logs would show these
                                    -- lines, says a matcher of any attack; 0 otherwise; NULL: no
                                    -- manifest. Without them, gaps in uid still tell how many
                                    -- packets they were about
    n        INTEGER NOT NULL       -- lines of this shape
) STRICT;
CREATE INDEX shape_by_run ON shape (run_id);

-- One row per line about a packet.
CREATE TABLE event_row (
    run_id   INTEGER NOT NULL,      -- run
    line     INTEGER NOT NULL,      -- 1-based line of the trace
    shape_id INTEGER NOT NULL,
    time     REAL NOT NULL,         -- s, as exact as the trace prints it
    uid      INTEGER,               -- ns packet number, shared by copies; 0 also for control. One
                                    -- counter for all packets of the simulation: where some of them
                                    -- are covert, their numbers are missing among the others
    seq      INTEGER,               -- sequence number of cbr, tcp, ack; wired: -1 for none
    ack      INTEGER,               -- tcp
    PRIMARY KEY (run_id, line)
) STRICT, WITHOUT ROWID;

-- What only some lines print.
CREATE TABLE event_extra (
    run_id   INTEGER NOT NULL,
    line     INTEGER NOT NULL,
    x REAL, y REAL, z REAL,         -- m; position of a node that moves
    energy   REAL,                  -- J; of a node that spends it
    radio    TEXT,                  -- old format: energy spent idle, sleeping, sending, receiving
    route_dst INTEGER,              -- AODV, AOMDV, TORA: destination the packet is about
    route_src INTEGER,              -- AODV and AOMDV requests: who asks
    n_chunk  INTEGER,               -- SCTP
    stream   INTEGER,
    stream_seq INTEGER,
    tail     TEXT,                  -- what has no column of its own, as printed
    PRIMARY KEY (run_id, line)
) STRICT, WITHOUT ROWID;

-- Lines that are not to the letter what ns prints (0.50 for 0.5, blanks at the end), as they are.
CREATE TABLE event_text (
    run_id INTEGER NOT NULL,
    line   INTEGER NOT NULL,
    text   TEXT NOT NULL,
    PRIMARY KEY (run_id, line)
) STRICT, WITHOUT ROWID;

-- Lines that are not about packets, when they were asked for (ingest --keep-noise).
CREATE TABLE noise_line (
    run_id INTEGER NOT NULL,
    line   INTEGER NOT NULL,
    kind   TEXT NOT NULL,           -- as in noise
    text   TEXT NOT NULL,           -- bytes outside printable ASCII as \xNN, \ as \x5c
    PRIMARY KEY (run_id, line)
) STRICT, WITHOUT ROWID;

-- One row per data packet of a flow, from its sender to its receiver; known by flow and uid, kept
-- by direction as well, which is how packets are summed up. It is sent where an agent sends it
-- (level AGT), on wires where it is first enqueued; it is received where an agent first receives
-- it, on wires when a link has delivered it to its destination (where the address is no number of
-- a node, hierarchical or a group's: when a link has delivered it and nothing follows). Wireless
-- traces without agent lines (-agentTrace OFF) have no packets.
CREATE TABLE packet (
    run_id   INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
    flow     INTEGER NOT NULL,      -- flow that it belongs to
    uid      INTEGER NOT NULL,      -- ns packet number
    forward  INTEGER NOT NULL,      -- 1: from flow.src to flow.dst; 0: back, as acknowledgements
    seq      INTEGER,               -- sequence number
    size     INTEGER,               -- bytes, as sent
    sent     REAL,                  -- s, when it was sent; NULL: the trace does not show it
    received REAL,                  -- s, when it was received; NULL: never
    hops     INTEGER,               -- links that it crossed; NULL: never arrived, not printed, or
                                    -- not all of its way is known
    sent_line INTEGER,              -- line that says so
    received_line INTEGER,          -- likewise
    PRIMARY KEY (run_id, flow, forward, uid)
) STRICT, WITHOUT ROWID;

-- When each node was active: the gaps between its events, which would take seconds to look up in
-- millions of rows. A node without events has no row.
CREATE TABLE node_activity (
    run_id     INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
    node       INTEGER NOT NULL,
    n          INTEGER NOT NULL CHECK (n > 0), -- events
    first_time REAL NOT NULL,       -- s, of its first event
    last_time  REAL NOT NULL,       -- s, of its last event
    gap_min    REAL,                -- s, least and greatest time from an event to the next; NULL:
    gap_max    REAL,                -- there is only one
    PRIMARY KEY (run_id, node)
) STRICT, WITHOUT ROWID;

-- A run is removed with all that hangs on it by  DELETE FROM run WHERE run_id = ...
-- (a pair set that was made from it first).
CREATE TRIGGER run_removed AFTER DELETE ON run BEGIN
    DELETE FROM noise WHERE run_id = OLD.run_id;
    DELETE FROM reject WHERE run_id = OLD.run_id;
    DELETE FROM node WHERE run_id = OLD.run_id;
    DELETE FROM interface WHERE run_id = OLD.run_id;
    DELETE FROM flow WHERE run_id = OLD.run_id;
    DELETE FROM attack WHERE run_id = OLD.run_id;
    DELETE FROM attack_node WHERE run_id = OLD.run_id;
    DELETE FROM kind WHERE run_id = OLD.run_id;
    DELETE FROM place WHERE run_id = OLD.run_id;
    DELETE FROM ends WHERE run_id = OLD.run_id;
    DELETE FROM shape WHERE run_id = OLD.run_id;
    DELETE FROM event_row WHERE run_id = OLD.run_id;
    DELETE FROM event_extra WHERE run_id = OLD.run_id;
    DELETE FROM event_text WHERE run_id = OLD.run_id;
    DELETE FROM noise_line WHERE run_id = OLD.run_id;
    DELETE FROM packet WHERE run_id = OLD.run_id;
    DELETE FROM node_activity WHERE run_id = OLD.run_id;
    DELETE FROM detection_run WHERE run_id = OLD.run_id;
    DELETE FROM score WHERE run_id = OLD.run_id;
END;
CREATE TRIGGER run_in_use BEFORE DELETE ON run
WHEN EXISTS (SELECT 1 FROM pair_set_run WHERE run_id = OLD.run_id) BEGIN
    SELECT RAISE(ABORT, 'a pair set was made from this run: delete it from pair_set first');
END;

-- ---- learning -------------------------------------------------------------

-- Named sets of pairs of consecutive sentences.
CREATE TABLE pair_set (
    pair_set_id INTEGER PRIMARY KEY, -- number of the pair set
    name        TEXT NOT NULL UNIQUE, -- name of the pair set
    options     TEXT NOT NULL CHECK (json_valid(options)), -- the reading, and what was left out
    n_pair      INTEGER NOT NULL,   -- pairs
    n_token     INTEGER NOT NULL,   -- distinct words
    sha256      TEXT NOT NULL CHECK (length(sha256) = 64) -- of all sentences, a line each, in order
) STRICT;

-- The runs a pair set was made from.
CREATE TABLE pair_set_run (
    pair_set_id INTEGER NOT NULL REFERENCES pair_set ON DELETE CASCADE,
    run_id      INTEGER NOT NULL REFERENCES run,
    n_pair      INTEGER NOT NULL,
    PRIMARY KEY (pair_set_id, run_id)
) STRICT, WITHOUT ROWID;

-- The words of `span` events, known by the first of them.
CREATE TABLE sentence (
    pair_set_id INTEGER NOT NULL REFERENCES pair_set ON DELETE CASCADE,
    run_id      INTEGER NOT NULL REFERENCES run,
    line        INTEGER NOT NULL,   -- of its first event
    text        TEXT NOT NULL,      -- words between single blanks
    PRIMARY KEY (pair_set_id, run_id, line)
) STRICT, WITHOUT ROWID;

-- A sentence and the next one of its context. pair_id follows run and trace order.
CREATE TABLE pair (
    pair_id     INTEGER PRIMARY KEY,
    pair_set_id INTEGER NOT NULL REFERENCES pair_set ON DELETE CASCADE,
    run_id      INTEGER NOT NULL REFERENCES run,
    source_line INTEGER NOT NULL,   -- first line of each sentence
    target_line INTEGER NOT NULL
) STRICT;
CREATE INDEX pair_by_set ON pair (pair_set_id, pair_id); -- the pairs of a set, in order

CREATE VIEW pair_text (pair_id, pair_set, source, target) AS
-- Pairs with their sentences as text, words between single blanks.
SELECT pair_id, pair_set.name, source.text, target.text
FROM pair
JOIN pair_set USING (pair_set_id)
JOIN sentence AS source
  ON source.pair_set_id = pair.pair_set_id AND source.run_id = pair.run_id
 AND source.line = pair.source_line
JOIN sentence AS target
  ON target.pair_set_id = pair.pair_set_id AND target.run_id = pair.run_id
 AND target.line = pair.target_line;

-- Trained networks, and the rivals they are compared with.
CREATE TABLE model (
    model_id     INTEGER PRIMARY KEY,
    name         TEXT NOT NULL,     -- file name without its ending, or that of the rival
    path         TEXT NOT NULL,     -- as it was given; '' for a rival, which has no file
    options      TEXT NOT NULL CHECK (json_valid(options)), -- hyper-parameters, pair set, command
    model_sha256 TEXT NOT NULL UNIQUE CHECK (length(model_sha256) = 64) -- of the file; of a
                                    -- rival's name, parameters, version and pairs_sha256
) STRICT;

-- Training loss, every 100 iterations.
CREATE TABLE loss (
    model_id  INTEGER NOT NULL REFERENCES model ON DELETE CASCADE,
    iteration INTEGER NOT NULL,
    nll       REAL NOT NULL,        -- nats a word, mean over the 100 iterations before
    PRIMARY KEY (model_id, iteration)
) STRICT, WITHOUT ROWID;

-- What each gateway did in each round of a federated training (adliotlog federate). In the round
-- behind the last the finished model is tested and nobody trains.
CREATE TABLE federation_round (
    model_id    INTEGER NOT NULL REFERENCES model ON DELETE CASCADE,
    round       INTEGER NOT NULL CHECK (round > 0), -- number of the round, from 1
    gateway     INTEGER NOT NULL,   -- the gateway that is the client: number of its node
    n_iteration INTEGER NOT NULL CHECK (n_iteration >= 0), -- iterations that it trained and that
                                    -- count: 0 unless outcome is 'in time'
    loss        REAL,               -- nats a word of the pairs it trained on in this round, their
                                    -- mean; NULL: it did not train
    accuracy    REAL CHECK (accuracy BETWEEN 0 AND 1), -- mean BLEU-1, on pairs of its own, of the
                                    -- model that the round before left; NULL: not measured
    bytes_up    INTEGER NOT NULL CHECK (bytes_up >= 0), -- bytes, of its message to the aggregator
    bytes_down  INTEGER NOT NULL CHECK (bytes_down >= 0), -- bytes, of the aggregator's message
    outcome     TEXT NOT NULL,      -- 'in time', 'late': no answer in time, 'lost': by --drop, or it
                                    -- failed, 'refused': its answer was no good, 'not asked': by
                                    -- --participation
    CHECK (outcome IN ('in time', 'late', 'lost', 'refused', 'not asked')),
    PRIMARY KEY (model_id, round, gateway)
) STRICT, WITHOUT ROWID;

-- What a model said after the source sentence of a testing pair.
CREATE TABLE prediction (
    model_id INTEGER NOT NULL REFERENCES model ON DELETE CASCADE,
    pair_id  INTEGER NOT NULL REFERENCES pair ON DELETE CASCADE,
    output   TEXT NOT NULL,         -- words between single blanks, without <EOS>
    bleu1    REAL NOT NULL CHECK (bleu1 BETWEEN 0 AND 1), -- against the target sentence
    logprob  REAL NOT NULL CHECK (logprob <= 0), -- natural, of all its words and <EOS>
    target_logprob REAL CHECK (target_logprob <= 0), -- the same of the target sentence, words the
                                    -- model does not know taken as <UNK>; NULL without --score
    target_outside INTEGER CHECK (target_outside >= 0), -- its words, with <EOS>, that are not
                                    -- among the 9 the model finds most probable there; NULL
                                    -- without --score
    PRIMARY KEY (model_id, pair_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX prediction_by_pair ON prediction (pair_id); -- removing a pair set

-- One row per model and pair set it was tested on: the summary of its predictions.
CREATE TABLE evaluation (
    model_id      INTEGER NOT NULL REFERENCES model ON DELETE CASCADE,
    pair_set_id   INTEGER NOT NULL REFERENCES pair_set ON DELETE CASCADE,
    n_pair        INTEGER NOT NULL,
    accuracy      REAL NOT NULL,    -- mean BLEU-1, 0..1 (paper.txt Sec. V-B)
    copy_baseline REAL NOT NULL,    -- the same figure when the source is given as the answer
    n_exact       INTEGER NOT NULL, -- pairs whose prediction is the target, word by word
    n_word        INTEGER NOT NULL, -- words of all sentences of the set
    n_unknown     INTEGER NOT NULL, -- of them, not in the model's vocabulary
    beam          INTEGER NOT NULL, -- sentences that decoding followed at a time; 1: greedy
    n_tuple       INTEGER,          -- distinct node tuples in table verdict, of all that the
                                    -- predictions gave; NULL: adliotlog detect was not run since
    PRIMARY KEY (model_id, pair_set_id)
) STRICT, WITHOUT ROWID;

-- Node tuples of a model's predictions, most probable first; set A is those of smallest rank.
CREATE TABLE verdict (
    model_id         INTEGER NOT NULL REFERENCES model ON DELETE CASCADE,
    pair_set_id      INTEGER NOT NULL REFERENCES pair_set ON DELETE CASCADE,
    run_id           INTEGER REFERENCES run, -- NULL: the tuple's pairs come from several runs
    node             INTEGER NOT NULL, -- acting node of the source event
    actual_server    INTEGER NOT NULL, -- acting node of the target event
    predicted_server INTEGER NOT NULL, -- acting node of the predicted event
    probability      REAL NOT NULL CHECK (probability BETWEEN 0 AND 1), -- mean over its pairs
    n_pair           INTEGER NOT NULL, -- how many pairs gave it
    rank             INTEGER NOT NULL, -- 1 is the most probable
    verdict          TEXT NOT NULL CHECK (verdict IN ('benign', 'anomalous')),
    PRIMARY KEY (model_id, pair_set_id, rank)
) STRICT, WITHOUT ROWID;

-- What an experiment plan did: which model was tested on which pair set as which row of a table.
CREATE TABLE trial (
    plan        TEXT NOT NULL,      -- name of the plan
    variant     TEXT NOT NULL,      -- of the plan: what differs from its default; '' is the default
    method      TEXT NOT NULL,      -- 'network', or the rival that learned in its place
    protocol    TEXT NOT NULL,      -- 'udp' ...
    context     TEXT NOT NULL,      -- of its pairs
    seed        INTEGER NOT NULL,   -- of the runs it was trained on
    condition   TEXT NOT NULL CHECK (condition IN ('without', 'with', 'with-attack-run')),
    split       TEXT NOT NULL,      -- what it was tested on: 'paper', the training pairs;
                                    -- 'held-out', another seed; or a test that the plan names
    model_id    INTEGER NOT NULL REFERENCES model ON DELETE CASCADE,
    pair_set_id INTEGER NOT NULL REFERENCES pair_set ON DELETE CASCADE,
    PRIMARY KEY (plan, variant, method, protocol, context, seed, condition, split)
) STRICT, WITHOUT ROWID;

-- What `adliotlog audit` found: whether a test could be passed without having learned.
CREATE TABLE audit (
    train_set INTEGER NOT NULL REFERENCES pair_set ON DELETE CASCADE,
    test_set  INTEGER NOT NULL REFERENCES pair_set ON DELETE CASCADE,
    "check"   TEXT NOT NULL,        -- 'same-events' ...: see adliotlog help audit
    value     REAL,                 -- what was measured; NULL: nothing to measure
    verdict   TEXT NOT NULL CHECK (verdict IN ('clean', 'warning', 'leak')),
    text      TEXT NOT NULL,        -- in words
    PRIMARY KEY (train_set, test_set, "check")
) STRICT, WITHOUT ROWID;

-- ---- detection ------------------------------------------------------------

-- Detection tasks: which pairs of nodes collaborate? View candidate holds the pairs to be judged.
CREATE TABLE detection (
    detection_id INTEGER PRIMARY KEY,
    name    TEXT NOT NULL UNIQUE,
    window  REAL NOT NULL CHECK (window > 0), -- s, width of the windows that are judged
    options TEXT NOT NULL CHECK (json_valid(options)) -- which runs and how many, command
) STRICT;

-- The runs of a task.
CREATE TABLE detection_run (
    detection_id INTEGER NOT NULL REFERENCES detection ON DELETE CASCADE,
    run_id       INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
    role         TEXT NOT NULL CHECK (role IN ('train', 'test')), -- learned from, or judged
    PRIMARY KEY (detection_id, run_id)
) STRICT, WITHOUT ROWID;

-- What has judged the pairs of a task.
CREATE TABLE detector (
    detector_id  INTEGER PRIMARY KEY,
    detection_id INTEGER NOT NULL REFERENCES detection ON DELETE CASCADE,
    name         TEXT NOT NULL,     -- 'volume' ..., that of a model and its score, or of a file
    model_id     INTEGER REFERENCES model ON DELETE CASCADE, -- NULL: none is behind it
    options      TEXT NOT NULL CHECK (json_valid(options)), -- command, SHA-256 of a file
    UNIQUE (detection_id, name)
) STRICT;

-- How suspicious a detector finds a pair of nodes.
CREATE TABLE score (
    detector_id INTEGER NOT NULL REFERENCES detector ON DELETE CASCADE,
    run_id      INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
    src         INTEGER NOT NULL,   -- node that sends
    dst         INTEGER NOT NULL,   -- node that it sends to
    window      INTEGER NOT NULL,   -- from window * detection.window s on; -1: the whole run
    score       REAL NOT NULL,      -- higher is more suspicious; of one detector comparable
    PRIMARY KEY (detector_id, run_id, src, dst, window)
) STRICT, WITHOUT ROWID;

-- How well a detector's scores tell the pairs that collaborate from the others.
CREATE TABLE measure (
    detector_id INTEGER NOT NULL REFERENCES detector ON DELETE CASCADE,
    unit        TEXT NOT NULL CHECK (unit IN ('run', 'window')), -- what was judged
    name        TEXT NOT NULL,      -- 'roc_auc' ...: see experiments/README.md
    value       REAL,               -- NULL: not defined for these scores
    ci_low      REAL,               -- 95 % interval, bootstrapped over whole simulations; NULL: none
    ci_high     REAL,
    PRIMARY KEY (detector_id, unit, name)
) STRICT, WITHOUT ROWID;
