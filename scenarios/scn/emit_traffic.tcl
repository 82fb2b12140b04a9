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
            dict set built $number [build_[dict get $flow source kind] $context $flow]
        } else {
            dict set built $number [dict replace [dict get $built $shares] \
                sink [build_sink $context $flow]]
        }
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

# Each kind of source has a builder. What it is given: the flow. Results: dict {source agent sink}.
proc ::scn::emit::traffic::build_cbr {context flow} {
    set source [new Application/Traffic/CBR]
    $source set rate_ [dict get $flow source rate]
    return [build_udp $context $flow $source]
}

# ns's exponential source with bursts of no length: a packet each, at random.
proc ::scn::emit::traffic::build_poisson {context flow} {
    set from [dict get $flow source]
    set mean [expr {8.0 * [dict get $from packet_size] / [dict get $from rate]}]
    return [build_udp $context $flow [build_exponential $from 0 $mean 1e12]]
}

proc ::scn::emit::traffic::build_onoff {context flow} {
    set from [dict get $flow source]
    return [build_udp $context $flow [build_exponential $from [dict get $from on] \
        [dict get $from off] [dict get $from rate]]]
}

# Its random numbers are its own: the default generator of ns is everybody's.
proc ::scn::emit::traffic::build_exponential {from on off rate} {
    set source [new Application/Traffic/Exponential]
    $source set burst_time_ $on
    $source set idle_time_ $off
    $source set rate_ $rate
    set generator [new RNG]
    $generator seed [dict get $from seed]
    $source use-rng $generator
    return $source
}

proc ::scn::emit::traffic::build_udp {context flow source} {
    set size [dict get $flow source packet_size]
    set agent [new Agent/UDP]
    $agent set fid_ [dict get $flow fid]
    $agent set packetSize_ $size
    ::scn::emit::attach $context [dict get $flow src] $agent [dict get $flow sport]
    $source set packetSize_ $size
    $source attach-agent $agent
    return [dict create source $source agent $agent sink [build_sink $context $flow]]
}

proc ::scn::emit::traffic::build_sink {context flow} {
    set sink [new Agent/Null]
    ::scn::emit::attach $context [dict get $flow dst] $sink [dict get $flow dport]
    return $sink
}

# Each period of a flow begins by connecting its agent to its sink, and by starting its source
# unless another flow that shares it has just handed over; it ends by stopping the source, unless
# another takes over then.
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
