# A plan as a running simulation. Only this file and hidden.tcl talk to ns.

namespace eval ::scn::emit {
    # Bytes handed to each output channel so far: see `count`.
    variable written {}
}

# Builds everything in the plan, runs it and exits: 0 done, 4 an output file could not be written.
# Arguments: plan   dict from ::scn::plan::make
#            files  dict: --trace FILE; optional --nam FILE, and --hidden-trace FILE, which takes
#                   what the hidden stack traces instead of the trace (for tests of attack labels)
proc ::scn::emit::simulate {plan files} {
    set outputs [dict map {switch file} $files {open_output $file}]
    set parameters [dict get $plan parameters]
    ns-random [dict get $plan ns_seed]
    set ns [new Simulator]
    if {[dict get $parameters format] eq "new"} {
        $ns use-newtrace
    }
    $ns trace-all [dict get $outputs --trace]
    if {[dict exists $outputs --nam]} {
        $ns namtrace-all-wireless [dict get $outputs --nam] {*}[dict get $plan area]
    }
    configure_nodes $ns $plan
    set nodes [build_nodes $ns $plan]
    if {[dict exists $outputs --nam]} {
        dict for {id node} $nodes {
            $ns initial_node_pos $node 30
        }
    }
    set flows [build_flows $ns $plan $nodes]
    set hiddenTrace [expr {[dict exists $outputs --hidden-trace]
        ? [dict get $outputs --hidden-trace] : [dict get $outputs --trace]}]
    ::scn::hidden::build $ns $plan $nodes $hiddenTrace
    schedule $ns $plan $flows
    # What was drawn while building is forgotten: the simulation depends on the plan alone.
    ns-random [dict get $plan ns_seed]
    $ns at [dict get $parameters duration] [list ::scn::emit::finish $ns $outputs $files]
    $ns run
}

proc ::scn::emit::configure_nodes {ns plan} {
    set parameters [dict get $plan parameters]
    set levels [dict get $parameters levels]
    Mac/802_11 set dataRate_ [dict get $parameters data_rate]
    set topography [new Topography]
    $topography load_flatgrid {*}[dict get $plan area]
    create-god [llength [dict get $plan nodes]]
    $ns node-config -adhocRouting AODV -llType LL -macType Mac/802_11 \
        -ifqType Queue/DropTail/PriQueue -ifqLen 50 -antType Antenna/OmniAntenna \
        -propType Propagation/TwoRayGround -phyType Phy/WirelessPhy \
        -channel [new Channel/WirelessChannel] -topoInstance $topography \
        -agentTrace [on_off AGT $levels] -routerTrace [on_off RTR $levels] \
        -macTrace [on_off MAC $levels] -movementTrace OFF
}

proc ::scn::emit::on_off {level levels} {
    return [expr {$level in $levels ? "ON" : "OFF"}]
}

# Results: dict from node number to ns node
proc ::scn::emit::build_nodes {ns plan} {
    set nodes {}
    foreach node [dict get $plan nodes] {
        set object [$ns node]
        $object random-motion 0
        $object set X_ [expr {double([dict get $node x])}]
        $object set Y_ [expr {double([dict get $node y])}]
        $object set Z_ 0.0
        expect "node" [$object id] [dict get $node node]
        dict set nodes [dict get $node node] $object
    }
    foreach interface [dict get $plan interfaces] {
        if {![dict get $interface hidden]} {
            set object [dict get $nodes [dict get $interface node]]
            expect "MAC number" [[$object getMac 0] id] [dict get $interface mac]
        }
    }
    return $nodes
}

# Builds all flows, those that never send too, in the order of their numbers.
# Results: dict from flow number to traffic source
proc ::scn::emit::build_flows {ns plan nodes} {
    set flows [concat [dict get $plan flows] [dict get $plan silent]]
    set sources {}
    foreach flow [lsort -command {apply {{a b} {
        expr {[dict get $a flow] - [dict get $b flow]}
    }}} $flows] {
        dict set sources [dict get $flow flow] [build_udp_flow $ns $plan $nodes $flow]
    }
    return $sources
}

# A flow that attacks carries the flow id of the one it replaces: an id that exists under attack
# only would give it away.
proc ::scn::emit::build_udp_flow {ns plan nodes flow} {
    set parameters [dict get $plan parameters]
    set size [dict get $parameters packet_size]
    set agent [new Agent/UDP]
    $agent set fid_ [expr {[dict get $flow attack]
        ? [dict get $plan hidden_channel replaces] : [dict get $flow flow]}]
    $agent set packetSize_ $size
    $ns attach-agent [dict get $nodes [dict get $flow src]] $agent
    set sink [new Agent/Null]
    $ns attach-agent [dict get $nodes [dict get $flow dst]] $sink
    $ns connect $agent $sink
    expect "port" [$agent set agent_port_] [dict get $flow sport]
    expect "port" [$sink set agent_port_] [dict get $flow dport]

    set source [new Application/Traffic/CBR]
    $source set packetSize_ $size
    $source set rate_ [dict get $parameters rate]
    $source attach-agent $agent
    return $source
}

proc ::scn::emit::schedule {ns plan sources} {
    set duration [dict get $plan parameters duration]
    foreach flow [dict get $plan flows] {
        set source [dict get $sources [dict get $flow flow]]
        $ns at [dict get $flow start] [list $source start]
        if {[dict get $flow stop] < $duration} {
            $ns at [dict get $flow stop] [list $source stop]
        }
    }
}

# The plan says what ns will do; where ns does not, the labels would be wrong.
proc ::scn::emit::expect {what got planned} {
    if {$got != $planned} {
        error "ns made $what $got where the plan has $planned"
    }
}

proc ::scn::emit::open_output {file} {
    if {[catch {open $file w} channel]} {
        return -code error -errorcode {SCN OUTPUT} $channel
    }
    fconfigure $channel -translation binary
    chan push $channel [list ::scn::emit::count $file]
    return $channel
}

# ns does not look at whether its writes succeed, and Tcl forgets an error once a later write is
# fine. A channel transformation that changes nothing counts what should have been written.
proc ::scn::emit::count {file operation handle args} {
    variable written
    switch $operation {
        initialize {
            dict set written $file 0
            return {initialize finalize write flush}
        }
        write {
            lassign $args bytes
            dict incr written $file [string length $bytes]
            return $bytes
        }
    }
    return ""
}

# Results: why not all of the file is written, or ""
proc ::scn::emit::close_output {channel file} {
    variable written
    try {
        flush $channel
        chan pop $channel
        close $channel
    } on error {message options} {
        return [lindex [dict get $options -errorcode] end]
    }
    set expected [dict get $written $file]
    if {[file isfile $file] && [file size $file] != $expected} {
        return "[file size $file] of $expected bytes are there"
    }
    return ""
}

proc ::scn::emit::finish {ns outputs files} {
    $ns flush-trace
    set status 0
    dict for {switch channel} $outputs {
        set file [dict get $files $switch]
        set failure [close_output $channel $file]
        if {$failure ne ""} {
            puts stderr "couldn't write \"$file\": $failure"
            set status 4
        }
    }
    exit $status
}
