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

# Builds all flows, those that never send too, in the order of their numbers; but the hidden one, an
# upload with another receiver, is only a sink, behind that of the flow that it replaces.
# Results: dict from flow number to {source agent sink}
proc ::scn::emit::build_flows {ns plan nodes} {
    set flows {}
    foreach flow [concat [dict get $plan flows] [dict get $plan silent]] {
        dict set flows [dict get $flow flow] $flow
    }
    set hidden [dict get $plan hidden_channel flow]
    set built {}
    foreach number [lsort -integer [dict keys [dict remove $flows $hidden]]] {
        set flow [dict get $flows $number]
        lassign [build_udp_source $ns $plan $nodes $flow] source agent
        dict set built $number [list $source $agent [build_sink $ns $nodes $flow]]
        if {$number == [dict get $plan hidden_channel replaces]} {
            dict set built $hidden \
                [list $source $agent [build_sink $ns $nodes [dict get $flows $hidden]]]
        }
    }
    return $built
}

# Results: list of traffic source and agent
proc ::scn::emit::build_udp_source {ns plan nodes flow} {
    set parameters [dict get $plan parameters]
    set size [dict get $parameters packet_size]
    set agent [new Agent/UDP]
    $agent set fid_ [dict get $flow flow]
    $agent set packetSize_ $size
    $ns attach-agent [dict get $nodes [dict get $flow src]] $agent
    expect "port" [$agent set agent_port_] [dict get $flow sport]

    set source [new Application/Traffic/CBR]
    $source set packetSize_ $size
    $source set rate_ [dict get $parameters rate]
    $source attach-agent $agent
    return [list $source $agent]
}

proc ::scn::emit::build_sink {ns nodes flow} {
    set sink [new Agent/Null]
    $ns attach-agent [dict get $nodes [dict get $flow dst]] $sink
    expect "port" [$sink set agent_port_] [dict get $flow dport]
    return $sink
}

# The hidden flow begins by connecting the agent of the flow that it replaces to the other sink; the
# source goes on in its own time, unless it has not begun.
proc ::scn::emit::schedule {ns plan built} {
    set begun {}
    foreach flow [dict get $plan flows] {
        lassign [dict get $built [dict get $flow flow]] source agent sink
        set commands [list [list $ns connect $agent $sink]]
        if {$source ni $begun} {
            lappend commands [list $source start]
            lappend begun $source
        }
        $ns at [dict get $flow start] [join $commands \n]
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
