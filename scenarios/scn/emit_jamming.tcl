# jamming: an 802.11 radio on everybody's channel that hears nothing finds the air free always. What
# it broadcasts is marked as erroneous: others' radios notice that there is something, and cannot
# read it.

namespace eval ::scn::attack::jamming {
    # Packets that wait: with more, noise would go on after the stop.
    variable queueLength 2
}

proc ::scn::attack::jamming::build {context attack} {
    foreach jammer [dict get $attack build] {
        build_jammer $context $attack $jammer
    }
}

proc ::scn::attack::jamming::build_jammer {context attack jammer} {
    variable queueLength
    set ns [dict get $context ns]
    set id [dict get $jammer node]
    set radio [::scn::emit::radio::build $context $id [dict get $jammer mac] [$ns set chan] \
        [dict get $attack parameters jamming_power]]
    [dict get $radio interface] up-target [$ns nullagent]
    [dict get $radio queue] set limit_ $queueLength
    [dict get $radio queue] drop-target [$ns nullagent]

    set noise [new ErrorModel]
    $noise unit pkt
    $noise set rate_ 1
    set always [new RandomVariable/Constant]
    $always set val_ 0
    $noise ranvar $always
    # To all. As an address, that is not known where addresses are hierarchical: it is asked for.
    $noise target [::scn::emit::routes::hop [dict get $context nodes $id] [dict get $radio mac] \
        [dict get $radio queue] -1 ""]

    # Nobody's agent: noise passes neither the node's ports nor its routing.
    set agent [new Agent/UDP]
    $agent set packetSize_ [dict get $attack parameters jamming_size]
    $agent set agent_addr_ [::scn::plan::address [dict get $context plan] $id]
    $agent set agent_port_ 0
    $agent set dst_addr_ -1
    $agent set dst_port_ 0
    $agent target $noise
    set source [new Application/Traffic/CBR]
    $source set packetSize_ [dict get $attack parameters jamming_size]
    $source set rate_ [dict get $attack parameters jamming_rate]
    $source attach-agent $agent
    $ns at [dict get $jammer start] [list $source start]
    ::scn::emit::attacks::at_stop $context $attack [list $source stop]
}
