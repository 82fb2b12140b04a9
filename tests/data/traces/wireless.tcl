# One small wireless run.  Usage: ns wireless.tcl ?key value ...?
# Lists are given with commas: ns breaks arguments at blanks.
#
#   fmt      old | new | tagged           trace format
#   rt       AODV DSDV DSR TORA AOMDV MDART PUMA FLOODING DumbAgent ...
#   mac      Mac/802_11 | Mac/Simple | Mac/SMAC | Mac/802_11Ext | ...
#   traffic  any of tcp fulltcp sctp cmt cbr udp exp pareto ping telnet pbc bcast
#            (cmt is SCTP with non-renegable SACKs, for which CMUTrace has no letter)
#   energy   joules each node starts with ("" for no energy model)
#   move     1 for moving nodes
#   trace    the levels switched on: agent router mac phy movement eot tora
#   event    1 for eventtrace-all
#   set      class variables, as Mac/Simple:fullduplex_mode_=1
#   annotate text of an annotation at half time (underscores become blanks)
#   n, stop, seed, gap (metres between neighbours), rate, ifqlen, out
array set O {
    fmt old rt AODV mac Mac/802_11 traffic tcp,cbr energy {} move 0 event 0
    trace agent,router,mac n 6 stop 10 seed 1 gap 200 rate 64kb ifqlen 50
    out out.tr error 0 annotate {} set {} nam {}
}
foreach {key value} $argv {
    if {![info exists O($key)]} { error "unknown option '$key'" }
    set O($key) $value
}
foreach name {traffic trace set} { set O($name) [split $O($name) ,] }
foreach word $O(set) {
    if {![regexp {^(.*):(.*)=(.*)$} $word -> class name value]} { error "not class:name=value: '$word'" }
    $class set $name $value
}

proc onoff {level} { expr {$level in $::O(trace) ? "ON" : "OFF"} }

ns-random $O(seed)
set ns [new Simulator]
switch $O(fmt) {
    new    { $ns use-newtrace }
    tagged { $ns use-taggedtrace }
}
set out [open $O(out) w]
$ns trace-all $out
if {$O(event)} { $ns eventtrace-all }
if {$O(nam) ne ""} { $ns namtrace-all-wireless [open $O(nam) w] 4000 1000 }

Agent/TORA instproc port-dmux dmux {}   ;# node-config calls it, the class lacks it
if {"tora" in $O(trace)} {
    # The toraDebug option sets a variable of the simulator, but it is a node's that is read.
    Node/MobileNode instproc add-target-rtagent {agent port} \
        "\$self set toraDebug_ ON\n[Node/MobileNode info instbody add-target-rtagent]"
}

set topo [new Topography]
$topo load_flatgrid 4000 1000
create-god $O(n)
if {$O(error)} {
    proc losses {} {
        set model [new ErrorModel]
        $model set rate_ $::O(error)
        $model unit pkt
        return $model
    }
    $ns node-config -IncomingErrProc losses
}
set phy [expr {$O(mac) eq "Mac/802_11Ext" ? "Phy/WirelessPhyExt" : "Phy/WirelessPhy"}]
set queue [expr {$O(rt) eq "DSR" ? "CMUPriQueue" : "Queue/DropTail/PriQueue"}]
$ns node-config -adhocRouting $O(rt) -llType LL -macType $O(mac) \
    -ifqType $queue -ifqLen $O(ifqlen) -antType Antenna/OmniAntenna \
    -propType Propagation/TwoRayGround -phyType $phy \
    -channel [new Channel/WirelessChannel] -topoInstance $topo \
    -agentTrace [onoff agent] -routerTrace [onoff router] -macTrace [onoff mac] \
    -phyTrace [onoff phy] -movementTrace [onoff movement] -eotTrace [onoff eot]
if {$O(energy) ne ""} {
    $ns node-config -energyModel EnergyModel -initialEnergy $O(energy) \
        -rxPower 0.3 -txPower 0.6 -idlePower 0.1
}
for {set i 0} {$i < $O(n)} {incr i} {
    set node($i) [$ns node $i]
    $node($i) random-motion 0
    $node($i) set X_ [expr {50.0 + $O(gap) * $i}]
    $node($i) set Y_ 300.0
    $node($i) set Z_ 0.0
    if {$O(move) && $i % 2} {
        $ns at 2.0 [list $node($i) setdest [expr {60.0 + $O(gap) * ($O(n) - $i)}] 400.0 40.0]
    }
}

# A flow of one kind from node a to node b; its number is its flow id.
proc flow {kind a b fid start} {
    set ns $::ns
    switch $kind {
        tcp - telnet { set from [new Agent/TCP/Newreno]; set to [new Agent/TCPSink] }
        fulltcp      { set from [new Agent/TCP/FullTcp]; set to [new Agent/TCP/FullTcp] }
        sctp         { set from [new Agent/SCTP]; set to [new Agent/SCTP] }
        cmt          {
            set from [new Agent/SCTP/CMT]
            set to [new Agent/SCTP/CMT]
            foreach agent [list $from $to] { $agent set useNonRenegSacks_ 1 }
        }
        ping         { set from [new Agent/Ping]; set to [new Agent/Ping] }
        pbc          { set from [new Agent/PBC]; set to [new Agent/PBC] }
        default      { set from [new Agent/UDP]; set to [new Agent/Null] }
    }
    $from set fid_ $fid
    $to set fid_ $fid
    $ns attach-agent $::node($a) $from
    $ns attach-agent $::node($b) $to
    $ns connect $from $to
    switch $kind {
        tcp - fulltcp - sctp - cmt {
            if {$kind eq "fulltcp"} { $to listen }
            set app [new Application/FTP]
            $app attach-agent $from
            $ns at $start [list $app start]
        }
        telnet {
            set app [new Application/Telnet]
            $app set interval_ 0.1
            $app attach-agent $from
            $ns at $start [list $app start]
        }
        cbr - exp - pareto - bcast {
            set class [dict get {cbr CBR bcast CBR exp Exponential pareto Pareto} $kind]
            set app [new Application/Traffic/$class]
            $app set rate_ $::O(rate)
            $app set packetSize_ 512
            $app attach-agent $from
            if {$kind eq "bcast"} { $from set dst_addr_ -1; $from set dst_port_ 9 }
            $ns at $start [list $app start]
        }
        udp  { for {set t $start} {$t < $::O(stop)} {set t [expr {$t + 0.5}]} { $ns at $t [list $from send 300] } }
        ping { for {set t $start} {$t < $::O(stop)} {set t [expr {$t + 0.5}]} { $ns at $t [list $from send] } }
        pbc {
            $from set payloadSize 200
            $from set periodicBroadcastInterval 0.2
            $from set periodicBroadcastVariance 0.05
            $from set modulationScheme 0
            $from PeriodicBroadcast ON
        }
        default { error "unknown traffic '$kind'" }
    }
}
Agent/Ping instproc recv {from rtt} {}
Classifier/Port instproc no-slot slot {}

set fid 0
foreach kind $O(traffic) {
    flow $kind [expr {$fid % 2}] [expr {$O(n) - 1 - $fid % 3}] $fid [expr {1.0 + 0.1 * $fid}]
    incr fid
}
if {$O(annotate) ne ""} {
    $ns at [expr {$O(stop) / 2.0}] [list $ns trace-annotate [string map {_ " "} $O(annotate)]]
}
for {set i 0} {$i < $O(n)} {incr i} { $ns at $O(stop) [list $node($i) reset] }
$ns at [expr {$O(stop) + 0.01}] { $ns flush-trace; close $out; exit 0 }
$ns run
