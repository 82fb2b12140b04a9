# scan: one agent whose destination changes from probe to probe. There is no agent at the other end.

namespace eval ::scn::attack::scan {}

# What comes to a closed port is discarded in silence; ns would stop.
Classifier/Port instproc no-slot slot {}

proc ::scn::attack::scan::build {context attack} {
    set ns [dict get $context ns]
    foreach bot [dict get $attack build] {
        if {![llength [dict get $bot flows]]} continue
        set plan [dict get $context plan]
        set first [::scn::plan::flow $plan [lindex [dict get $bot flows] 0]]
        set agent [new Agent/UDP]
        $agent set fid_ [dict get $first fid]
        $agent set packetSize_ [dict get $first source packet_size]
        ::scn::emit::attach $context [dict get $bot node] $agent [dict get $first sport]
        # An agent's own packets would be of type udp, which no honest flow's are.
        set source [new Application/Traffic/CBR]
        $source set packetSize_ [dict get $first source packet_size]
        $source attach-agent $agent
        foreach number [dict get $bot flows] {
            set flow [::scn::plan::flow $plan $number]
            # As a number: ns prints hierarchical addresses in parts.
            set address [::scn::plan::address $plan [dict get $flow dst]]
            $ns at [lindex [dict get $flow periods] 0 0] \
                [list ::scn::attack::scan::probe $agent $source $address [dict get $flow dport]]
        }
    }
}

# Sends one packet: a source sends the first at once.
proc ::scn::attack::scan::probe {agent source address port} {
    $agent set dst_addr_ $address
    $agent set dst_port_ $port
    $source start
    $source stop
}
