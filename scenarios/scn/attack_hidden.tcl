# hidden-channel: pairs of nodes of different networks collude over a radio link that nobody else
# hears (paper.txt Fig. 2). The device sends what its data server should get to its accomplice
# instead.

namespace eval ::scn::attack::hidden_channel {
    # W: what reaches 15 from 14, 632 m away, in the paper's scenario, with much to spare; the
    # default of 0.28 W ends at 250 m.
    variable power 200.0
}

::scn::attack::declare hidden-channel {
    doc "devices upload to accomplices in other networks, over a channel of their own"
    prefix hidden
    routing {AODV DSDV DSR static}
    options {
        colluders {integer pairs 1 {range 1 250}
            "pairs that collude, the scenario's own first, the others drawn"
            {{hidden_pairs {}}}}
        hidden_pairs {pairs {} {} {pairs of device and accomplice, as in 14-15,6-2}
            "who colludes, instead of drawing"}
        hidden_drawn {choice {} off {oneof on off}
            "draw all pairs, the scenario's own too"
            {{hidden_pairs {}} {collusion}}}
        hidden_turn {number s 0 {range 0.01 3600 or 0}
            "length of a turn: hidden and honest uploads take turns; 0: all is hidden"}
    }
}

# Results: list of plan and attack
proc ::scn::attack::hidden_channel::add {plan scenario attack} {
    variable power
    set pairs [pairs $plan $scenario $attack]
    set turn [::scn::attack::parameter $attack hidden_turn]
    if {$turn > 0} {
        ::scn::attack::require_few $attack [expr {[llength $pairs] * ceil(
            ([dict get $attack stop] - [dict get $attack start]) / $turn)}] "turns"
    }
    foreach pair $pairs {
        set flow [replace_upload plan $scenario $attack $pair]
        lassign $pair device accomplice
        ::scn::attack::add_node attack $device attacker
        ::scn::attack::add_node attack $accomplice accomplice
        ::scn::attack::add_label attack flow $flow covert true
        set macs {}
        foreach node $pair {
            lappend macs [::scn::plan::add_interface plan $node 1]
            ::scn::attack::add_label attack mac [lindex $macs end] covert true
        }
        # Nothing else is sent between these two: all routing about their way is the channel's.
        switch [dict get $plan routing] {
            AODV {
                ::scn::attack::add_label attack between $pair covert true
            }
            DSR {
                foreach {src dst} [list $device $accomplice $accomplice $device] {
                    ::scn::attack::add_label attack ptype DSR src $src dst $dst covert true
                }
            }
        }
        dict lappend attack build [dict create members $pair macs $macs \
            power [::scn::attack::power_for $plan $pair $power]]
    }
    return [list $plan $attack]
}

# ---- who ------------------------------------------------------------------------

# Results: pairs {device accomplice}, each node in one of them
proc ::scn::attack::hidden_channel::pairs {plan scenario attack} {
    set named [::scn::attack::parameter $attack hidden_pairs]
    if {[llength $named]} {
        foreach pair $named {
            require_possible $plan $pair
        }
        set nodes [concat {*}$named]
        ::scn::options::require {[llength [lsort -unique $nodes]] == [llength $nodes]} \
            "option 'hidden_pairs': a node is in two pairs"
        return $named
    }
    set n [::scn::attack::parameter $attack colluders]
    set pairs {}
    if {[dict exists $scenario collusion]
        && [::scn::attack::parameter $attack hidden_drawn] eq "off"} {
        lappend pairs [dict get $scenario collusion]
    }
    set stream [::scn::attack::stream $plan $attack]
    while {[llength $pairs] < $n} {
        lappend pairs [draw_pair $plan stream $pairs]
    }
    return $pairs
}

# Why a pair cannot collude, or "".
proc ::scn::attack::hidden_channel::objection {plan pair} {
    lassign $pair device accomplice
    foreach node $pair {
        if {![::scn::plan::is_node $plan $node]} {
            return "there is no node $node"
        }
    }
    if {$device == $accomplice} {
        return "a node and itself"
    }
    if {[::scn::cloud::is_wired [lindex [dict get $plan nodes] $accomplice]]} {
        return "$accomplice has no radio"
    }
    if {[::scn::attack::upload_of $plan $device] eq ""} {
        return "$device has no upload that could go to $accomplice instead"
    }
    set gateway [::scn::plan::of_node $plan $device gateway]
    if {$gateway == [::scn::plan::of_node $plan $accomplice gateway]} {
        return "both are behind gateway $gateway"
    }
    # Other attacks' uploads are some, too.
    foreach flow [dict get $plan flows] {
        if {[list [dict get $flow src] [dict get $flow dst]] in [list $pair [lreverse $pair]]} {
            return "there is an upload between the two"
        }
    }
    return ""
}

proc ::scn::attack::hidden_channel::require_possible {plan pair} {
    set objection [objection $plan $pair]
    ::scn::options::require {$objection eq ""} \
        "option 'hidden_pairs': [join $pair -]: $objection"
}

# A device and a node behind another gateway that is none itself; both in no pair yet.
proc ::scn::attack::hidden_channel::draw_pair {plan streamVar pairs} {
    upvar 1 $streamVar stream
    set free [lmap node [::scn::attack::with_role $plan device server relay] {
        if {$node in [concat {*}$pairs]} continue
        set node
    }]
    foreach device [::scn::plan::draw stream [llength $free] $free ""] {
        set accomplices [lmap node $free {
            if {[objection $plan [list $device $node]] ne ""} continue
            set node
        }]
        if {[llength $accomplices]} {
            return [list $device {*}[::scn::plan::draw stream 1 $accomplices ""]]
        }
    }
    ::scn::options::require {[llength [lsort -unique [lmap node [dict get $plan nodes] {
        dict get $node gateway
    }]]] > 1} "attack 'hidden-channel': a pair is of two networks, and there is one"
    ::scn::options::refuse "attack 'hidden-channel': no more than [llength $pairs] pairs of a\
        device and a node behind another gateway are possible"
}

# ---- what -----------------------------------------------------------------------

# The device's first upload goes to the accomplice while the attack lasts, or every other turn.
# Results: number of the hidden flow
proc ::scn::attack::hidden_channel::replace_upload {planVar scenario attack pair} {
    upvar 1 $planVar plan
    lassign $pair device accomplice
    set replaced [::scn::attack::upload_of $plan $device]
    set honest [::scn::plan::flow $plan $replaced]
    lassign [split_periods [dict get $honest periods] $attack] kept taken
    ::scn::options::require {[llength $taken]} \
        "attack 'hidden-channel': node $device sends nothing while the attack lasts"
    if {[dict get $honest proto] ne "udp"} {
        # Connections go on when they are told to, and would do so in lock-step.
        set stream [::scn::plan::stream $plan "attack hidden-channel start $device"]
        lassign [spread $kept $taken [lindex [dict get $honest periods] 0 0] stream] kept taken
    }
    ::scn::plan::set_flow plan $replaced periods $kept
    if {[dict exists $scenario collusion] && [dict get $scenario collusion] eq $pair} {
        set dport [dict get $plan reserved]
    } else {
        set dport [::scn::plan::take_common_port plan $accomplice dport]
    }
    set hidden [dict replace $honest dst $accomplice dport $dport attack 1 periods $taken]
    return [::scn::plan::add_flow plan [::scn::traffic::share $hidden plan]]
}

# Has hidden periods begin a little later, up to when the device stays honest, and honest ones that
# are resumed. A period that begins when the flow would anyway does so still.
proc ::scn::attack::hidden_channel::spread {kept taken own streamVar} {
    upvar 1 $streamVar stream
    set begins {}
    set taken [lmap period $taken {
        lassign $period from to
        dict set begins $from [expr {$from == $own ? $from
            : [::scn::attack::soon $from $to stream]}]
        list [dict get $begins $from] $to
    }]
    set kept [lmap period $kept {
        lassign $period from to
        list [expr {$from == $own ? $from : [::scn::attack::soon $from $to stream]}] \
            [expr {[dict exists $begins $to] ? [dict get $begins $to] : $to}]
    }]
    return [list $kept $taken]
}

# Results: periods that stay honest, periods that are hidden
proc ::scn::attack::hidden_channel::split_periods {periods attack} {
    set turn [::scn::attack::parameter $attack hidden_turn]
    set from [dict get $attack start]
    set to [dict get $attack stop]
    set kept {}
    set taken {}
    foreach period $periods {
        lassign $period start stop
        set at $start
        for {set i 0} {1} {incr i} {
            set begin [tcl::mathfunc::max $at [expr {$from + 2 * $i * $turn}]]
            set end [tcl::mathfunc::min $to $stop]
            if {$turn > 0} {
                set end [tcl::mathfunc::min $end [expr {$from + (2 * $i + 1) * $turn}]]
            }
            if {$begin >= $to || $begin >= $stop || ($turn == 0 && $i > 0)} break
            if {$end <= $at} continue
            if {$at < $begin} {
                lappend kept [list $at $begin]
            }
            lappend taken [list $begin $end]
            set at $end
        }
        if {$at < $stop} {
            lappend kept [list $at $stop]
        }
    }
    return [list $kept $taken]
}
