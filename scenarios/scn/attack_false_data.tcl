# false-data: compromised devices send false readings to their own servers, beside the true ones, in
# a duty cycle. ns-2 packets have no content: false is what the label says.

namespace eval ::scn::attack::false_data {}

::scn::attack::declare false-data {
    doc "devices send false readings to their own servers, in a duty cycle"
    prefix false
    routing {AODV DSDV DSR static}
    who {devices 1 "devices that lie, drawn"}
    options {
        false_rate {bandwidth bit/s 400kb {range 1kb 54Mb}
            "while lying; over TCP and HTTP a device lies as it uploads"
            {{traffic udp mixed}}}
        false_size {integer byte 500 {range 1 2284}
            "of one packet"
            {{traffic udp mixed}}}
        false_cycle {number s 1 {range 0.01 3600}
            "length of a cycle"
            {{false_duty !1}}}
        false_duty {number {} 0.3 {range 0.01 1}
            "share of each cycle in which it lies"}
    }
}

# Results: list of plan and attack
proc ::scn::attack::false_data::add {plan scenario attack} {
    set stream [::scn::attack::stream $plan $attack]
    set devices [::scn::attack::choose $plan stream false_nodes \
        [::scn::attack::parameter $attack false_count] \
        [::scn::attack::with_role $plan device] "devices"]
    ::scn::attack::require_few $attack [expr {[llength $devices] * ceil(
        ([dict get $attack stop] - [dict get $attack start])
        / [::scn::attack::parameter $attack false_cycle])}] "cycles"
    foreach device $devices {
        set server [lindex [::scn::attack::exfiltration::servers $plan $device] 0]
        ::scn::attack::add_upload plan attack $device $server \
            [periods $attack [::scn::attack::window $attack stream]] \
            [::scn::attack::parameter $attack false_size] \
            [::scn::attack::parameter $attack false_rate]
        ::scn::attack::add_node attack $device attacker
        ::scn::attack::add_node attack $server victim
    }
    return [list $plan $attack]
}

# When a device lies: the first share of each cycle.
proc ::scn::attack::false_data::periods {attack window} {
    lassign $window from to
    set cycle [::scn::attack::parameter $attack false_cycle]
    set duty [::scn::attack::parameter $attack false_duty]
    if {$duty == 1} {
        return [list $window]
    }
    set periods {}
    for {set i 0} {$from + $i * $cycle < $to} {incr i} {
        set begin [expr {round(($from + $i * $cycle) * 1e6) / 1e6}]
        set end [expr {round(($from + ($i + $duty) * $cycle) * 1e6) / 1e6}]
        if {$begin < $to && $begin < $end} {
            lappend periods [list $begin [tcl::mathfunc::min $to $end]]
        }
    }
    return $periods
}
