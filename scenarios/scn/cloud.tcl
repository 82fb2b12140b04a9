# The wired-cloud form: gateways are base stations, and behind them, over wired links and a router,
# are the servers to which devices upload.
#
# Router and servers are the last nodes. Addresses are hierarchical: domain 0 holds a cluster for
# the router and one for each server; each network is a domain of one cluster, with its gateway
# first.

namespace eval ::scn::cloud {}

::scn::options::declare cloud {
    servers {integer nodes 3 {range 1 100}
        "behind the router, by wire"}
    link_bandwidth {bandwidth bit/s 10Mb {range 1kb 10Gb}
        "of each wired link"}
    link_delay {number s 0.005 {range 0 10}
        "of each wired link"}
}

proc ::scn::cloud::is_form {scenario} {
    return [expr {[dict exists $scenario form] && [dict get $scenario form] eq "cloud"}]
}

# Adds addresses, router, servers and links to the plan.
proc ::scn::cloud::add {plan} {
    set domains {}
    dict set plan nodes [lmap node [dict get $plan nodes] {
        set gateway [dict get $node gateway]
        if {![dict exists $domains $gateway]} {
            dict set domains $gateway [list [expr {1 + [dict size $domains]}] 0]
        }
        lassign [dict get $domains $gateway] domain devices
        set number 0
        if {$gateway != [dict get $node node]} {
            set number [incr devices]
            dict set domains $gateway [list $domain $devices]
        }
        dict set node address [address $domain 0 $number]
    }]
    set router [add_wired plan 0 relay]
    foreach gateway [dict keys $domains] {
        add_link plan $router $gateway
    }
    for {set i 1} {$i <= [::scn::plan::value $plan servers]} {incr i} {
        add_link plan $router [add_wired plan $i server]
    }
    return $plan
}

# ns-2.35 has 10, 11 and 11 bits for the three levels of an address.
proc ::scn::cloud::address {domain cluster number} {
    return [expr {$domain << 22 | $cluster << 11 | $number}]
}

# An address as ns wants to hear it.
proc ::scn::cloud::dotted {address} {
    return [expr {$address >> 22}].[expr {$address >> 11 & 2047}].[expr {$address & 2047}]
}

# A wired node has a place in pictures only: below the networks.
proc ::scn::cloud::add_wired {planVar cluster role} {
    upvar 1 $planVar plan
    set id [llength [dict get $plan nodes]]
    lassign [dict get $plan area] width height
    dict lappend plan nodes [dict create node $id \
        x [::scn::topology::millimetres [expr {$cluster
            ? $width * ($cluster - 0.5) / [::scn::plan::value $plan servers] : $width / 2.0}]] \
        y [expr {$cluster ? $height : max($height - 5, 0)}] gateway "" role $role \
        address [address 0 $cluster 0]]
    return $id
}

proc ::scn::cloud::add_link {planVar from to} {
    upvar 1 $planVar plan
    dict lappend plan links [dict create from $from to $to \
        bandwidth [::scn::plan::value $plan link_bandwidth] \
        delay [::scn::plan::value $plan link_delay]]
}

proc ::scn::cloud::is_wired {node} {
    return [expr {[dict get $node gateway] eq ""}]
}

proc ::scn::cloud::servers {plan} {
    return [lmap node [dict get $plan nodes] {
        if {![dict exists $node role] || [dict get $node role] ne "server"} continue
        dict get $node node
    }]
}
