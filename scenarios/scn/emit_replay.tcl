# replay: what the attacker's radio hears is also handed to a recorder, which gives it back to the
# radio later. It passes no MAC: that would give it the attacker's own number, and wait for a free
# channel.

namespace eval ::scn::attack::replay {
    # Frames under way at most.
    variable memory 100000
    # s, beyond the delay that is asked for.
    variable detours {0 0.007 0.013 0.023}
    # Packet types of ns-2.35 that are not replayed: ARP, AODV, and MAC, which is that of frames
    # without data, whose flow would be read as 0.
    variable spared {34 38 35}
}

proc ::scn::attack::replay::build {context attack} {
    foreach attacker [dict get $attack build] {
        build_recorder $context $attack $attacker
    }
}

proc ::scn::attack::replay::build_recorder {context attack attacker} {
    variable detours
    set ns [dict get $context ns]
    set null [$ns nullagent]
    set id [dict get $attacker node]
    set radio [[dict get $context nodes $id] set netif_(0)]
    set mac [$radio up-target]

    # Turns what came up into what goes down, while the attack lasts.
    set turn [new Phy/Repeater]
    $turn up-target [::scn::emit::attacks::log $context $id Send MAC $radio]
    set again [::scn::emit::attacks::gate $context $attack $null $turn]
    # In turns over delay lines of different lengths: with one, what is replayed of a periodic flow
    # would meet the same packet of another each time.
    set lines [new Classifier/MultiPath]
    foreach more $detours {
        $lines installNext [delay_line [expr {[dict get $attack parameters replay_delay] + $more}] \
            $again $null]
    }

    set share [new ErrorModel]
    $share unit pkt
    $share set rate_ [expr {1 - [dict get $attack parameters replay_share]}]
    $share ranvar [::scn::emit::attacks::uniform [dict get $attacker seed]]
    $share target $lines
    $share drop-target $null
    $radio up-target [::scn::emit::attacks::gate $context $attack $mac \
        [::scn::emit::attacks::replicator [filter_frames $context $attacker $share $null] $mac]]
}

# A link wants a queue before it, which it calls back.
# Results: what hands packets on `delay` s later
proc ::scn::attack::replay::delay_line {delay onward null} {
    variable memory
    set queue [new Queue/DropTail]
    $queue set limit_ $memory
    $queue drop-target $null
    set line [new DelayLink]
    $line set bandwidth_ 1Gb
    $line set delay_ $delay
    $queue target $line
    $line target $onward
    return $queue
}

# Results: what passes good frames with the data of the flows, for others, to `onward`
proc ::scn::attack::replay::filter_frames {context attacker onward null} {
    variable spared
    set type [PktHdr_offset PacketHeader/Common ptype_]
    set head $null
    foreach fid [dict get $attacker fids] {
        set head [::scn::emit::filter [::scn::emit::attacks::ip_offset fid] $fid $onward $head]
    }
    set own [::scn::plan::address [dict get $context plan] [dict get $attacker node]]
    foreach value [list $own -1] {
        set head [::scn::emit::filter [::scn::emit::attacks::ip_offset dst] $value $null $head]
    }
    foreach value $spared {
        set head [::scn::emit::filter $type $value $null $head]
    }
    return [::scn::emit::filter [PktHdr_offset PacketHeader/Common error_] 0 $head $null]
}
