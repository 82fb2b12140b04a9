# flood, with route requests: a second AODV of the bot's address, which is told to send to nodes
# that do not exist. It hears nothing, so that it asks and never forwards. Its requests go out over
# the bot's own radio, traced as all are. The bot's own AODV is no choice: nothing can make it give
# up at the stop.

proc ::scn::attack::flood::build {context attack} {
    foreach bot [dict get $attack build] {
        build_bot $context $attack $bot
    }
}

proc ::scn::attack::flood::build_bot {context attack bot} {
    set ns [dict get $context ns]
    set id [dict get $bot node]
    set node [dict get $context nodes $id]
    set null [$ns nullagent]
    set sent [$node set ll_(0)]
    if {[::scn::emit::radio::traces $context RTR]} {
        set sent [$node mobility-trace Send RTR]
        $sent target [$node set ll_(0)]
    }
    set router [new Agent/AODV [$node node-addr]]
    $router set agent_addr_ [$node node-addr]
    $router set agent_port_ 255
    $router if-queue [$node set ifq_(0)]
    $router port-dmux [new Classifier/Port]
    $router drop-target $null
    $router target [::scn::emit::attacks::gate $context $attack $null $sent]
    # Its data never leave it.
    set agent [new Agent/UDP]
    $agent set agent_addr_ [$node node-addr]
    $agent set agent_port_ 0
    $agent target $router
    $ns at [dict get $bot start] [list $router start]
    $ns at [dict get $bot start] [list ::scn::attack::flood::seek $context $attack $agent \
        [llength [dict get $context plan nodes]]]
}

# Seeks one more node, and then the next.
proc ::scn::attack::flood::seek {context attack agent nobody} {
    set ns [dict get $context ns]
    $agent set dst_addr_ $nobody
    $agent set dst_port_ 0
    $agent send 1
    set next [expr {[$ns now] + 1 / [dict get $attack parameters flood_requests]}]
    if {$next < [dict get $attack stop]} {
        $ns at $next [list ::scn::attack::flood::seek $context $attack $agent [incr nobody]]
    }
}
