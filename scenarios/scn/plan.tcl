# Plans: what a scenario and its parameters come to, as one dict, before any simulator is there. The
# ground truth of a run (who attacks, whom a node should upload to) is made here and nowhere else.
#
# A scenario is a dict:
#   name       of the scenario, and of its runs
#   doc        what it is, in a line
#   nodes      optional: 0, 1, ..., each {node x y gateway}, with area {width height}; metres.
#              Without them, the options of a topology say where nodes are
#   uploads    optional: each {device server}, flows 0, 1, ...; without them they are drawn
#   form       optional: cloud, where gateways are base stations and devices upload to wired
#              servers, see cloud.tcl
#   collusion  optional: {device accomplice}, the pair of attack hidden-channel unless others are
#              asked for
#   defaults   optional: name value ..., other defaults of options, as a user would write them
#
# A plan is made in steps that each add to it: nodes, flows, attacks. Its members:
#   scenario area range routing nodes movements links flows interfaces attacks ns_seed
#                  as in the run manifest (tracegen/manifest.h), but that a flow has no start and
#                  stop, only periods, and further members:
#                    source   what drives it, see traffic.tcl
#                    shares   flow whose agent and source it uses, itself unless it takes turns
#                             with it
#                    fid      flow identifier in its packets' headers
#                  flows without periods are there too: they are built, and never send. An attack's
#                  member build is what the simulation needs to know of it.
#   neighbours     node -> nodes in radio range at the beginning, see topology.tcl
#   routes         next hops, if routing is static, see routes.tcl
#   parameters     of the world, without those of attacks, in canonical form
#   values         all options, canonical; those without effect have their defaults
#   given          names of the options that were given
#   unused         those of them that have no effect, and why, see needs.tcl
#   ports          node -> ports that agents have there
#   reserved       port on the accomplice of `collusion`, which both twins keep free

namespace eval ::scn::plan {
    # Port of the routing agent on each node, see ns-default.tcl.
    variable routingPort 255
}

# Arguments: scenario   dict as above
#            arguments  NAME=VALUE ...
# Errors:    SCN USAGE when the scenario contradicts itself, or cannot be with these options
proc ::scn::plan::make {scenario arguments} {
    ::scn::check::scenario $scenario
    lassign [::scn::options::parse $scenario $arguments] values given
    set unused [::scn::needs::unused $scenario $values $given]
    set values [::scn::needs::effective $scenario $values $unused]
    set plan [dict create \
        scenario [dict get $scenario name] \
        parameters [world $scenario $values] \
        values $values given $given unused $unused \
        range 250 routing [dict get $values routing] movements {} links {} ports {} reserved "" \
        ns_seed [ns_seed [dict get $values seed]]]
    ::scn::routes::check $plan $scenario
    set plan [::scn::topology::add $plan $scenario]
    set plan [::scn::mobility::add $plan]
    if {[::scn::cloud::is_form $scenario]} {
        set plan [::scn::cloud::add $plan]
    }
    set plan [::scn::traffic::add $plan $scenario]
    set plan [add_roles $plan]
    set plan [::scn::attack::add $plan $scenario]
    return [::scn::routes::add $plan]
}

# Whether the options of a group are options of the scenario.
proc ::scn::plan::uses {scenario group} {
    switch $group {
        topology  {return [expr {![dict exists $scenario nodes]}]}
        uploads   {return [expr {![dict exists $scenario uploads]}]}
        receivers {return [expr {![dict exists $scenario uploads]
            && ![::scn::cloud::is_form $scenario]}]}
        cloud     {return [::scn::cloud::is_form $scenario]}
    }
    return 1
}

# The parameters that a benign run depends on, and which attacks there are.
proc ::scn::plan::world {scenario values} {
    set world {}
    dict for {name declaration} [::scn::options::of $scenario] {
        if {$name eq "attack" || ![string match attack* [lindex $declaration 0]]} {
            dict set world $name [dict get $values $name]
        }
    }
    return $world
}

# An option's value.
proc ::scn::plan::value {plan name} {
    return [dict get $plan values $name]
}

# Opens the plan's random sub-stream of that name.
proc ::scn::plan::stream {plan name} {
    return [::scn::random::stream [dict get $plan values seed] $name]
}

# ---- nodes ------------------------------------------------------------------

# A role is what a node does in the scenario, attack or not: the label must not be readable from it.
proc ::scn::plan::add_roles {plan} {
    set senders [lmap flow [dict get $plan flows] {dict get $flow src}]
    set servers [lmap flow [dict get $plan flows] {dict get $flow dst}]
    set gateways [lmap node [dict get $plan nodes] {dict get $node gateway}]
    dict set plan nodes [lmap node [dict get $plan nodes] {
        set id [dict get $node node]
        if {[dict exists $node role]} {
            set role [dict get $node role]
        } elseif {$id in $gateways} {
            set role gateway
        } elseif {$id in $senders} {
            set role device
        } elseif {$id in $servers} {
            set role server
        } else {
            set role relay
        }
        dict replace $node role $role
    }]
    return $plan
}

# One member of a node.
proc ::scn::plan::of_node {plan node member} {
    return [dict get [lindex [dict get $plan nodes] $node] $member]
}

# The number by which IP headers know a node.
proc ::scn::plan::address {plan node} {
    set members [lindex [dict get $plan nodes] $node]
    return [expr {[dict exists $members address] ? [dict get $members address] : $node}]
}

proc ::scn::plan::is_node {plan node} {
    return [expr {$node < [llength [dict get $plan nodes]]}]
}

# Nodes in a node's radio range at the beginning; a wired one has none.
proc ::scn::plan::neighbours {plan node} {
    set near [dict get $plan neighbours]
    return [expr {[dict exists $near $node] ? [dict get $near $node] : {}}]
}

# Distance of two nodes, m, at the beginning.
proc ::scn::plan::distance {plan a b} {
    return [expr {hypot([of_node $plan $a x] - [of_node $plan $b x],
        [of_node $plan $a y] - [of_node $plan $b y])}]
}

# Adds an interface to a node: MAC numbers are given in the order in which interfaces are made.
# Results: its MAC number
proc ::scn::plan::add_interface {planVar node hidden} {
    upvar 1 $planVar plan
    set mac [llength [dict get $plan interfaces]]
    dict lappend plan interfaces [dict create mac $mac node $node hidden $hidden]
    return $mac
}

# ---- flows ------------------------------------------------------------------

# Takes a port on a node.
# Arguments: preferred  ports in the order in which they are wanted; the lowest free one if all of
#                       them are taken
proc ::scn::plan::take_port {planVar node {preferred {}}} {
    upvar 1 $planVar plan
    variable routingPort
    set taken [expr {[dict exists $plan ports $node] ? [dict get $plan ports $node] : {}}]
    set lowest 0
    while {$lowest in $taken || $lowest == $routingPort} {
        incr lowest
    }
    foreach port [concat $preferred $lowest] {
        if {$port ni $taken} {
            dict set plan ports $node [concat $taken $port]
            return $port
        }
    }
}

# The same for a flow that an attack adds: a port that others use in that role gives nothing away.
# Arguments: end  sport or dport
proc ::scn::plan::take_common_port {planVar node end} {
    upvar 1 $planVar plan
    return [take_port plan $node \
        [lsort -integer -unique [lmap flow [dict get $plan flows] {dict get $flow $end}]]]
}

# Adds a flow with the next number.
# Arguments: members  src, dst, sport, dport, periods, and what else differs from the defaults: an
#                     honest flow of the run's traffic that shares nothing
# Results:   its number
proc ::scn::plan::add_flow {planVar members} {
    upvar 1 $planVar plan
    set number [llength [dict get $plan flows]]
    dict lappend plan flows [dict merge [dict create flow $number proto udp profile "" src "" \
        sport "" dst "" dport "" intended_dst "" attack 0 periods {} source {} shares $number \
        fid $number] $members]
    return $number
}

proc ::scn::plan::flow {plan number} {
    return [lindex [dict get $plan flows] $number]
}

proc ::scn::plan::set_flow {planVar number args} {
    upvar 1 $planVar plan
    set flows [dict get $plan flows]
    lset flows $number [dict replace [lindex $flows $number] {*}$args]
    dict set plan flows $flows
}

# ---- randomness -------------------------------------------------------------

# Draws n of the candidates, in random order.
# Errors: SCN USAGE when there are not as many; `what` says of what
proc ::scn::plan::draw {streamVar n candidates what} {
    upvar 1 $streamVar stream
    ::scn::options::require {[llength $candidates] >= $n} \
        "$what: $n are asked for, and there are [llength $candidates]"
    set drawn {}
    for {set i 0} {$i < $n} {incr i} {
        set at [::scn::random::below stream [llength $candidates]]
        lappend drawn [lindex $candidates $at]
        set candidates [lreplace $candidates $at $at]
    }
    return $drawn
}

# For ns's own generator, which MAC and routing share.
proc ::scn::plan::ns_seed {seed} {
    set stream [::scn::random::stream $seed mac]
    return [::scn::random::ns_seed stream]
}
