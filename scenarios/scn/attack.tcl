# Attacks: which there are, when, and by whom. Each has a file of its own, attack_NAME.tcl, which
# declares it and plans it, and may have another, emit_NAME.tcl, which builds it in ns; the
# namespace is ::scn::attack::NAME, in both - being _.
#
# A benign run knows nothing of attacks. What an attack adds to a plan (flows, interfaces) comes
# behind all that is honest, so that twins have equal numbers.

namespace eval ::scn::attack {
    # name -> {doc prefix routing}
    variable declared {}
    # Periods that an attack sends in, and probes: a plan has to be read, and simulated.
    variable most 100000
}

# The options that all attacks have in common come first; which attacks there are is known later.
::scn::options::declare attack {}

# Declares an attack.
# Arguments: name         as in option attack
#            declaration  dict: doc; prefix of its options; routing, with which it can be; who, if
#                         it is by nodes that PREFIX_nodes names, or PREFIX_count are drawn: {unit
#                         number doc}; options, as in options.tcl
proc ::scn::attack::declare {name declaration} {
    variable declared
    dict set declared $name [dict remove $declaration options who]
    set prefix [dict get $declaration prefix]
    set who {}
    if {[dict exists $declaration who]} {
        lassign [dict get $declaration who] unit n doc
        set who [list \
            ${prefix}_count [list integer $unit $n {range 1 100} $doc [list "${prefix}_nodes {}"]] \
            ${prefix}_nodes {nodes {} {} "node numbers, as in 4,7"
                "who they are, instead of drawing"}]
    }
    set times [list \
        ${prefix}_start {time s "" {range 0 3600} "when it begins, if not at attack_start"} \
        ${prefix}_stop {time s "" {range 0 3600} "when it ends, if not at attack_stop"}]
    ::scn::options::declare "attack $name" \
        [dict merge $who [dict get $declaration options] $times]
}

# Once all attacks are declared: the options that they have in common.
proc ::scn::attack::declare_common {} {
    variable declared
    ::scn::options::declare attack [list \
        attack [list combination {} none [list oneof none {*}[dict keys $declared]] \
            "what the adversaries do; runs name them in this order"] \
        attack_start {time s 0 {range 0 3600} "when attacks begin"} \
        attack_stop {time s "" {range 0 3600} "when attacks end; with the run at the latest"}]
}

# What the heading of a group of options says behind its name.
proc ::scn::attack::heading {group} {
    variable declared
    set name [lindex $group 1]
    return [expr {$name eq "" ? "" : ": [dict get $declared $name doc]"}]
}

# Adds the run's attacks to the plan.
# Errors: SCN USAGE when one cannot be
proc ::scn::attack::add {plan scenario} {
    variable declared
    dict set plan attacks {}
    set active [split [::scn::plan::value $plan attack] +]
    if {$active eq "none"} {
        return $plan
    }
    foreach name $active {
        set routing [dict get $declared $name routing]
        ::scn::options::require {[dict get $plan routing] in $routing} \
            "attack '$name' is not possible with routing [dict get $plan routing], only with\
             [join $routing {, }]"
        set namespace ::scn::attack::[string map {- _} $name]
        lassign [${namespace}::add $plan $scenario [begin $plan $scenario $name]] plan attack
        dict lappend plan attacks $attack
    }
    return $plan
}

# The options by which attacks have a start or a stop of their own.
proc ::scn::attack::own_times {side names} {
    variable declared
    return [lmap name $names {string cat [dict get $declared $name prefix] _ $side}]
}

# An attack that has nobody yet: dict {attack start stop nodes parameters labels build}.
proc ::scn::attack::begin {plan scenario name} {
    variable declared
    set prefix [dict get $declared $name prefix]
    set duration [::scn::plan::value $plan duration]
    foreach side {start stop} fallback [list 0.0 $duration] {
        set $side $fallback
        foreach option [list attack_$side ${prefix}_$side] {
            if {[::scn::plan::value $plan $option] ne ""} {
                set $side [::scn::plan::value $plan $option]
            }
        }
    }
    set stop [tcl::mathfunc::min $stop $duration]
    ::scn::options::require {$start < $duration} \
        "attack '$name': its start at $start s is not before the end ($duration s)"
    ::scn::options::require {$start < $stop} \
        "attack '$name': its start at $start s is not before its stop ($stop s)"
    set parameters {}
    dict for {option declaration} [::scn::options::of $scenario] {
        if {[lindex $declaration 0] eq "attack $name"
            && $option ni [list ${prefix}_start ${prefix}_stop]} {
            dict set parameters $option [::scn::plan::value $plan $option]
        }
    }
    return [dict create attack $name start $start stop $stop nodes {} parameters $parameters \
        labels {} build {}]
}

# ---- for those who plan attacks -------------------------------------------------

# A parameter of the attack.
proc ::scn::attack::parameter {attack name} {
    return [dict get $attack parameters $name]
}

# Names a node as attacker, accomplice or victim, once.
proc ::scn::attack::add_node {attackVar node role} {
    upvar 1 $attackVar attack
    set named [dict create node $node role $role]
    if {$named ni [dict get $attack nodes]} {
        dict lappend attack nodes $named
    }
}

# Adds a matcher: events of which all that it says holds are the attack's (tracegen/manifest.h).
proc ::scn::attack::add_label {attackVar args} {
    upvar 1 $attackVar attack
    dict lappend attack labels $args
}

# Adds matchers for what AODV says about the ways from a node to others, but for others between
# which honest data flows too: whose request it is does not show then.
proc ::scn::attack::add_ways {plan attackVar from others} {
    upvar 1 $attackVar attack
    if {[dict get $plan routing] ne "AODV"} {
        return
    }
    foreach flow [honest $plan] {
        dict set talks [dict get $flow src] [dict get $flow dst] 1
        dict set talks [dict get $flow dst] [dict get $flow src] 1
    }
    foreach other $others {
        if {![dict exists $talks $from $other]} {
            add_label attack between [list $from $other]
        }
    }
}

# The attack's random sub-stream.
proc ::scn::attack::stream {plan attack} {
    return [::scn::plan::stream $plan "attack [dict get $attack attack]"]
}

# The nodes that a list option names, or as many as are asked for, drawn.
# Arguments: option      of type nodes
#            n           how many, when the option names none
#            candidates  nodes that can be it; `what` says who these are
proc ::scn::attack::choose {plan streamVar option n candidates what} {
    upvar 1 $streamVar stream
    set named [::scn::plan::value $plan $option]
    if {![llength $named]} {
        set count [string map {_nodes _count} $option]
        return [::scn::plan::draw stream $n $candidates "option '$count': $what"]
    }
    foreach node $named {
        ::scn::options::require {[::scn::plan::is_node $plan $node]} \
            "option '$option': there is no node $node"
        ::scn::options::require {$node in $candidates} \
            "option '$option': node $node is not one of the $what"
    }
    ::scn::options::require {[llength [lsort -unique $named]] == [llength $named]} \
        "option '$option': a node is named twice"
    return $named
}

# Errors: SCN USAGE when an attack has too many of something
proc ::scn::attack::require_few {attack n what} {
    variable most
    ::scn::options::require {$n <= $most} "attack '[dict get $attack attack]':\
        [format %.0f $n] $what are more than $most"
}

# Nodes with one of the roles; wired ones attack nobody.
proc ::scn::attack::with_role {plan args} {
    return [lmap node [dict get $plan nodes] {
        if {[dict get $node role] ni $args || [::scn::cloud::is_wired $node]} continue
        dict get $node node
    }]
}

# Honest flows of the run: those that no attack has added.
proc ::scn::attack::honest {plan} {
    return [lmap flow [dict get $plan flows] {
        if {[dict get $flow attack]} continue
        set flow
    }]
}

# Number of a device's first honest upload, or "".
proc ::scn::attack::upload_of {plan device} {
    foreach flow [honest $plan] {
        if {[dict get $flow src] == $device} {
            return [dict get $flow flow]
        }
    }
    return ""
}

# Nodes that a node reaches over honest radios at the beginning; a wired one by way of all gateways.
proc ::scn::attack::reached {plan node} {
    if {[::scn::cloud::is_wired [lindex [dict get $plan nodes] $node]]} {
        return [with_role $plan gateway device server relay]
    }
    return [lrange [dict keys [::scn::routes::hops $plan $node]] 1 end]
}

# All nodes, or those of a list, without some.
proc ::scn::attack::others {nodes args} {
    return [lmap node $nodes {
        if {$node in $args} continue
        set node
    }]
}

# Adds a flow that replaces nothing: UDP, in even time.
# Arguments: kind  members proto, profile and source, if it is something else
# Results:   its number
# Errors:    SCN USAGE when it would send more packets than any radio could
proc ::scn::attack::add_flow {planVar attackVar src dst periods size rate {kind {}}} {
    upvar 1 $planVar plan $attackVar attack
    ::scn::traffic::require_possible "attack '[dict get $attack attack]'" $rate $size
    set number [::scn::plan::add_flow plan [dict create src $src dst $dst attack 1 \
        sport [::scn::plan::take_common_port plan $src sport] \
        dport [::scn::plan::take_common_port plan $dst dport] \
        periods $periods source [dict create kind cbr packet_size $size rate $rate] {*}$kind]]
    add_label attack flow $number
    add_ways $plan attack $src [list $dst]
    return $number
}

# The same, sent as the device sends its first honest upload, so that its packets are no others:
# over that transport and in that pattern. Size and rate are those of UDP; TCP and HTTP carry what
# that upload carries.
proc ::scn::attack::add_upload {planVar attackVar src dst periods size rate} {
    upvar 1 $planVar plan $attackVar attack
    set own [::scn::plan::flow $plan [upload_of $plan $src]]
    set instead {}
    if {[dict get $own profile] ne ""} {
        set instead [::scn::profiles::options [dict get $own profile]]
    }
    if {[dict get $own proto] eq "udp"} {
        dict set instead packet_size $size
        dict set instead rate $rate
    }
    set kind [dict create proto [dict get $own proto] profile [dict get $own profile] \
        source [::scn::traffic::source_of $plan [dict get $own proto] $instead]]
    return [add_flow plan attack $src $dst $periods $size $rate $kind]
}

# From when to when one of several sends: they begin at random within a tenth of a second, like
# honest ones.
proc ::scn::attack::window {attack streamVar} {
    upvar 1 $streamVar stream
    set stop [dict get $attack stop]
    return [list [soon [dict get $attack start] $stop stream] $stop]
}

# A time at random within a tenth of a second, or half of what there is up to the stop.
proc ::scn::attack::soon {start stop streamVar} {
    upvar 1 $streamVar stream
    set width [tcl::mathfunc::min 0.1 [expr {($stop - $start) / 2}]]
    set offset [expr {round([::scn::random::below stream 100000] * $width * 10) / 1e6}]
    return [expr {round(($start + $offset) * 1e6) / 1e6}]
}

# W, so that two nodes hear each other: received power falls with the fourth power of distance.
proc ::scn::attack::power_for {plan pair lowest} {
    set distance [::scn::plan::distance $plan {*}$pair]
    return [tcl::mathfunc::max $lowest [expr {2 * 0.28183815 * ($distance / 250.0)**4}]]
}

# Nodes, but for gateways, that hear the sender of a flow that is not for them.
proc ::scn::attack::eavesdroppers {plan flows} {
    return [lmap node [with_role $plan device server relay] {
        set heard [::scn::plan::neighbours $plan $node]
        if {![llength [lmap flow $flows {
            if {[dict get $flow src] ni $heard || [dict get $flow dst] == $node} continue
            set flow
        }]]} continue
        set node
    }]
}
