# HTTP: requests and responses over TCP (TcpApp over FullTcp, data both ways), several exchanges on
# a connection, then a new one.

namespace eval ::scn::emit::traffic {}

# Class Scn/Exchange: a device that posts to a server, thinks about the response, and posts again.
Class Scn/Exchange

Scn/Exchange instproc init {ns client server from} {
    $self instvar ns_ client_ server_ device_ service_ from_ stream_ on_ busy_ left_ open_
    set ns_ $ns
    set client_ $client
    set server_ $server
    set from_ $from
    set stream_ [::scn::random::stream [dict get $from seed] exchanges]
    set on_ 0
    set busy_ 0
    set left_ [dict get $from exchanges]
    # Ends of the connection that have not closed yet, once the device has begun to close it.
    set open_ {}
    set device_ [new Application/TcpApp $client]
    set service_ [new Application/TcpApp $server]
    $device_ connect $service_
    $client proc done {} [list $self closed client]
    $server proc done {} [list $self closed server]
    $server listen
}

Scn/Exchange instproc start {} {
    $self instvar on_ busy_
    set on_ 1
    if {!$busy_} {
        $self request
    }
}

# An exchange that has begun is finished.
Scn/Exchange instproc stop {} {
    $self set on_ 0
}

Scn/Exchange instproc request {} {
    $self instvar device_ from_ on_ busy_ left_
    set busy_ $on_
    if {!$on_} {
        return
    }
    incr left_ -1
    set size [$self draw_size request]
    $device_ send $size [list $self respond [$self draw_size response]]
}

Scn/Exchange instproc respond {size} {
    $self instvar service_
    $service_ send $size [list $self done]
}

Scn/Exchange instproc done {} {
    $self instvar client_ left_ open_ pause_
    set pause_ [$self draw think thinks]
    if {$left_ > 0} {
        $self request_after $pause_
        return
    }
    set open_ {client server}
    $client_ close
}

# The device has closed, and the server with it: each end says so when TCP is through with it, after
# retransmissions if need be. The next request opens a connection between the same ports: FullTcp
# does so by itself when it is closed and gets bytes to send; the server has to listen again.
# Neither may be hurried: bytes for an agent that is still closing are lost, and the exchange with
# them.
Scn/Exchange instproc closed {end} {
    $self instvar ns_ server_ from_ left_ open_ pause_
    if {$end ni $open_} {
        return
    }
    set open_ [lsearch -all -inline -not -exact $open_ $end]
    if {$end eq "server"} {
        # Not from within the agent, which resets itself after it has said so.
        $ns_ at [$ns_ now] [list $server_ listen]
    }
    if {![llength $open_]} {
        set left_ [dict get $from_ exchanges]
        $self request_after [expr {$pause_ + [dict get $from_ pause]}]
    }
}

Scn/Exchange instproc request_after {time} {
    $self instvar ns_
    $ns_ at [expr {[$ns_ now] + $time}] [list $self request]
}

# Bytes, at least 2: FullTcp keeps a single byte until there are more, for ever.
Scn/Exchange instproc draw_size {what} {
    return [expr {max(2, round([$self draw $what sizes]))}]
}

# A draw of the size or time `what`, by the distribution `how`; at most ten times the mean.
Scn/Exchange instproc draw {what how} {
    $self instvar from_ stream_
    set mean [dict get $from_ $what]
    # In (0, 1].
    set u [expr {([::scn::random::next stream_] % 1000000 + 1) / 1e6}]
    switch [dict get $from_ $how] {
        constant    {set value $mean}
        exponential {set value [expr {-$mean * log($u)}]}
        pareto      {set value [expr {$mean / 3.0 / $u ** (1 / 1.5)}]}
    }
    return [expr {min($value, 10.0 * $mean)}]
}

proc ::scn::emit::traffic::build_http {context flow} {
    set client [new Agent/TCP/FullTcp]
    set server [new Agent/TCP/FullTcp]
    foreach {object end port} [list $client src sport $server dst dport] {
        $object set fid_ [dict get $flow fid]
        $object set segsize_ 1460
        $object set window_ 8
        ::scn::emit::attach $context [dict get $flow $end] $object [dict get $flow $port]
    }
    return [dict create agent $client sink $server \
        source [new Scn/Exchange [dict get $context ns] $client $server [dict get $flow source]]]
}
