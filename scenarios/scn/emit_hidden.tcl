# hidden-channel: a second radio with everything that a node's own has above it (MAC, queue, link
# layer, ARP, AODV) on each of a pair, on a channel that no other node shares. Its packets are
# routed, counted, sized and traced like all others.

# Each pair has a channel. From the attack's start on, what one of them sends to the other goes over
# it.
proc ::scn::attack::hidden_channel::build {context attack} {
    foreach pair [dict get $attack build] {
        set channel [::scn::emit::radio::channel]
        foreach id [dict get $pair members] peer [lreverse [dict get $pair members]] \
            mac [dict get $pair macs] {
            set radio [::scn::emit::radio::build $context $id $mac $channel [dict get $pair power]]
            set entry [::scn::emit::radio::build_router $context $id $radio]
            [dict get $context ns] at [dict get $attack start] \
                [list [[dict get $context nodes $id] entry] install $peer $entry]
        }
    }
}
