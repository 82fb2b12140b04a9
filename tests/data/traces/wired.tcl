# One small wired run.  Usage: ns wired.tcl ?key value ...?  (lists with commas)
#
#   fmt      old | tagged
#   traffic  any of tcp fulltcp sctp cbr exp pareto ping telnet ecn rap tfrc srm
#   header   tcp | sctp: show that header on every line
#   hier     1 for three levels of addresses
#   lan      1: the middle link is a LAN, 2: with MAC traces
#   queue    DropTail | RED, limit: its length
#   mcast    1 for a dense-mode group, down: 1 to cut the middle link for a while
#   event    1 for eventtrace-all
#   var      tracer: variables by Trace/Var, agent: by the TCP agent itself
#   error    share of packets lost on the middle link
#   annotate 1 for annotations
#   ops      1: early drops of RED as e, and trace objects for E, D, m and c in the path of the
#            first cbr flow (ns itself puts E and D into nam files, m behind RED/PD only)
array set O {
    fmt old traffic tcp,cbr header {} hier 0 lan 0 queue DropTail limit 10 mcast 0 down 0
    event 0 var 0 error 0 annotate 0 ops 0 stop 5 seed 1 out out.tr nam {} monitor {}
}
foreach {key value} $argv {
    if {![info exists O($key)]} { error "unknown option '$key'" }
    set O($key) $value
}
ns-random $O(seed)
Trace set show_tcphdr_ [expr {$O(header) eq "tcp"}]
Trace set show_sctphdr_ [expr {$O(header) eq "sctp"}]

set ns [expr {$O(mcast) ? [new Simulator -multicast on] : [new Simulator]}]
if {$O(fmt) eq "tagged"} { $ns use-taggedtrace }
set out [open $O(out) w]
$ns trace-all $out
if {$O(nam) ne ""} { set namfile [open $O(nam) w]; $ns namtrace-all $namfile }
if {$O(event)} { $ns eventtrace-all }
if {$O(down)} { $ns rtproto DV }

# Four hosts 0 1 4 5 on two routers 2 3.  Only three levels of addresses work in ns.
if {$O(hier)} {
    $ns set-address-format hierarchical
    AddrParams set domain_num_ 2
    AddrParams set cluster_num_ {2 2}
    AddrParams set nodes_num_ {4 4 4 4}
}
set addresses {0.0.1 0.0.2 0.0.0 1.1.0 1.1.1 1.1.2}
for {set i 0} {$i < 6} {incr i} {
    set node($i) [expr {!$O(hier) ? [$ns node] : [$ns node [lindex $addresses $i]]}]
}
foreach i {0 1} { $ns duplex-link $node($i) $node(2) 2Mb 5ms DropTail }
foreach i {4 5} { $ns duplex-link $node($i) $node(3) 2Mb 5ms DropTail }
if {$O(lan)} {
    set trace [expr {$O(lan) == 2 ? {-trace on} : {}}]
    $ns make-lan {*}$trace [list $node(2) $node(3)] 500kb 5ms LL Queue/DropTail Mac/Csma/Cd Channel
} else {
    $ns duplex-link $node(2) $node(3) 500kb 20ms $O(queue)
    $ns queue-limit $node(2) $node(3) $O(limit)
    if {$O(ops)} {
        set red [[$ns link $node(2) $node(3)] queue]
        $red early-drop-target [$ns nullagent]
        set tracer [$ns create-trace EDrop $out $node(2) $node(3)]
        $tracer target [$red edrop-trace]
        $red edrop-trace $tracer
    }
    if {$O(monitor) ne ""} { 
        $ns monitor-queue $node(2) $node(3) [open $O(monitor) w] 0.1
        $ns at 0.0 [list [$ns link $node(2) $node(3)] queue-sample-timeout]
    }
    if {$O(error)} {
        set model [new ErrorModel]
        $model set rate_ $O(error)
        $model unit pkt
        $model drop-target [new Agent/Null]
        $ns lossmodel $model $node(2) $node(3)
        if {$O(event)} {
            set states [list [new RandomVariable/Exponential] [new RandomVariable/Exponential]]
            foreach v $states { $v set avg_ 0.3 }
            set two [new ErrorModel/TwoState [lindex $states 0] [lindex $states 1] time]
            $two drop-target [new Agent/Null]
            $ns lossmodel $two $node(3) $node(5)
        }
    }
}
if {$O(mcast)} { $ns mrtproto DM {} }
if {$O(down)} {
    $ns rtmodel-at 2.0 down $node(2) $node(3)
    $ns rtmodel-at 3.0 up $node(2) $node(3)
}

proc flow {kind a b fid start} {
    set ns $::ns
    switch $kind {
        tcp - telnet { set from [new Agent/TCP/Newreno]; set to [new Agent/TCPSink] }
        ecn     { set from [new Agent/TCP/Reno]; set to [new Agent/TCPSink]; $from set ecn_ 1 }
        fulltcp { set from [new Agent/TCP/FullTcp]; set to [new Agent/TCP/FullTcp] }
        sctp    { set from [new Agent/SCTP]; set to [new Agent/SCTP] }
        ping    { set from [new Agent/Ping]; set to [new Agent/Ping] }
        rap     { set from [new Agent/RAP]; set to [new Agent/RAP] }
        tfrc    { set from [new Agent/TFRC]; set to [new Agent/TFRCSink] }
        default { set from [new Agent/UDP]; set to [new Agent/Null] }
    }
    $from set fid_ $fid
    $to set fid_ $fid
    $ns attach-agent $::node($a) $from
    $ns attach-agent $::node($b) $to
    $ns connect $from $to
    switch $kind {
        tcp - ecn - fulltcp - sctp {
            if {$kind eq "fulltcp"} { $to listen }
            if {$::O(var) eq "tracer" && $kind eq "tcp"} {
                set tracer [new Trace/Var]
                $tracer tagged [expr {$::O(fmt) eq "tagged"}]
                $tracer attach $::out
                foreach name {cwnd_ ssthresh_ t_seqno_ rtt_} { $from tracevar $name $tracer }
            }
            if {$::O(var) eq "agent" && $kind eq "tcp"} {
                $from attach $::out
                $from tracevar cwnd_
            }
            set app [new Application/FTP]
        }
        telnet { set app [new Application/Telnet]; $app set interval_ 0.1 }
        cbr - exp - pareto {
            set app [new Application/Traffic/[dict get {cbr CBR exp Exponential pareto Pareto} $kind]]
            $app set rate_ 200kb
            $app set packetSize_ 210
            if {$::O(ops)} {
                set next [$from target]
                foreach type {Collision MEDrop SessDeque SessEnque} {
                    set tracer [$ns create-trace $type $::out $::node($a) $::node($b)]
                    $tracer target $next
                    set next $tracer
                }
                $from target $next
            }
        }
        ping { for {set t $start} {$t < $::O(stop)} {set t [expr {$t + 0.5}]} { $ns at $t [list $from send] }; return }
        rap - tfrc { $ns at $start [list $from start]; return }
        default { error "unknown traffic '$kind'" }
    }
    $app attach-agent $from
    $ns at $start [list $app start]
}
Agent/Ping instproc recv {from rtt} {}

if {$O(mcast)} {
    set group [Node allocaddr]
    set source [new Agent/UDP]
    $source set dst_addr_ $group
    $source set dst_port_ 0
    $ns attach-agent $node(0) $source
    set app [new Application/Traffic/CBR]
    $app attach-agent $source
    $app set rate_ 100kb
    $ns at 0.2 [list $app start]
    foreach i {4 5} {
        set receiver($i) [new Agent/LossMonitor]
        $ns attach-agent $node($i) $receiver($i)
        $ns at 0.$i [list $node($i) join-group $receiver($i) $group]
        $ns at 3.$i [list $node($i) leave-group $receiver($i) $group]
    }
}
set fid 0
foreach kind [split $O(traffic) ,] {
    flow $kind [expr {$fid % 2}] [expr {4 + $fid / 2 % 2}] [incr fid] [expr {0.1 * $fid}]
}
if {$O(annotate)} {
    $ns at 1.0 [list $ns trace-annotate "first packets are on their way"]
    $ns at 2.0 [list $ns trace-annotate "+ 2 0 2 tcp 40 ------- 1 0.0 4.0 0 0"]
    $ns at 3.0 [list $ns trace-annotate "quotes \" and \[brackets\] and {braces}"]
    $ns at 4.0 [list $ns trace-annotate ""]
}
$ns at $O(stop) { $ns flush-trace; close $out; if {[info exists namfile]} { close $namfile }; exit 0 }
$ns run
