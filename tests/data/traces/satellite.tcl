# One small satellite run.  Usage: ns satellite.tcl ?key value ...?
#
#   orbit    geo: two terminals under a GEO satellite
#            repeater: the same by a bent pipe
#            polar: four satellites in one plane, with handoff
#   ll       LL/Sat | LL/Sat/HDLC          link layer
#   wired    1: a wired host behind the first terminal (geo)
#   traffic  any of tcp cbr sctp cmt, with commas
#            (cmt is SCTP with non-renegable SACKs, for which SatTrace has no letter)
#   header   tcp | sctp: show that header on every line
#   error    share of packets lost at the second terminal
#   fmt      old | tagged,  event 1 for eventtrace-all,  mac Mac/Sat | Mac/Sat/UnslottedAloha
array set O {
    orbit geo ll LL/Sat wired 0 traffic tcp,cbr header {} error 0 stop 20 seed 1 out out.tr
    fmt old event 0 mac Mac/Sat repeat 1 limit 50
}
foreach {key value} $argv {
    if {![info exists O($key)]} { error "unknown option '$key'" }
    set O($key) $value
}
ns-random $O(seed)
Trace set show_tcphdr_ [expr {$O(header) eq "tcp"}]
Trace set show_sctphdr_ [expr {$O(header) eq "sctp"}]
HandoffManager/Term set elevation_mask_ 8.2
HandoffManager/Term set term_handoff_int_ 10
LL/Sat/HDLC set window_size_ 20
LL/Sat/HDLC set timeout_ 0.6
LL/Sat/HDLC set selRepeat_ $O(repeat)

set ns [new Simulator]
if {$O(fmt) eq "tagged"} { $ns use-taggedtrace }
set out [open $O(out) w]
$ns trace-all $out
if {$O(event)} { $ns eventtrace-all }
set hdlc [string match *HDLC $O(ll)]           ;# HDLC asks for routes before it looks at them
$ns rtproto [expr {$hdlc ? "Static" : "Dummy"}]
$ns node-config -satNodeType $O(orbit) -llType $O(ll) -ifqType Queue/DropTail -ifqLen $O(limit) \
    -macType $O(mac) -phyType Phy/Sat -channelType Channel/Sat -downlinkBW 2Mb \
    -wiredRouting [expr {$O(wired) || $hdlc ? "ON" : "OFF"}]
switch $O(orbit) {
    geo { set sat [$ns node]; $sat set-position -95 }
    repeater {
        $ns node-config -satNodeType geo-repeater -phyType Phy/Repeater
        set sat [$ns node]
        $sat set-position -95
        $ns node-config -phyType Phy/Sat
    }
    polar {
        for {set i 0} {$i < 11} {incr i} {
            set plane($i) [$ns node]
            $plane($i) set-position 780 90 0 [expr {32.73 * $i}] 1
        }
        for {set i 0} {$i < 11} {incr i} { $plane($i) set_next $plane([expr {($i + 10) % 11}]) }
        set sat $plane(0)
    }
    default { error "unknown orbit '$O(orbit)'" }
}
$ns node-config -satNodeType terminal
set kind [expr {$O(orbit) eq "polar" ? "polar" : "geo"}]
foreach {i latitude longitude} [expr {$kind eq "geo" ? {0 42.3 -71.1 1 37.9 -122.3} : {0 0 10 1 10 -10}}] {
    set terminal($i) [$ns node]
    $terminal($i) set-position $latitude $longitude
    $terminal($i) add-gsl $kind $O(ll) Queue/DropTail $O(limit) $O(mac) 2Mb Phy/Sat \
        [$sat set downlink_] [$sat set uplink_]
}
if {$O(orbit) eq "polar"} {
    for {set i 0} {$i < 11} {incr i} {
        $ns add-isl intraplane $plane($i) $plane([expr {($i + 1) % 11}]) 25Mb Queue/DropTail $O(limit)
    }
}
if {$O(error)} {
    set model [new ErrorModel]
    $model unit pkt
    $model set rate_ $O(error)
    $model ranvar [new RandomVariable/Uniform]
    $terminal(1) interface-errormodel $model
}
set host $terminal(0)
if {$O(wired)} {
    $ns unset satNodeType_
    set host [$ns node]
    $ns duplex-link $host $terminal(0) 1Mb 10ms DropTail
}
$ns trace-all-satlinks $out

set fid 0
foreach kind [split $O(traffic) ,] {
    switch $kind {
        tcp  { set from [new Agent/TCP]; set to [new Agent/TCPSink]; set app [new Application/FTP] }
        sctp { set from [new Agent/SCTP]; set to [new Agent/SCTP]; set app [new Application/FTP] }
        cmt  {
            set from [new Agent/SCTP/CMT]
            set to [new Agent/SCTP/CMT]
            set app [new Application/FTP]
            foreach agent [list $from $to] { $agent set useNonRenegSacks_ 1 }
        }
        cbr  {
            set from [new Agent/UDP]
            set to [new Agent/Null]
            set app [new Application/Traffic/CBR]
            $app set interval_ 0.5
        }
        default { error "unknown traffic '$kind'" }
    }
    $from set fid_ [incr fid]
    $ns attach-agent $host $from
    $ns attach-agent $terminal(1) $to
    $ns connect $from $to
    $app attach-agent $from
    $ns at [expr {0.5 + 0.1 * $fid}] [list $app start]
}
[new SatRouteObject] compute_routes
$ns at $O(stop) { $ns flush-trace; close $out; exit 0 }
$ns run
