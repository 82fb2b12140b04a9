# wormhole: each end's AODV has a second radio below it. Broadcasts go over both, what is for the
# other end goes through the tunnel; what comes out of it is as if a neighbour had sent it.

namespace eval ::scn::attack::wormhole {
    # Offset of the next hop in the common header of ns-2.35 on 64 bits.
    variable nextHop 60
}

proc ::scn::attack::wormhole::build {context attack} {
    foreach tunnel [dict get $attack build] {
        set channel [::scn::emit::radio::channel]
        foreach id [dict get $tunnel members] peer [lreverse [dict get $tunnel members]] \
            mac [dict get $tunnel macs] {
            set radio [::scn::emit::radio::build $context $id $mac $channel \
                [dict get $tunnel power]]
            build_end $context $attack $id $peer [dict get $radio link]
        }
    }
}

proc ::scn::attack::wormhole::build_end {context attack id peer tunnel} {
    variable nextHop
    set node [dict get $context nodes $id]
    set null [[dict get $context ns] nullagent]
    # What sends: the router, or what traces what it sends.
    set sender [$node set ragent_]
    if {[::scn::emit::radio::traces $context RTR]} {
        set sender [$sender target]
    }
    set outside [$sender target]
    set unicast [::scn::emit::filter [expr {[PacketHeader/Common offset] + $nextHop}] \
        [[dict get $context nodes $peer] node-addr] $tunnel $outside]
    set inside [::scn::emit::filter [::scn::emit::attacks::ip_offset dst] -1 \
        [::scn::emit::attacks::replicator $tunnel $outside] $unicast]
    $sender target [::scn::emit::attacks::gate $context $attack $outside $inside]
    # After the stop, what is still under way in the tunnel is nobody's.
    $tunnel up-target [::scn::emit::attacks::gate $context $attack $null [$node entry]]
}
