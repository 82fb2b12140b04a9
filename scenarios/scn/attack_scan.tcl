# scan: bots probe every node at several ports, once and one probe after the other. Ports that
# agents have are left out: what such an agent would make of a probe is not what a closed port does.

namespace eval ::scn::attack::scan {}

::scn::attack::declare scan {
    doc "each bot probes every node once at each of some closed ports; it ends with the last probe"
    prefix scan
    routing {AODV DSDV DSR static}
    who {bots 1 "nodes that scan, drawn"}
    options {
        scan_ports {set {} 23,80,2323 {oneof 21 22 23 25 80 443 502 1883 2323 5683 8080}
            "ports of each node that are probed"}
        scan_interval {number s 0.05 {range 0.001 3600}
            "from probe to probe"}
        scan_size {integer byte 40 {range 1 2284}
            "of a probe"}
    }
}

# Results: list of plan and attack
proc ::scn::attack::scan::add {plan scenario attack} {
    set stream [::scn::attack::stream $plan $attack]
    set bots [::scn::attack::choose $plan stream scan_nodes \
        [::scn::attack::parameter $attack scan_count] \
        [::scn::attack::with_role $plan device server relay] "nodes that can scan"]
    ::scn::attack::require_few $attack [expr {[llength $bots] * min(
        [llength [dict get $plan nodes]] * [llength [::scn::attack::parameter $attack scan_ports]],
        ceil(([dict get $attack stop] - [dict get $attack start])
            / [::scn::attack::parameter $attack scan_interval]))}] "probes"
    foreach bot $bots {
        set probes [probes $plan $attack $bot stream]
        set flows {}
        set sport [::scn::plan::take_common_port plan $bot sport]
        foreach probe $probes {
            lappend flows [add_probe plan attack $bot $sport {*}$probe \
                [expr {[llength $flows] ? [lindex $flows 0] : ""}]]
        }
        ::scn::attack::add_ways $plan attack $bot \
            [lsort -integer -unique [lmap probe $probes {lindex $probe 0}]]
        ::scn::attack::add_node attack $bot attacker
        dict lappend attack build [dict create node $bot flows $flows]
    }
    dict set attack stop [last_probe $plan $attack]
    return [list $plan $attack]
}

proc ::scn::attack::scan::last_probe {plan attack} {
    set last [dict get $attack start]
    foreach bot [dict get $attack build] {
        foreach flow [lrange [dict get $bot flows] end end] {
            set last [tcl::mathfunc::max $last [lindex [dict get [::scn::plan::flow $plan $flow] \
                periods] 0 1]]
        }
    }
    return $last
}

# Whom a bot probes, at which port and when, as far as there is time: all ports of one node, then
# those of the next, in random order.
proc ::scn::attack::scan::probes {plan attack bot streamVar} {
    upvar 1 $streamVar stream
    set nodes [::scn::attack::others [lmap node [dict get $plan nodes] {dict get $node node}] $bot]
    lassign [::scn::attack::window $attack stream] at stop
    set probes {}
    set i 0
    foreach node [::scn::plan::draw stream [llength $nodes] $nodes ""] {
        foreach port [::scn::attack::parameter $attack scan_ports] {
            if {[dict exists $plan ports $node] && $port in [dict get $plan ports $node]} continue
            set time [expr {$at + $i * [::scn::attack::parameter $attack scan_interval]}]
            set time [expr {round($time * 1e6) / 1e6}]
            if {$time >= $stop} {
                return $probes
            }
            lappend probes [list $node $port $time]
            incr i
        }
    }
    return $probes
}

# A flow of one packet, for which a microsecond is enough. It is sent by the agent of the bot's
# first probe.
# Results: its number
proc ::scn::attack::scan::add_probe {planVar attackVar bot sport node port time first} {
    upvar 1 $planVar plan $attackVar attack
    set end [tcl::mathfunc::min [expr {round($time * 1e6 + 1) / 1e6}] [dict get $attack stop]]
    set members [dict create src $bot sport $sport dst $node dport $port attack 1 \
        periods [list [list $time $end]] \
        source [dict create kind probe packet_size [::scn::attack::parameter $attack scan_size]]]
    if {$first ne ""} {
        dict set members shares $first
        dict set members fid $first
    }
    set number [::scn::plan::add_flow plan $members]
    ::scn::attack::add_label attack flow $number
    return $number
}
