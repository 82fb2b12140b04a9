# exfiltration: a device goes on with its uploads, and also sends to a node that should get nothing
# of it.

namespace eval ::scn::attack::exfiltration {}

::scn::attack::declare exfiltration {
    doc "devices also upload to nodes that should get nothing of theirs"
    prefix exfiltration
    routing {AODV DSDV DSR static}
    who {devices 1 "devices that leak, drawn"}
    options {
        exfiltration_to {nodes {} {} "node numbers, as in 4,7"
            "who gets it, one for each device, instead of drawing: in its network, in cloud another\
            server"}
        exfiltration_rate {bandwidth bit/s 100kb {range 1kb 54Mb}
            "of each leak; those of TCP and HTTP are like the device's own uploads"
            {{traffic udp mixed}}}
        exfiltration_size {integer byte 500 {range 1 2284}
            "of one packet"
            {{traffic udp mixed}}}
    }
}

# Results: list of plan and attack
proc ::scn::attack::exfiltration::add {plan scenario attack} {
    set stream [::scn::attack::stream $plan $attack]
    set devices [::scn::attack::choose $plan stream exfiltration_nodes \
        [::scn::attack::parameter $attack exfiltration_count] \
        [::scn::attack::with_role $plan device] "devices"]
    set receivers [receivers $plan $attack stream $devices]
    foreach device $devices receiver $receivers {
        ::scn::attack::add_upload plan attack $device $receiver \
            [list [::scn::attack::window $attack stream]] \
            [::scn::attack::parameter $attack exfiltration_size] \
            [::scn::attack::parameter $attack exfiltration_rate]
        ::scn::attack::add_node attack $device attacker
    }
    foreach receiver [lsort -integer -unique $receivers] {
        ::scn::attack::add_node attack $receiver accomplice
    }
    return [list $plan $attack]
}

proc ::scn::attack::exfiltration::receivers {plan attack streamVar devices} {
    upvar 1 $streamVar stream
    set named [::scn::attack::parameter $attack exfiltration_to]
    if {[llength $named]} {
        ::scn::options::require {[llength $named] == [llength $devices]} \
            "option 'exfiltration_to': [llength $named] nodes for [llength $devices] devices"
        foreach device $devices receiver $named {
            ::scn::options::require {[::scn::plan::is_node $plan $receiver]} \
                "option 'exfiltration_to': there is no node $receiver"
            ::scn::options::require {$receiver != $device && $receiver ni [servers $plan $device]} \
                "option 'exfiltration_to': node $device should send to node $receiver anyway, or\
                 is it"
        }
        return $named
    }
    return [lmap device $devices {
        set strangers [strangers $plan $device]
        lindex [::scn::plan::draw stream 1 $strangers \
            "attack 'exfiltration': nodes that should get nothing of node $device"] 0
    }]
}

# Nodes that may get a device's leak: wired servers, if there are others than its own; or nodes of
# its network that are no gateway.
proc ::scn::attack::exfiltration::strangers {plan device} {
    set own [servers $plan $device]
    set wired [::scn::attack::others [::scn::cloud::servers $plan] {*}$own]
    if {[llength [dict get $plan links]] && [llength $wired]} {
        return $wired
    }
    return [lmap node [::scn::attack::reached $plan $device] {
        if {$node in $own || [::scn::plan::of_node $plan $node role] eq "gateway"} continue
        set node
    }]
}

# Whom a node uploads to.
proc ::scn::attack::exfiltration::servers {plan device} {
    return [lmap flow [::scn::attack::honest $plan] {
        if {[dict get $flow src] != $device} continue
        dict get $flow dst
    }]
}
