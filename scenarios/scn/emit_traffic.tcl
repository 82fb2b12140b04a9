# Flows as agents and traffic sources.
#
# A built flow is a dict: source, agent, sink. `source` understands start and stop; flows that share
# one have the same.

namespace eval ::scn::emit::traffic {}

# Builds all flows, those that never send too, in the order of their numbers.
# Results: dict from flow number to built flow
proc ::scn::emit::traffic::build {context} {
    set built {}
    foreach flow [flows $context] {
        set number [dict get $flow flow]
        set shares [dict get $flow shares]
        if {$shares == $number} {
            lassign [build_[dict get $flow source kind] $context $flow] source agent
        } else {
            set source [dict get $built $shares source]
            set agent [dict get $built $shares agent]
        }
        dict set built $number \
            [dict create source $source agent $agent sink [build_sink $context $flow]]
    }
    return $built
}

# Flows, but for probes, which are in the hands of attack scan.
proc ::scn::emit::traffic::flows {context} {
    return [lmap flow [dict get $context plan flows] {
        if {[dict get $flow source kind] eq "probe"} continue
        set flow
    }]
}

# Results: list of traffic source and agent
proc ::scn::emit::traffic::build_cbr {context flow} {
    set from [dict get $flow source]
    set agent [new Agent/UDP]
    $agent set fid_ [dict get $flow fid]
    $agent set packetSize_ [dict get $from packet_size]
    ::scn::emit::attach $context [dict get $flow src] $agent [dict get $flow sport]

    set source [new Application/Traffic/CBR]
    $source set packetSize_ [dict get $from packet_size]
    $source set rate_ [dict get $from rate]
    $source attach-agent $agent
    return [list $source $agent]
}

proc ::scn::emit::traffic::build_sink {context flow} {
    set sink [new Agent/Null]
    ::scn::emit::attach $context [dict get $flow dst] $sink [dict get $flow dport]
    return $sink
}

# Each period of a flow begins by connecting its agent to its sink, and by starting its source unless
# another flow that shares it has just handed over; it ends by stopping the source, unless another
# takes over then.
proc ::scn::emit::traffic::schedule {context built} {
    set ns [dict get $context ns]
    set duration [::scn::plan::value [dict get $context plan] duration]
    set begins {}
    set ends {}
    foreach flow [flows $context] {
        foreach period [dict get $flow periods] {
            dict set begins [list [dict get $flow shares] [lindex $period 0]] 1
            dict set ends [list [dict get $flow shares] [lindex $period 1]] 1
        }
    }
    foreach flow [flows $context] {
        set parts [dict get $built [dict get $flow flow]]
        foreach period [dict get $flow periods] {
            lassign [lmap time $period {list [dict get $flow shares] $time}] begin end
            set commands [list [list $ns connect [dict get $parts agent] [dict get $parts sink]]]
            if {![dict exists $ends $begin]} {
                lappend commands [list [dict get $parts source] start]
            }
            $ns at [lindex $period 0] [join $commands \n]
            if {![dict exists $begins $end] && [lindex $period 1] < $duration} {
                $ns at [lindex $period 1] [list [dict get $parts source] stop]
            }
        }
    }
}
