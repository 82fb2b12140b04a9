# Who uploads what to whom, and when: the honest flows of a run.
#
# What drives a flow is its member `source`, a dict:
#   kind cbr, packet_size (bytes), rate (bit/s)

namespace eval ::scn::traffic {}

::scn::options::declare traffic {
    traffic {choice {} udp {oneof udp}
        "transport of all flows"}
    rate {bandwidth bit/s 1Mb {range 1kb 54Mb}
        "each flow's"}
    packet_size {integer byte 1500 {range 1 2284}
        "payload of one packet, of application and agent alike"}
}

# Adds the flows to the plan. They begin at random in the first tenth of a second.
proc ::scn::traffic::add {plan scenario} {
    set stream [::scn::plan::stream $plan traffic]
    set duration [::scn::plan::value $plan duration]
    dict set plan flows {}
    foreach upload [::scn::uploads::of $plan $scenario] {
        lassign $upload src dst
        # A whole number of microseconds in [0, 0.1) s, exact in six decimals.
        set start [expr {[::scn::random::below stream 100000] / 1e6}]
        set flow [::scn::plan::add_flow plan [dict create src $src \
            sport [::scn::plan::take_port plan $src] dst $dst \
            dport [::scn::plan::take_port plan $dst] intended_dst $dst \
            periods [list [list $start $duration]] source [source_of $plan]]]
        reserve plan $scenario $src
    }
    return [::scn::extra_uploads::add $plan $scenario]
}

# What drives a flow of the run's traffic.
proc ::scn::traffic::source_of {plan} {
    return [dict create kind cbr packet_size [::scn::plan::value $plan packet_size] \
        rate [::scn::plan::value $plan rate]]
}

# The scenario's own colluding pair has its port on the accomplice kept free behind that of the upload
# that it replaces, the device's first, in both twins: so that in the paper's scenario no port number
# occurs under attack that does not occur without.
proc ::scn::traffic::reserve {planVar scenario src} {
    upvar 1 $planVar plan
    if {[dict exists $scenario collusion] && [dict get $plan reserved] eq ""} {
        lassign [dict get $scenario collusion] device accomplice
        if {$src == $device} {
            dict set plan reserved [::scn::plan::take_port plan $accomplice]
        }
    }
}

# A flow with another receiver that takes turns with the one whose members it has: UDP goes on in its
# own rhythm, from the same agent, which then sends elsewhere. Connections cannot: they get agents of
# their own.
# Results: members for ::scn::plan::add_flow
proc ::scn::traffic::share {members planVar} {
    upvar 1 $planVar plan
    if {[dict get $members proto] eq "udp"} {
        return [dict remove $members flow]
    }
    dict set members sport [::scn::plan::take_common_port plan [dict get $members src] sport]
    return [dict remove $members flow shares]
}
