# blackhole and grayhole: nodes that should forward others' packets drop them: all, or a share. One
# mechanism under two names.

namespace eval ::scn::attack::holes {
    # Options of both.
    variable declaration {
        NAME_protocols {set {} udp,tcp,http {oneof udp tcp http}
            "protocols of flows that are dropped"}
        NAME_victims {nodes {} {} "node numbers, as in 4,7"
            "only flows from or to these; none: all flows"}
        NAME_forge {choice {} no {oneof no replies requests}
            "routes attracted: by forged replies to who asks, by requests too (AODV only)"}
    }
}

# Declares one of the two, with options of its own.
proc ::scn::attack::holes::declare {name doc own} {
    variable declaration
    ::scn::attack::declare $name [dict create doc $doc prefix $name routing {AODV DSDV static} \
        who {nodes 1 "nodes that drop, drawn among those on others' way"} \
        options [concat [string map [list NAME $name] $declaration] $own]]
    namespace eval ::scn::attack::$name {
        proc add {plan scenario attack} {
            return [::scn::attack::holes::add $plan $attack]
        }
        proc build {context attack} {
            ::scn::attack::holes::build $context $attack
        }
    }
}

::scn::attack::holes::declare blackhole \
    "nodes drop what they should forward; relayed_uploads gives them some" {}
::scn::attack::holes::declare grayhole \
    "nodes drop a share of what they should forward; relayed_uploads gives them some" {
        grayhole_share {number {} 0.5 {range 0.01 1}
            "of packets dropped"}
    }

# Results: list of plan and attack
proc ::scn::attack::holes::add {plan attack} {
    set name [dict get $attack attack]
    set stream [::scn::attack::stream $plan $attack]
    set flows [dropped $plan $attack]
    ::scn::options::require {[llength $flows]} \
        "attack '$name': no flow is of these protocols and from or to these victims"
    set forge [expr {[::scn::attack::parameter $attack ${name}_forge] ne "no"}]
    ::scn::options::require {!$forge || [dict get $plan routing] eq "AODV"} \
        "option '${name}_forge': only routes of AODV are attracted"
    foreach node [attackers $plan $attack stream $flows $forge] {
        set forged {}
        if {$forge} {
            set forged [::scn::attack::others [lsort -integer -unique [lmap flow $flows {
                dict get $flow dst
            }]] $node]
            ::scn::attack::add_label attack node $node op s layer AGT ptype AODV foreign true \
                covert true
            if {[::scn::attack::parameter $attack ${name}_forge] eq "requests"} {
                foreach victim $forged {
                    ::scn::attack::add_label attack seeking_nobody $victim
                }
            }
        }
        ::scn::attack::add_node attack $node attacker
        ::scn::attack::add_label attack node $node op d layer RTR unexplained true covert true
        dict lappend attack build [dict create node $node forged $forged \
            seed [::scn::random::ns_seed stream] \
            share [expr {$name eq "grayhole"
                ? [::scn::attack::parameter $attack grayhole_share] : 1}] \
            fids [lsort -integer -unique [lmap flow $flows {dict get $flow fid}]]]
    }
    foreach victim [::scn::attack::parameter $attack ${name}_victims] {
        ::scn::attack::add_node attack $victim victim
    }
    return [list $plan $attack]
}

# Honest flows that are dropped where the attackers can.
proc ::scn::attack::holes::dropped {plan attack} {
    set name [dict get $attack attack]
    set victims [::scn::attack::parameter $attack ${name}_victims]
    foreach victim $victims {
        ::scn::options::require {[::scn::plan::is_node $plan $victim]} \
            "option '${name}_victims': there is no node $victim"
    }
    return [lmap flow [::scn::attack::honest $plan] {
        if {[dict get $flow proto] ni [::scn::attack::parameter $attack ${name}_protocols]
            || ([llength $victims] && [dict get $flow src] ni $victims
                && [dict get $flow dst] ni $victims)} continue
        set flow
    }]
}

proc ::scn::attack::holes::attackers {plan attack streamVar flows forge} {
    upvar 1 $streamVar stream
    set name [dict get $attack attack]
    set n [::scn::attack::parameter $attack ${name}_count]
    if {[llength [::scn::attack::parameter $attack ${name}_nodes]]} {
        set candidates [candidates $plan $flows $forge]
        return [::scn::attack::choose $plan stream ${name}_nodes $n {*}$candidates]
    }
    if {$forge} {
        return [::scn::plan::draw stream $n [::scn::attack::eavesdroppers $plan $flows] \
            "attack '$name': nodes that hear who sends to others"]
    }
    # A node comes as often as there are flows that it could drop: AODV may take another way.
    set relays [relays $plan $flows]
    set forgery [expr {[dict get $plan routing] eq "AODV" ? ", for ${name}_forge" : ""}]
    ::scn::options::require {[llength $relays]} "attack '$name': no node is on others' way:\
        ask for relayed_uploads$forgery, or name ${name}_nodes"
    set drawn {}
    foreach node [::scn::plan::draw stream [llength $relays] $relays ""] {
        if {$node ni $drawn && [llength $drawn] < $n} {
            lappend drawn $node
        }
    }
    ::scn::options::require {[llength $drawn] == $n} \
        "option '${name}_count': $n are asked for, and [llength $drawn] are on others' way"
    return $drawn
}

# Nodes that may be named: those that forward what is dropped, if that can be told.
# Results: list of nodes, and who these are
proc ::scn::attack::holes::candidates {plan flows forge} {
    if {$forge || [::scn::plan::value $plan mobility] ne "static"
        || "wormhole" in [split [::scn::plan::value $plan attack] +]} {
        return [list [::scn::attack::with_role $plan gateway device server relay] \
            "nodes with a radio"]
    }
    return [list [relays $plan $flows] "nodes on the way of what is dropped"]
}

# Nodes that forward flows, once for each flow. Base stations are infrastructure, and no holes.
proc ::scn::attack::holes::relays {plan flows} {
    set gateways [expr {[llength [dict get $plan links]]
        ? [::scn::attack::with_role $plan gateway] : ""}]
    return [::scn::attack::others [::scn::routes::relays $plan $flows] {*}$gateways]
}
