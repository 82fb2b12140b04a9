# One small wired-cum-wireless run: two wired hosts, a base station, mobile nodes,
# hierarchical addresses.  Usage: ns mixed.tcl ?key value ...?
#
#   fmt      old | new | tagged
#   rt       DSDV | DumbAgent ...
#   traffic  any of tcp cbr ping, with commas
#   mip      1 for mobile IP: a home and a foreign agent, the node moves between them
array set O { fmt old rt DSDV traffic tcp,cbr mip 0 stop 20 seed 1 out out.tr mac ON }
foreach {key value} $argv {
    if {![info exists O($key)]} { error "unknown option '$key'" }
    set O($key) $value
}
ns-random $O(seed)
set ns [new Simulator]
$ns node-config -addressType hierarchical
AddrParams set domain_num_ 3
AddrParams set cluster_num_ {2 1 1}
AddrParams set nodes_num_ {1 1 4 4}
switch $O(fmt) {
    new    { $ns use-newtrace }
    tagged { $ns use-taggedtrace }
}
set out [open $O(out) w]
$ns trace-all $out
set topo [new Topography]
$topo load_flatgrid 1000 1000
create-god 8
set host(0) [$ns node 0.0.0]
set host(1) [$ns node 0.1.0]
$ns node-config -mobileIP [expr {$O(mip) ? "ON" : "OFF"}] -adhocRouting $O(rt) -llType LL \
    -macType Mac/802_11 -ifqType Queue/DropTail/PriQueue -ifqLen 50 \
    -antType Antenna/OmniAntenna -propType Propagation/TwoRayGround -phyType Phy/WirelessPhy \
    -channel [new Channel/WirelessChannel] -topoInstance $topo -wiredRouting ON \
    -agentTrace ON -routerTrace ON -macTrace $O(mac) -movementTrace ON

proc place {node x y} {
    $node random-motion 0
    $node set X_ $x
    $node set Y_ $y
    $node set Z_ 0.0
}
foreach {i x} {1 200.0 2 700.0} {
    set base($i) [$ns node $i.0.0]
    place $base($i) $x 300.0
}
$ns node-config -wiredRouting OFF
foreach {name x y} {1.0.1 150.0 350.0 1.0.2 250.0 350.0 2.0.1 650.0 350.0} {
    set mobile($name) [$ns node $name]
    place $mobile($name) $x $y
    set home $base([string index $name 0])
    if {$O(mip)} {
        [$mobile($name) set regagent_] set home_agent_ [AddrParams addr2id [$home node-addr]]
    } else {
        $mobile($name) base-station [AddrParams addr2id [$home node-addr]]
    }
}
$ns at 4.0 [list $mobile(1.0.2) setdest 650.0 310.0 [expr {$O(mip) ? 40.0 : 2.0}]]
$ns duplex-link $host(0) $host(1) 5Mb 2ms DropTail
$ns duplex-link $host(1) $base(1) 5Mb 2ms DropTail
$ns duplex-link $host(1) $base(2) 5Mb 2ms DropTail
set fid 0
foreach kind [split $O(traffic) ,] {
    switch $kind {
        tcp  { set from [new Agent/TCP]; set to [new Agent/TCPSink]; set app [new Application/FTP] }
        cbr  { set from [new Agent/UDP]; set to [new Agent/Null]; set app [new Application/Traffic/CBR] }
        ping { set from [new Agent/Ping]; set to [new Agent/Ping] }
        default { error "unknown traffic '$kind'" }
    }
    $from set fid_ [incr fid]
    $ns attach-agent [expr {$fid % 2 ? $host(0) : $mobile(1.0.1)}] $from
    $ns attach-agent [expr {$fid % 2 ? $mobile(1.0.2) : $mobile(2.0.1)}] $to
    $ns connect $from $to
    set start [expr {$O(rt) eq "DSDV" ? 10.0 + 0.1 * $fid : 1.0}]
    if {$kind eq "ping"} {
        for {set t $start} {$t < $O(stop)} {set t [expr {$t + 0.5}]} { $ns at $t [list $from send] }
    } else {
        if {$kind eq "cbr"} { $app set rate_ 50kb }
        $app attach-agent $from
        $ns at $start [list $app start]
    }
}
Agent/Ping instproc recv {from rtt} {}
foreach name [array names mobile] { $ns at $O(stop) [list $mobile($name) reset] }
$ns at [expr {$O(stop) + 0.01}] { $ns flush-trace; close $out; exit 0 }
$ns run
