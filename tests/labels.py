#!/usr/bin/env python3
"""Recomputes the labels of a run from what its attacks do, and compares with the matchers of its plan.

usage: labels.py PLAN TRACE [HIDDEN]   plan: what --plan prints; trace: old format; hidden: --hidden-trace

Two answers are given for each line, from different evidence:
- the matchers in attacks[].labels, read as tracegen/manifest.h says;
- the truth: that attackers run ports, radios and logs of their own is in the plan's nodes, flows and
  interfaces; what they drop, forge and replay is found in the trace by itself (a data packet that ends at
  a relay without a reason, a reply of whom it does not come from, a frame of another's radio).
Says how many lines each attack has and, on failure, the first that differ; exit 1 then. With HIDDEN, its
lines and those covered by covert matchers must be the same.
"""
import json
import re
import sys

LINE = re.compile(r'^([srfD]) (\d+\.\d+) _(\d+)_ (\w+) +(\S+) (\d+) (\S+) (\d+) (.*)$')
MAC = re.compile(r'^\[(\w+) (\w+) (\w+) (\w+)\]')
ENDS = re.compile(r'------- \[(-?\d+):(\d+) (-?\d+):(\d+) (\d+) (\d+)\]')
ARP = re.compile(r'------- \[(REQUEST|REPLY) (\d+)/(\d+) (\d+)/(\d+)\]')
REQUEST = re.compile(r'\[0x2 \d+ \d+ \[(\d+) \d+\] \[(\d+) \d+\]\] \(REQUEST\)')
REPLY = re.compile(r'\[0x4 \d+ \[(\d+) \d+\] [\d.]+\] \(REPLY\)')
# What a wire traces: addresses of three levels, and the port.
WIRED = re.compile(r'^([-+rd]) ([\d.]+) (\d+) (\d+) (\S+) \d+ \S+ \d+ ([\d.]+) ([\d.]+) -?\d+ (\d+)$')


def parse_wired(line):
    """A line of a wire as a dict, or None when it is none."""
    found = WIRED.match(line)
    if not found:
        return None
    op, time, sender, receiver, ptype, src, dst, uid = found.groups()
    event = {'op': op, 'time': float(time), 'node': int(receiver if op == 'r' else sender),
             'uid': uid, 'ptype': ptype, 'macs': set(), 'unexplained': False, 'layer': None}
    for end, port, text in [('src', 'sport', src), ('dst', 'dport', dst)]:
        domain, cluster, number, event[port] = (int(x) for x in text.split('.'))
        event[end] = domain << 22 | cluster << 11 | number
    return event


def parse(line, numbers):
    """A trace line as a dict, with nodes by number, or None when it is none."""
    event = parse_wireless(line) or parse_wired(line)
    for end in ('src', 'dst'):
        if event and end in event:
            event[end] = numbers.get(event[end], event[end])
    return event


def parse_wireless(line):
    """A line of a wireless node as a dict, or None when it is none."""
    found = LINE.match(line)
    if not found:
        return None
    op, time, node, layer, reason, uid, ptype, size, rest = found.groups()
    event = {'op': op.lower(), 'time': float(time), 'node': int(node), 'layer': layer, 'uid': uid,
             'ptype': ptype, 'unexplained': reason == '---', 'macs': set()}
    mac = MAC.match(rest)
    if layer == 'MAC' and mac:
        event['mac_dst'], event['mac_src'] = (int(x, 16) for x in mac.groups()[1:3])
        # On CTS and ACK there is no source.
        event['has_src'] = ptype not in ('CTS', 'ACK')
        event['macs'] = {event['mac_dst']} | ({event['mac_src']} if event['has_src'] else set())
    elif mac and mac.group(2) + mac.group(3) != '00':
        event['macs'] = {int(x, 16) for x in mac.groups()[1:3]}
    arp = ARP.search(rest)
    if arp:
        event['macs'] |= {int(arp.group(2)), int(arp.group(4))}
    ends = ENDS.search(rest)
    if ends and not arp:
        event['src'], event['sport'], event['dst'], event['dport'] = (
            int(x) for x in ends.groups()[:4])
    request, reply = REQUEST.search(rest), REPLY.search(rest)
    if request:
        event['sought'], event['seeker'] = int(request.group(1)), int(request.group(2))
    if reply:
        event['sought'], event['seeker'] = int(reply.group(1)), event.get('dst')
        event['reply'] = True
    return event


def holds(matcher, event, plan, flows, owners):
    """Whether all of a matcher's keys hold."""
    for key, want in matcher.items():
        if key == 'covert':
            continue
        if key == 'flow':
            flow = flows[want]
            ends = [event.get(x) for x in ('src', 'sport', 'dst', 'dport')]
            there = [flow['src'], flow['sport'], flow['dst'], flow['dport']]
            good = ends in (there, there[2:] + there[:2])
        elif key == 'mac':
            good = want in event['macs']
        elif key == 'foreign':
            good = 'src' in event and event['src'] != event['node']
        elif key == 'foreign_mac':
            good = bool(event.get('has_src')) and owners.get(event['mac_src']) != event['node']
        elif key == 'between':
            good = {event.get('sought'), event.get('seeker')} == set(want)
        elif key == 'seeking_nobody':
            good = event.get('seeker') == want and not event.get('reply') \
                and event['sought'] not in plan
        else:
            good = event.get(key) == want
        if not good:
            return False
    return True


class Truth:
    """What belongs to an attack, from what it does."""

    def __init__(self, plan, attack):
        self.name = attack['attack']
        self.start = attack['start']
        self.who = {x['node'] for x in attack['nodes'] if x['role'] == 'attacker'}
        self.all = {x['node'] for x in attack['nodes']}
        self.nodes = {x['node'] for x in plan['nodes']}
        self.owners = {x['mac']: x['node'] for x in plan['interfaces']}
        self.hidden = {x['mac'] for x in plan['interfaces'] if x['hidden']}
        self.honest = {(f['src'], f['sport'], f['dst'], f['dport'])
                       for f in plan['flows'] if not f['attack']}
        self.parameters = attack['parameters']
        self.honest_pairs = {x[::2] for x in self.honest} | {x[2::-2] for x in self.honest}
        self.attack_pairs = {(f['src'], f['dst']) for f in plan['flows'] if f['attack']}

    def has(self, event):
        """Whether the event is of this attack."""
        if event['time'] < self.start:
            return False
        return getattr(self, self.name.replace('-', '_'))(event)

    def own_data(self, event):
        """Data between an attacker and anybody that no honest flow accounts for."""
        if event.get('ptype') in ('AODV', 'ARP', 'DSR', 'message') or event.get('dst', -1) < 0:
            return False
        ends = (event['src'], event['sport'], event['dst'], event['dport'])
        return ends not in self.honest and ends[2:] + ends[:2] not in self.honest \
            and not self.who.isdisjoint(ends[::2])

    def way(self, event):
        """What AODV says about an attacker's way to a node to which it has nothing honest to say."""
        pair = (event.get('seeker'), event.get('sought'))
        return pair[0] in self.who and pair in self.attack_pairs and pair not in self.honest_pairs

    def undecided(self, event):
        """A relay that repairs the way to an attacker asks in its own name, for whomever."""
        pair = (event.get('sought'), event.get('seeker'))
        return pair in self.attack_pairs and pair not in self.honest_pairs \
            and pair[1] not in self.who

    def scan(self, event):
        return self.own_data(event) or self.way(event)

    flood_data = exfiltration = false_data = scan

    def flood(self, event):
        if self.parameters['flood_kind'] == 'data':
            return self.flood_data(event)
        return 'seeker' in event and not event.get('reply') and event['seeker'] in self.who \
            and event['sought'] not in self.nodes

    def radio(self, event):
        """Of a radio that only attackers have."""
        return any(mac in self.hidden and self.owners[mac] in self.all for mac in event['macs'])

    jamming = wormhole = radio

    def hidden_channel(self, event):
        pair = {event.get('sought'), event.get('seeker')}
        if event['ptype'] == 'DSR':
            pair = {event['src'], event['dst']}
        return self.radio(event) or self.own_data(event) or \
            (pair <= self.all and len(pair) == 2)

    def blackhole(self, event):
        """Drops and forgeries on its log; requests that the one in whose name they are never makes."""
        if self.parameters[self.name + '_forge'] == 'requests' and 'seeker' in event \
                and not event.get('reply') and event['sought'] not in self.nodes:
            return True
        if event['node'] not in self.who:
            return False
        dropped = event['op'] == 'd' and event['layer'] == 'RTR' and event['unexplained']
        forged = event['ptype'] == 'AODV' and event['layer'] == 'AGT' \
            and event['src'] != event['node']
        return dropped or forged

    grayhole = blackhole

    def replay(self, event):
        """A frame that leaves the attacker and not its own radio."""
        return event['op'] == 's' and event['layer'] == 'MAC' and event['node'] in self.who \
            and bool(event.get('has_src')) and event['mac_src'] not in \
            {mac for mac, node in self.owners.items() if node == event['node']}


def main():
    with open(sys.argv[1], encoding='utf-8') as file:
        plan = json.load(file)
    flows = {x['flow']: x for x in plan['flows']}
    nodes = {x['node'] for x in plan['nodes']}
    owners = {x['mac']: x['node'] for x in plan['interfaces']}
    numbers = {x.get('address', x['node']): x['node'] for x in plan['nodes']}
    truths = [Truth(plan, attack) for attack in plan['attacks']]
    counts = [0] * len(truths)
    wrong = []
    undecided = 0
    for name, covert in [(sys.argv[2], None), *[(x, True) for x in sys.argv[3:]]]:
        with open(name, encoding='ascii') as file:
            for number, line in enumerate(file, 1):
                # Movements, and what DSR notes beside what happens to packets.
                if line[0] in 'MS':
                    continue
                event = parse(line, numbers)
                if event is None:
                    wrong.append(f'{name}:{number}: not understood: {line.strip()}')
                    continue
                labelled = [event['time'] >= truth.start and any(
                    holds(m, event, nodes, flows, owners) for m in attack['labels'])
                            for truth, attack in zip(truths, plan['attacks'])]
                counts = [count + label for count, label in zip(counts, labelled)]
                if any(truth.undecided(event) for truth in truths):
                    undecided += 1
                    continue
                # Whose of several attackers' packets are is not always to be seen from them.
                if any(labelled) != any(truth.has(event) for truth in truths):
                    wrong.append(f'{name}:{number}: labelled {any(labelled)}: {line.strip()}')
                if covert and not any(
                        m.get('covert') and event['time'] >= a['start']
                        and holds(m, event, nodes, flows, owners)
                        for a in plan['attacks'] for m in a['labels']):
                    wrong.append(f'{name}:{number}: not covert: {line.strip()}')
    for truth, count in zip(truths, counts):
        print(truth.name, count)
        if count == 0:
            wrong.append(f'{truth.name}: no line at all')
    for line in wrong[:5]:
        print(line, file=sys.stderr)
    print(f'{len(wrong)} wrong, {undecided} undecided')
    return 1 if wrong or not truths else 0


if __name__ == '__main__':
    sys.exit(main())
