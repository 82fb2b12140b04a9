# replay: what the attacker's radio hears is also handed to a recorder, which gives it back to the radio
# later. It passes no MAC: that would give it the attacker's own number, and wait for a free channel.

namespace eval ::scn::attack::replay {
    # Frames under way at most.
    variable memory 100000
    # Packet types of ns-2.35 that are not replayed: ARP, AODV, and MAC, which is that of frames without
    # data, whose flow would be read as 0.
    variable spared {34 38 35}
}

proc ::scn::attack::replay::build {context attack} {
    foreach attacker [dict get $attack build] {
        build_recorder $context $attack $attacker
    }
}

proc ::scn::attack::replay::build_recorder {context attack attacker} {
    variable memory
    set ns [dict get $context ns]
    set null [$ns nullagent]
    set id [dict get $attacker node]
    set radio [[dict get $context nodes $id] set netif_(0)]
    set mac [$radio up-target]

    # Turns what came up into what goes down, while the attack lasts.
    set turn [new Phy/Repeater]
    $turn up-target [::scn::emit::attacks::log $context $id Send MAC $radio]
    # A link wants a queue before it, which it calls back.
    set queue [new Queue/DropTail]
    $queue set limit_ $memory
    $queue drop-target $null
    set line [new DelayLink]
    $line set bandwidth_ 1Gb
    $line set delay_ [dict get $attack parameters replay_delay]
    $queue target $line
    $line target [::scn::emit::attacks::gate $context $attack $null $turn]

    set share [new ErrorModel]
    $share unit pkt
    $share set rate_ [expr {1 - [dict get $attack parameters replay_share]}]
    $share ranvar [::scn::emit::attacks::uniform [dict get $attacker seed]]
    $share target $queue
    $share drop-target $null
    $radio up-target [::scn::emit::attacks::gate $context $attack $mac \
        [::scn::emit::attacks::replicator [filter_frames $context $attacker $share $null] $mac]]
}

# Results: what passes good frames with the data of the flows, for others, to `onward`
proc ::scn::attack::replay::filter_frames {context attacker onward null} {
    variable spared
    set type [PktHdr_offset PacketHeader/Common ptype_]
    set head $null
    foreach fid [dict get $attacker fids] {
        set head [::scn::emit::filter [::scn::emit::attacks::ip_offset fid] $fid $onward $head]
    }
    set own [[dict get $context nodes [dict get $attacker node]] node-addr]
    foreach value [list $own -1] {
        set head [::scn::emit::filter [::scn::emit::attacks::ip_offset dst] $value $null $head]
    }
    foreach value $spared {
        set head [::scn::emit::filter $type $value $null $head]
    }
    return [::scn::emit::filter [PktHdr_offset PacketHeader/Common error_] 0 $head $null]
}
