# What the builders of attacks share. An attack without a builder is in its flows alone.

namespace eval ::scn::emit::attacks {}

# Builds all attacks of the run.
proc ::scn::emit::attacks::build {context} {
    foreach attack [dict get $context plan attacks] {
        set namespace ::scn::attack::[string map {- _} [dict get $attack attack]]
        if {[llength [info commands ${namespace}::build]]} {
            ${namespace}::build $context $attack
        }
    }
}

# Puts a gate into a path: closed, it hands on to `outside`; from the attack's start to its stop to
# `inside`. Attacks on one path nest.
# Results: the gate, which receives packets
proc ::scn::emit::attacks::gate {context attack outside inside} {
    set ns [dict get $context ns]
    # Both ways out of the filter are the same one.
    set gate [new Filter/Field]
    $gate drop-target [$ns nullagent]
    turn $gate $outside
    $ns at [dict get $attack start] [list ::scn::emit::attacks::turn $gate $inside]
    at_stop $context $attack [list ::scn::emit::attacks::turn $gate $outside]
    return $gate
}

proc ::scn::emit::attacks::turn {gate to} {
    $gate target $to
    $gate filter-target $to
}

# Has a command run when the attack stops, unless the run does.
proc ::scn::emit::attacks::at_stop {context attack command} {
    if {[dict get $attack stop] < [::scn::plan::value [dict get $context plan] duration]} {
        [dict get $context ns] at [dict get $attack stop] $command
    }
}

# Hands each packet on to all; a MAC, which changes what it gets, comes last.
proc ::scn::emit::attacks::replicator {args} {
    set replicator [new Classifier/Replicator]
    foreach target $args {
        $replicator installNext $target
    }
    return $replicator
}

# Offset of a field in the IP header of ns-2.35 on 64 bits, which knows no names for them.
proc ::scn::emit::attacks::ip_offset {field} {
    return [expr {[PacketHeader/IP offset] + [dict get {src 0 dst 8 fid 20} $field]}]
}

# Trace on the attacker's own log, or nothing when its level is off.
proc ::scn::emit::attacks::log {context id kind level target} {
    if {![::scn::emit::radio::traces $context $level]} {
        return $target
    }
    set tracer [::scn::emit::radio::tracer $context $id $kind $level]
    $tracer target $target
    return $tracer
}

# Uniform random numbers from 0 to 1 that nothing else draws from.
proc ::scn::emit::attacks::uniform {seed} {
    set generator [new RNG]
    $generator seed $seed
    set variable [new RandomVariable/Uniform]
    $variable use-rng $generator
    $variable set min_ 0
    $variable set max_ 1
    return $variable
}
