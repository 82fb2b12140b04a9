# Uploads over TCP: Newreno with a window of 8 segments of at most 1460 bytes, to a sink with
# delayed acknowledgements.

namespace eval ::scn::emit::traffic {}

# Class Scn/Upload: bytes for a TCP agent, `size` every `interval` seconds, or without end.
Class Scn/Upload

Scn/Upload instproc init {ns agent from} {
    $self instvar ns_ ftp_ from_ round_
    set ns_ $ns
    set from_ $from
    # Counts starts and stops: what was scheduled before the last of them is void.
    set round_ 0
    set ftp_ [new Application/FTP]
    $ftp_ attach-agent $agent
}

Scn/Upload instproc start {} {
    $self instvar ftp_ from_ round_
    incr round_
    if {[dict get $from_ upload] eq "endless"} {
        $ftp_ start
    } else {
        $self piece $round_
    }
}

# What has been handed to TCP is still delivered.
Scn/Upload instproc stop {} {
    $self instvar ftp_ from_ round_
    incr round_
    if {[dict get $from_ upload] eq "endless"} {
        $ftp_ stop
    }
}

Scn/Upload instproc piece {round} {
    $self instvar ns_ ftp_ from_ round_
    if {$round != $round_} {
        return
    }
    $ftp_ send [dict get $from_ size]
    $ns_ at [expr {[$ns_ now] + [dict get $from_ interval]}] [list $self piece $round]
}

proc ::scn::emit::traffic::build_tcp {context flow} {
    set agent [new Agent/TCP/Newreno]
    set sink [new Agent/TCPSink/DelAck]
    # All segments of an agent have one size.
    set from [dict get $flow source]
    $agent set packetSize_ [expr {[dict get $from upload] eq "endless" ? 1460
        : min(1460, [dict get $from size])}]
    $agent set window_ 8
    foreach {object end port} [list $agent src sport $sink dst dport] {
        $object set fid_ [dict get $flow fid]
        ::scn::emit::attach $context [dict get $flow $end] $object [dict get $flow $port]
    }
    return [dict create agent $agent sink $sink \
        source [new Scn/Upload [dict get $context ns] $agent $from]]
}
