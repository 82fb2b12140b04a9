# What the wired-cloud form has that others have not: hierarchical addresses, wired nodes, links.

namespace eval ::scn::emit::wired {}

# Tells ns how many domains there are, of how many clusters, of how many nodes.
proc ::scn::emit::wired::address_nodes {context} {
    [dict get $context ns] node-config -addressType hierarchical
    set sizes {}
    foreach node [dict get $context plan nodes] {
        lassign [split [::scn::cloud::dotted [dict get $node address]] .] domain cluster
        dict incr sizes $domain 0
        set counts($domain,$cluster) [expr {
            [info exists counts($domain,$cluster)] ? $counts($domain,$cluster) + 1 : 1}]
    }
    set domains [lsort -integer [dict keys $sizes]]
    set clusters {}
    set members {}
    foreach domain $domains {
        set n [llength [array names counts $domain,*]]
        lappend clusters $n
        for {set cluster 0} {$cluster < $n} {incr cluster} {
            lappend members $counts($domain,$cluster)
        }
    }
    AddrParams set domain_num_ [llength $domains]
    AddrParams set cluster_num_ $clusters
    AddrParams set nodes_num_ $members
}

# Results: ns node: wired, base station or device
proc ::scn::emit::wired::build_node {context node} {
    set ns [dict get $context ns]
    set dotted [::scn::cloud::dotted [dict get $node address]]
    set gateway [dict get $node gateway]
    if {$gateway eq ""} {
        # Wired nodes are the last. node-config takes no empty value.
        $ns set routingAgent_ ""
        set object [$ns node $dotted]
        # Else one without flows would have no ports at all, and ns stop at a packet for it.
        $object attach [new Agent/Null] [Node set rtagent_port_]
    } else {
        set is_gateway [expr {$gateway == [dict get $node node]}]
        $ns node-config -wiredRouting [expr {$is_gateway ? "ON" : "OFF"}]
        set object [$ns node $dotted]
        if {!$is_gateway} {
            # When ns computes wired routes it crashes on a node that it was not told of, if wired
            # ones come behind it.
            $ns add-node $object [$object id]
            $object base-station [::scn::plan::of_node [dict get $context plan] $gateway address]
        }
    }
    ::scn::emit::expect "address" [AddrParams addr2id [$object node-addr]] [dict get $node address]
    return $object
}

proc ::scn::emit::wired::build_links {context} {
    foreach link [dict get $context plan links] {
        [dict get $context ns] duplex-link [dict get $context nodes [dict get $link from]] \
            [dict get $context nodes [dict get $link to]] [dict get $link bandwidth] \
            [dict get $link delay] DropTail
    }
}
