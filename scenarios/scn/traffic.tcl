# Who uploads what to whom, and when: the honest flows of a run.
#
# What drives a flow is its member `source`, a dict (emit_traffic.tcl, emit_tcp.tcl and
# emit_http.tcl build them). Sizes are bytes, times seconds, rates bit/s; seed is that of a
# generator of its own.
#   kind cbr      packet_size rate
#   kind poisson  packet_size rate seed               packets at random, at that rate in the mean
#   kind onoff    packet_size rate on off seed        cbr while on; exponential times of these means
#   kind tcp      upload size interval                finite: `size` every `interval`; or endless
#   kind http     request response sizes think thinks exchanges pause seed

namespace eval ::scn::traffic {}

::scn::options::declare traffic {
    traffic {choice {} udp {oneof udp tcp http mixed}
        "transport of the flows; mixed: drawn for each"}
    profile {choice {} none {oneof none thermometer meter tracker wearable lock microphone camera
        gauge mixed}
        "what devices are, which says what they send; none: the options below do; mixed: drawn for\
        each"}
    rate {bandwidth bit/s 1Mb {range 1kb 54Mb}
        "each flow's"
        {{traffic udp mixed} {profile none}}}
    packet_size {integer byte 1500 {range 1 2284}
        "payload of one packet, of application and agent alike"
        {{traffic udp mixed} {profile none}}}
    pattern {choice {} cbr {oneof cbr poisson onoff}
        "packets in even time, at random, or even in bursts"
        {{traffic udp mixed} {profile none}}}
    on_time {number s 0.5 {range 0.001 3600}
        "mean length of a burst"
        {{traffic udp mixed} {profile none} {pattern onoff}}}
    off_time {number s 0.5 {range 0.001 3600}
        "mean length of a silence"
        {{traffic udp mixed} {profile none} {pattern onoff}}}
    upload {choice {} finite {oneof finite endless}
        "a piece at a time, or without end, which starves some in a crowded network"
        {{traffic tcp mixed}}}
    upload_size {integer byte 40000 {range 1 100000000}
        "one piece"
        {{traffic tcp mixed} {profile none} {upload finite}}}
    upload_interval {number s 1 {range 0.01 3600}
        "from one piece to the next"
        {{traffic tcp mixed} {profile none} {upload finite}}}
    request_size {integer byte 5000 {range 2 10000000}
        "mean of what a device posts"
        {{traffic http mixed} {profile none}}}
    response_size {integer byte 500 {range 2 10000000}
        "mean of what it gets back"
        {{traffic http mixed} {profile none}}}
    sizes {choice {} exponential {oneof constant exponential pareto}
        "distribution of sizes (pareto: shape 1.5); none is over ten times the mean"
        {{traffic http mixed}}}
    think_time {number s 0.2 {range 0.001 3600}
        "mean time from a response to the next request"
        {{traffic http mixed} {profile none}}}
    think_times {choice {} exponential {oneof constant exponential pareto}
        "distribution of think times"
        {{traffic http mixed}}}
    exchanges {integer {} 6 {range 1 1000000}
        "requests that one connection serves"
        {{traffic http mixed}}}
    session_pause {number s 0.5 {range 0.001 3600}
        "from the end of a connection to the next, besides the think time"
        {{traffic http mixed}}}
}

# Adds the flows to the plan. They begin at random in the first tenth of a second.
proc ::scn::traffic::add {plan scenario} {
    set stream [::scn::plan::stream $plan traffic]
    set protocols [::scn::plan::stream $plan protocol]
    dict set plan flows {}
    foreach upload [::scn::uploads::of $plan $scenario] {
        # A whole number of microseconds in [0, 0.1) s, exact in six decimals.
        set start [expr {[::scn::random::below stream 100000] / 1e6}]
        add_upload plan protocols $upload $start
        reserve plan $scenario [lindex $upload 0]
    }
    return [::scn::extra_uploads::add $plan $scenario]
}

# Adds a flow of the run's traffic, {device server}, that sends from start, s, to the end.
proc ::scn::traffic::add_upload {planVar protocolsVar upload start} {
    upvar 1 $planVar plan $protocolsVar protocols
    lassign $upload src dst
    ::scn::plan::add_flow plan [dict create src $src \
        sport [::scn::plan::take_port plan $src] dst $dst \
        dport [::scn::plan::take_port plan $dst] intended_dst $dst \
        periods [list [list $start [::scn::plan::value $plan duration]]] \
        {*}[kind_of $plan protocols $src]]
}

# Errors: SCN USAGE when it would be more packets than any radio could send, and ns run for hours
proc ::scn::traffic::require_possible {what rate size} {
    ::scn::options::require {$rate / (8.0 * $size) <= 20000} \
        "$what: $rate bit/s in packets of $size bytes are more than 20000 packets a second"
}

# What a flow of the run's traffic is: members proto, profile and source. A device has one profile,
# whatever it sends.
proc ::scn::traffic::kind_of {plan protocolsVar device} {
    upvar 1 $protocolsVar protocols
    set proto [::scn::plan::value $plan traffic]
    if {$proto eq "mixed"} {
        set proto [lindex {udp tcp http} [::scn::random::below protocols 3]]
    }
    ::scn::options::require {$proto ne "http" || [dict get $plan routing] ne "DSDV"} \
        "option 'traffic': http is not possible with routing DSDV: ns's two-way TCP takes the 20\
         bytes that DSDV adds to a packet for data, and stalls"
    set profile [::scn::plan::value $plan profile]
    if {$profile eq "mixed"} {
        set stream [::scn::plan::stream $plan "profile $device"]
        set profile [::scn::profiles::draw stream]
    }
    if {$profile eq "none"} {
        if {$proto eq "udp"} {
            require_possible "option 'rate'" [::scn::plan::value $plan rate] \
                [::scn::plan::value $plan packet_size]
        }
        return [dict create proto $proto source [source_of $plan $proto]]
    }
    return [dict create proto $proto profile $profile \
        source [source_of $plan $proto [::scn::profiles::options $profile]]]
}

# What drives a flow: as the options say, or as the profile says instead.
proc ::scn::traffic::source_of {plan proto {instead {}}} {
    # A generator of its own for each flow, whatever becomes of the others.
    set stream [::scn::plan::stream $plan "source [llength [dict get $plan flows]]"]
    set seed [::scn::random::ns_seed stream]
    set values [dict merge [dict remove [dict get $plan values] seed] $instead]
    dict with values {
        switch $proto {
            udp {
                return [dict create kind $pattern packet_size $packet_size rate $rate \
                    on $on_time off $off_time seed $seed]
            }
            tcp {
                return [dict create kind tcp upload $upload size $upload_size \
                    interval $upload_interval]
            }
            http {
                return [dict create kind http request $request_size response $response_size \
                    sizes $sizes think $think_time thinks $think_times exchanges $exchanges \
                    pause $session_pause seed $seed]
            }
        }
    }
}

# The scenario's own colluding pair has its port on the accomplice kept free behind that of the
# upload that it replaces, the device's first, in both twins: so that in the paper's scenario no
# port number occurs under attack that does not occur without.
proc ::scn::traffic::reserve {planVar scenario src} {
    upvar 1 $planVar plan
    if {[dict exists $scenario collusion] && [dict get $plan reserved] eq ""} {
        lassign [dict get $scenario collusion] device accomplice
        if {$src == $device} {
            dict set plan reserved [::scn::plan::take_port plan $accomplice]
        }
    }
}

# A flow with another receiver that takes turns with the one whose members it has: UDP goes on in
# its own rhythm, from the same agent, which then sends elsewhere. Connections cannot: they get
# agents of their own.
# Results: members for ::scn::plan::add_flow
proc ::scn::traffic::share {members planVar} {
    upvar 1 $planVar plan
    if {[dict get $members proto] eq "udp"} {
        return [dict remove $members flow]
    }
    dict set members sport [::scn::plan::take_common_port plan [dict get $members src] sport]
    return [dict remove $members flow shares]
}
